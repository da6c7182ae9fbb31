/** Memory of struct page_pool (mm/slub.c): kzalloc() may fail, kfree() leaves nothing behind. */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../step.ts'
import { fails } from '../fault.ts'
import { poolAllocated, poolFreed } from '../../ledger/pools.ts'
import { refuseQueued } from '../sync/workqueue.ts'
import type { Pool, World } from '../world.ts'

/** @returns true when there is no memory. */
export const kzalloc_pool = (pool: Pool): Steps<boolean> =>
  fails('kzalloc(struct page_pool)', (w) => poolAllocated(w, pool))
/** @param destroyed by __page_pool_destroy(), which is what recorders hear; one that was never made is not. */
export const kfree_pool = (pool: Pool, destroyed = false): Steps =>
  step('kfree(pool)', (w) => {
    refuseQueued(w, pool)
    readsAsNothing(w, pool)
    poolFreed(w, pool)
    if (destroyed) w.trace?.('pool_free', pool)
  })
/** One freed pool is like another. Locks stay as they were. */
function readsAsNothing(w: World, pool: Pool): void {
  if (w.scope.goesOnAfterMistakes) return
  const it = w.pool(pool)
  it.destroy_cnt = 0
  it.pages_state_hold_cnt = 0
  it.pages_state_release_cnt = 0
  it.dma_map = false
  it.dma_sync = false
  it.napi = false
  it.cpuid = NONE
}
