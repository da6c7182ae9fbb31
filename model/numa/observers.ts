/**
 * What is true of a refill, an allocation and a change of node, held against what the functions that are watched
 * did. They are entered and left without knowing it: nothing of this stands in kernel code.
 */
import { indexOf, NONE, flag, noted, ref, uint, type View } from '../../engine/state/layout.ts'
import type { Observers } from '../../engine/program/observers.ts'
import { truth } from '../ledger/truth.ts'
import type { Scope } from '../scope/bounds.ts'
import { preferredNode } from '../world/nodes.ts'
import { contexts } from '../world/sync/contexts.ts'
import type { Page, Pool, World } from '../world/world.ts'

export const refillTruth = (s: Scope) => ({
  /** The context that refills alloc.cache from the ring, and what it did so far: pages taken, and of those released. */
  refilled_by: noted(s.nodes > 1, ref('context', contexts.length), NONE),
  refill_taken: noted(s.nodes > 1, uint(s.bulk + 2), 0),
  refill_released: noted(s.nodes > 1, uint(s.bulk + 2), 0),
  /** It met a page from another node. */
  refill_met_remote: noted(s.nodes > 1, flag(), false),
})
declare module '../world/world.ts' {
  interface PoolTruth extends View<ReturnType<typeof refillTruth>> {}
}

const isLocal = (w: World, pool: Pool, page: Page): boolean =>
  w.page(page).nid === preferredNode(w, pool)
/** One more, up to what is enough to tell a refill that took too many. */
const raised = (w: World, n: number): number => Math.min(n + 1, w.scope.bulk + 2)

function begins(w: World, pool: Pool, by: number): void {
  const it = truth(w).pool(pool)
  it.refilled_by = by
  it.refill_taken = 0
  it.refill_released = 0
  it.refill_met_remote = false
}
/** What an allocation is held to is what was in the ring when it looked: what comes back later is nobody's fault. */
function looksAtRing(w: World, pool: Pool): void {
  for (const page of w.page.refs) truth(w).page(page).was_in_ring = w.pool(pool).ring.has(page)
}
function looksAway(w: World): void {
  for (const it of truth(w).page.all) it.was_in_ring = false
}
const isRefilling = (w: World, pool: Pool): boolean => truth(w).pool(pool).refilled_by === w.current

function takes(w: World, pool: Pool, page: Page): void {
  const it = truth(w).pool(pool)
  if (it.refill_taken >= w.scope.bulk)
    w.report('refill-size', `a refill takes page ${indexOf(page)} after ${w.scope.bulk} others`)
  it.refill_taken = raised(w, it.refill_taken)
  if (!isLocal(w, pool, page)) it.refill_met_remote = true
}
function releases(w: World, pool: Pool, page: Page): void {
  const it = truth(w).pool(pool)
  releasedForItsNode(w, pool, page)
  it.refill_released = raised(w, it.refill_released)
  if (it.refill_released > 1)
    w.report('refill-releases-many', `${it.refill_released} pages are released in one refill`)
}
function releasedForItsNode(w: World, pool: Pool, page: Page): void {
  if (isLocal(w, pool, page))
    w.report(
      'local-page-released',
      `page ${indexOf(page)} is released for its node, which is the preferred one`,
    )
}
/** It took a bulk, met a page from elsewhere, or left the ring empty. */
function ends(w: World, pool: Pool, returned: Page): void {
  const it = truth(w).pool(pool)
  const cached = w.pool(pool).alloc_cache.toArray()
  for (const page of returned === NONE ? cached : [...cached, returned])
    if (!isLocal(w, pool, page))
      w.report(
        'remote-page-refilled',
        `page ${indexOf(page)} of node ${w.page(page).nid} is refilled, node ${preferredNode(w, pool)} is preferred`,
      )
  const left = truth(w).page.all.filter((page) => page.was_in_ring && page.place === 'ring').length
  if (it.refill_taken < w.scope.bulk && it.refill_released === 0 && left > 0)
    w.report('refill-size', `a refill ends after ${it.refill_taken} pages, ${left} are left`)
  begins(w, pool, NONE)
}
function failed(w: World, pool: Pool): void {
  const left = w.page.refs.flatMap((page) => {
    const { place, of, was_in_ring } = truth(w).page(page)
    const there = (was_in_ring && place === 'ring') || place === 'alloc cache'
    return there && of === pool && isLocal(w, pool, page)
      ? [`page ${indexOf(page)} in the ${place}`]
      : []
  })
  if (left.length > 0)
    w.report('allocation-failed-with-pages', `no page is allocated; ${left.join(', ')}`)
}

export const numaObservers: Observers<World> = {
  __ptr_ring_empty: { returns: (w, _empty: boolean, pool: Pool) => looksAtRing(w, pool) },
  /** What of page_pool_refill_alloc_cache() stands under consumer_lock, in kernels that take it. */
  refill: {
    enters: (w, pool: Pool) => begins(w, pool, w.current),
    returns: (w, page: Page, pool: Pool) => ends(w, pool, page),
  },
  __ptr_ring_consume: {
    returns: (w, page: Page, pool: Pool) => {
      if (page !== NONE && isRefilling(w, pool)) takes(w, pool, page)
    },
  },
  page_pool_return_page: {
    enters: (w, pool: Pool, page: Page) => {
      if (isRefilling(w, pool)) releases(w, pool, page)
    },
  },
  page_pool_alloc_pages: {
    returns: (w, page: Page, pool: Pool) => {
      if (page === NONE) failed(w, pool)
      looksAway(w)
    },
  },
  /** Of 5.5. A page with other users is released for that. */
  pool_page_reusable: {
    returns: (w, reusable: boolean, pool: Pool, page: Page) => {
      if (!reusable && w.page(page).refcount === 1) releasedForItsNode(w, pool, page)
    },
  },
  page_pool_update_nid: {
    returns: (w, _: undefined, pool: Pool) => {
      for (const page of w.pool(pool).alloc_cache.toArray())
        if (!isLocal(w, pool, page))
          w.report(
            'remote-page-kept',
            `page ${indexOf(page)} of node ${w.page(page).nid} stays in the cache, node ${preferredNode(w, pool)} is preferred`,
          )
    },
  },
}
