/**
 * The xarray of pages a pool has mapped: pool->dma_mapped, XA_FLAGS_ALLOC1 (include/linux/xarray.h). Slot n is
 * id n + 1. xa_alloc() and xa_cmpxchg() hold the xa_lock and are one step each.
 */
import { array, NONE, ref } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../step.ts'
import { fails } from '../fault.ts'
import type { Page, Pool, World } from '../world.ts'

/** The field of struct page_pool. @param pages as many as may be mapped at once */
export const dmaMapped = (pages: number) => ({
  dma_mapped: array('dma_index', pages, { page: ref('page', pages) }),
})
interface Slot {
  page: Page
}
interface Tracked {
  readonly dma_mapped: { (slot: number): Slot; readonly all: readonly Slot[] }
}
const slots = (w: World, pool: Pool): Tracked['dma_mapped'] => w.pool<Tracked>(pool).dma_mapped
/** Where a new entry goes; undefined when every slot is taken. */
function freeSlot(w: World, pool: Pool): Slot | undefined {
  const all = slots(w, pool)
  const free = all.all.find((slot) => slot.page === NONE)
  return free ?? (w.scope.pages === Infinity ? all(all.all.length) : undefined)
}

/** @returns true when there is no memory. */
export const xa_alloc = (pool: Pool, page: Page): Steps<boolean> =>
  fails(
    'xa_alloc(&pool->dma_mapped, &id, page)',
    (w) => {
      freeSlot(w, pool)!.page = page
    },
    undefined,
    (w) => freeSlot(w, pool) !== undefined,
  )
/** The id under which a page was entered, 1 and up. */
export const xa_id = (w: World, pool: Pool, page: Page): number =>
  slots(w, pool).all.findIndex((slot) => slot.page === page) + 1
/** @returns whether the page was under this id, and is no more. */
export const xa_cmpxchg = (pool: Pool, id: number, page: Page): Steps<boolean> =>
  step('xa_cmpxchg(&pool->dma_mapped, id, page, NULL)', (w) => {
    const slot = slots(w, pool)(id - 1)
    if (slot.page !== page) return false
    slot.page = NONE
    return true
  })
export const xa_empty = (pool: Pool): Steps<boolean> =>
  step('xa_empty(&pool->dma_mapped)', (w) => slots(w, pool).all.every((slot) => slot.page === NONE))
/** One step of xa_for_each(): the page in a slot, NONE, or `end` where the xarray ends before its bound. */
export const xa_find = (pool: Pool, slot: number): Steps<Page | 'end'> =>
  step('xa_find(&pool->dma_mapped)', (w) => {
    const all = slots(w, pool)
    return w.scope.pages === Infinity && slot >= all.all.length ? 'end' : all(slot).page
  })
/** What is in it is forgotten, not unmapped. */
export function xa_destroy(w: World, pool: Pool): void {
  const left = slots(w, pool).all.filter((slot) => slot.page !== NONE)
  for (const slot of left) slot.page = NONE
  if (left.length > 0) w.trace?.('xa_destroy', left.length)
}
