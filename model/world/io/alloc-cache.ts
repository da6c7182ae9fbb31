/**
 * `pool->alloc`: pages at hand, of the one context that may use them. No lock: the context is the protection,
 * so whoever is inside is noted between two steps (net/core/page_pool.c, struct pp_alloc_cache).
 */
import { step, type Steps } from '../../step.ts'
import { entersCache, leavesCache } from '../../ledger/alloc-cache.ts'
import { stored, taken } from '../../ledger/pages.ts'
import type { Page, Pool } from '../world.ts'
import { list, type View } from '../../../engine/state/layout.ts'
import type { Scope } from '../../scope/bounds.ts'

export const allocCache = (s: Scope) => ({ alloc_cache: list('page', s.pages, s.cacheSize) })
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof allocCache>> {}
}

/** Who sees that there is a page goes on to take it. */
export const alloc_count = (pool: Pool): Steps<number> =>
  step('pool->alloc.count', (w) => {
    entersCache(w, pool)
    const { length } = w.pool(pool).alloc_cache
    if (length === 0) leavesCache(w, pool)
    return length
  })
/** Is it full? Who sees that it is not goes on to put a page into it. */
export const alloc_is_full = (pool: Pool): Steps<boolean> =>
  step('pool->alloc.count == PP_ALLOC_CACHE_SIZE', (w) => {
    if (w.pool(pool).alloc_cache.length === w.scope.cacheSize) return true
    entersCache(w, pool)
    return false
  })
export const alloc_pop = (pool: Pool): Steps<Page> =>
  step('page = pool->alloc.cache[--pool->alloc.count]', (w) => {
    entersCache(w, pool)
    leavesCache(w, pool)
    const page = w.pool(pool).alloc_cache.pop()
    taken(w, page, 'alloc cache')
    return page
  })
/** @returns false when PP_ALLOC_CACHE_REFILL pages are in it. */
export const alloc_push = (pool: Pool, page: Page): Steps<boolean> =>
  step('pool->alloc.cache[pool->alloc.count++] = page', (w) => {
    entersCache(w, pool)
    leavesCache(w, pool)
    stored(w, page, 'alloc cache')
    w.pool(pool).alloc_cache.push(page)
    return w.pool(pool).alloc_cache.length < w.scope.bulk
  })
