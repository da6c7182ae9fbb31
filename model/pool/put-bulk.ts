/** page_pool_put_page_bulk() (net/core/page_pool.c): one lock for all pages that go into the ring. */
import { call, step, type Steps } from '../../engine/step.ts'
import { in_softirq } from '../world/context.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/lock.ts'
import { __ptr_ring_produce } from '../world/ptr-ring.ts'
import type { Page, Pool } from '../world/world.ts'
import { ALL, type PagePool } from './page-pool.ts'

/** What may not be recycled is released on the spot, the ring is filled, the rest is released. */
export function* page_pool_put_page_bulk(
  this: PagePool,
  pool: Pool,
  ...pages: readonly Page[]
): Steps {
  const allow_direct = yield* this.bulk_allows_direct(pool)
  const bulk: Page[] = []
  for (const page of pages) {
    if (this.scope.frags && !(yield* call(this.page_pool_is_last_frag, pool, page))) continue
    if (yield* call(this.__page_pool_put_page, pool, page, allow_direct, ALL)) bulk.push(page)
  }
  if (bulk.length === 0) return
  const softirq = yield* step('in_softirq()', in_softirq)
  yield* call(softirq ? spin_lock : spin_lock_bh, 'pool.producer_lock', pool)
  let produced = 0
  while (produced < bulk.length && (yield* call(__ptr_ring_produce, pool, bulk[produced]!)))
    produced += 1
  if (produced < bulk.length) yield* this.stat_inc(pool, 'ring_full')
  for (let i = 0; i < produced; i += 1) yield* this.stat_inc(pool, 'ring')
  yield* call(softirq ? spin_unlock : spin_unlock_bh, 'pool.producer_lock', pool)
  for (const page of bulk.slice(produced)) yield* call(this.page_pool_return_page, pool, page)
}
