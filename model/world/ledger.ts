/** What is true about nodes, and for now the door to model/ledger. */
import { flag, indexOf, NONE, noted, uint, type View } from '../../engine/state/layout.ts'
import { truth } from '../ledger/truth.ts'
import type { Scope } from '../scope/bounds.ts'
import type { Page, Pool, World } from './world.ts'

export * from '../ledger/alloc-cache.ts'
export * from '../ledger/allocators.ts'
export * from '../ledger/counts.ts'
export * from '../ledger/descriptors.ts'
export * from '../ledger/fragments.ts'
export * from '../ledger/pages.ts'
export * from '../ledger/pools.ts'
export * from '../ledger/truth.ts'

export const ringTruth = (s: Scope) => ({
  /** Lay in the ring when an allocation that is not over yet looked there. */
  was_in_ring: noted(s.nodes > 1, flag(), false),
})
export const refillTruth = (s: Scope) => ({
  /** The refill under way: pages taken from the ring, and those of them that were released. */
  refill_taken: noted(s.nodes > 1, uint(s.bulk + 2), 0),
  refill_released: noted(s.nodes > 1, uint(s.bulk + 2), 0),
  /** It met a page from another node. */
  refill_met_remote: noted(s.nodes > 1, flag(), false),
})
declare module './world.ts' {
  interface PageTruth extends View<ReturnType<typeof ringTruth>> {}
  interface PoolTruth extends View<ReturnType<typeof refillTruth>> {}
}

/** The node pages of this pool should lie on: the one asked for, or that of the CPU NAPI runs on. */
export const preferredNode = (w: World, pool: Pool): number => {
  const { nid } = w.pool(pool)
  return nid === NONE ? w.numa_mem_id : nid
}
const isLocal = (w: World, pool: Pool, page: Page): boolean =>
  w.page(page).nid === preferredNode(w, pool)

/**
 * An allocation looks at the ring. What it is held to is what was there by then: a page that comes back
 * from another CPU later is nobody's fault.
 */
export function looksAtRing(w: World, pool: Pool): void {
  if (w.scope.nodes === 1) return
  startsCount(w, pool)
  // Where pages have no end nobody asks, and looking at all of them takes too long.
  if (w.scope.pages === Infinity) return
  for (const page of w.page.refs) truth(w).page(page).was_in_ring = w.pool(pool).ring.has(page)
}
/** The allocation has got its page, or none. */
function looksAway(w: World): void {
  for (const it of truth(w).page.all) it.was_in_ring = false
}
function startsCount(w: World, pool: Pool): void {
  const it = truth(w).pool(pool)
  it.refill_taken = 0
  it.refill_released = 0
  it.refill_met_remote = false
}
function refillTakes(w: World, pool: Pool, page: Page): void {
  const it = truth(w).pool(pool)
  it.refill_taken = Math.min(it.refill_taken + 1, w.scope.bulk + 2)
  if (it.refill_taken > w.scope.bulk)
    w.report('refill-size', `a refill takes page ${indexOf(page)} after ${w.scope.bulk} others`)
  if (!isLocal(w, pool, page)) it.refill_met_remote = true
}
/** The page goes into the cache, or is handed out at once. */
export function refillCaches(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  refillTakes(w, pool, page)
  if (!isLocal(w, pool, page))
    w.report(
      'remote-page-refilled',
      `page ${indexOf(page)} of node ${w.page(page).nid} is refilled, node ${preferredNode(w, pool)} is preferred`,
    )
}
/** The page is released because of its node. */
export function refillReleases(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  refillTakes(w, pool, page)
  releasedForItsNode(w, pool, page)
  const it = truth(w).pool(pool)
  it.refill_released = Math.min(it.refill_released + 1, w.scope.bulk + 2)
  if (it.refill_released > 1)
    w.report('refill-releases-many', `${it.refill_released} pages are released in one refill`)
}
/** The refill is over: it took a bulk, met a page from elsewhere, or left the ring empty. */
export function refillEnds(w: World, pool: Pool): void {
  if (w.scope.nodes === 1 || w.scope.pages === Infinity) return
  const it = truth(w).pool(pool)
  const left = truth(w).page.all.filter((page) => page.was_in_ring && page.place === 'ring').length
  if (it.refill_taken < w.scope.bulk && it.refill_released === 0 && left > 0)
    w.report('refill-size', `a refill ends after ${it.refill_taken} pages, ${left} are left`)
  startsCount(w, pool)
}
/** pool->alloc.cache has a page for page_pool_alloc_pages(). */
export function allocationSucceeds(w: World): void {
  if (w.scope.nodes > 1 && w.scope.pages !== Infinity) looksAway(w)
}
/** A page is released because of its node, which is the truth's to judge. */
export function releasedForItsNode(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  if (isLocal(w, pool, page))
    w.report(
      'local-page-released',
      `page ${indexOf(page)} is released for its node, which is the preferred one`,
    )
}
/** page_pool_alloc_pages() returns NULL. */
export function allocationFailed(w: World, pool: Pool): void {
  const left = w.page.refs.flatMap((page) => {
    const { place, of, was_in_ring } = truth(w).page(page)
    const there = (was_in_ring && place === 'ring') || place === 'alloc cache'
    return there && of === pool && isLocal(w, pool, page)
      ? [`page ${indexOf(page)} in the ${place}`]
      : []
  })
  if (left.length > 0)
    w.report('allocation-failed-with-pages', `no page is allocated; ${left.join(', ')}`)
  looksAway(w)
}
/** page_pool_update_nid() returns. */
export function nidIsSet(w: World, pool: Pool): void {
  for (const page of w.pool(pool).alloc_cache.toArray())
    if (!isLocal(w, pool, page))
      w.report(
        'remote-page-kept',
        `page ${indexOf(page)} of node ${w.page(page).nid} stays in the cache, node ${preferredNode(w, pool)} is preferred`,
      )
}
