/**
 * page_pool as every design since 2018 has it (net/core/page_pool.c; names and order of 6.12 before
 * the 2025 rework). A design overrides the functions it changes, and nothing else. One class because
 * page_pool.c is one file and the functions call each other through the design.
 */
import { NONE } from '../../engine/layout.ts'
import { call, choose, local, loop, step, type Steps } from '../../engine/step.ts'
import type { Scope } from '../scope.ts'
import { in_softirq } from '../world/context.ts'
import { dma_map_page, dma_sync_for_device, dma_unmap_page } from '../world/dma.ts'
import { fails, mayFail } from '../world/fault.ts'
import {
  entersCache,
  leavesCache,
  poolAllocated,
  poolFreed,
  stored,
  taken,
} from '../world/ledger.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/lock.ts'
import { freePages, put_page, take_page } from '../world/page.ts'
import { __ptr_ring_consume, __ptr_ring_produce } from '../world/ptr-ring.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { hold, page_pool_inflight, release } from './accounting.ts'

export class PagePool {
  readonly scope: Scope
  constructor(scope: Scope) {
    this.scope = scope
  }

  // ---- create -------------------------------------------------------------------------------

  *page_pool_create(): Steps<Pool> {
    const pool: Pool = 0
    if (yield* fails('kzalloc(struct page_pool)', (w) => poolAllocated(w, pool))) return NONE
    yield* choose('page_pool_init(pool)', this.scope.counterStarts, (w: World, start) => {
      const it = w.pool(pool)
      it.user_cnt = 1
      it.dma_map = true
      it.dma_sync = w.scope.dmaSync
      it.napi = true
      it.pages_state_hold_cnt = start
      it.pages_state_release_cnt = start
    })
    yield* call(this.page_pool_init, pool)
    return pool
  }
  /** What a design sets up in page_pool_init(). */
  *page_pool_init(_pool: Pool): Steps {}

  // ---- alloc: cache -> ring -> page allocator, in NAPI context ------------------------------

  *page_pool_alloc_pages(pool: Pool): Steps<Page> {
    const cached = yield* call(this.__page_pool_get_cached, pool)
    if (cached !== NONE) return cached
    return yield* call(this.__page_pool_alloc_pages_slow, pool)
  }
  *__page_pool_get_cached(pool: Pool): Steps<Page> {
    const page = yield* call(this.pop_alloc_cache, pool)
    if (page !== NONE) return page
    return yield* call(this.page_pool_refill_alloc_cache, pool)
  }
  /** pool->alloc.cache[--pool->alloc.count]: no lock, the context is the protection. */
  *pop_alloc_cache(pool: Pool): Steps<Page> {
    const count = yield* step('pool->alloc.count', (w: World) => {
      entersCache(w, pool)
      const { length } = w.pool(pool).alloc_cache
      if (length === 0) leavesCache(w, pool)
      return length
    })
    if (count === 0) return NONE
    return yield* step('pool->alloc.cache[--pool->alloc.count]', (w: World) => {
      entersCache(w, pool)
      leavesCache(w, pool)
      const page = w.pool(pool).alloc_cache.pop()
      taken(w, page, 'alloc cache')
      return page
    })
  }
  /** The last page consumed is returned, the others stay in the cache. No lock since 5.17. */
  *page_pool_refill_alloc_cache(pool: Pool): Steps<Page> {
    const empty = yield* step('__ptr_ring_empty(r)', (w: World) => w.pool(pool).ring.length === 0)
    if (empty) return NONE
    yield* loop(this.refill_one, pool)
    return yield* call(this.pop_alloc_cache, pool)
  }
  *refill_one(pool: Pool): Steps<boolean> {
    const page = yield* call(__ptr_ring_consume, pool)
    if (page === NONE) return false
    return yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w: World) => {
      this.push_alloc_cache(w, pool, page)
      return w.pool(pool).alloc_cache.length < this.scope.bulk
    })
  }
  /** __page_pool_alloc_pages_slow(): the bulk is allocated first, then mapped one by one. */
  *__page_pool_alloc_pages_slow(pool: Pool): Steps<Page> {
    const pages: Page[] = []
    for (let i = 0; i < this.scope.bulk; i += 1) {
      const page = yield* choose(
        'alloc_pages_node()',
        (w: World) => {
          const free = freePages(w)
          return mayFail(w) || free.length === 0 ? [...free, NONE] : free
        },
        (w: World, picked) => {
          if (picked !== NONE) take_page(w, picked, pool)
          else if (freePages(w).length > 0) w.faults_left -= 1
          return picked
        },
      )
      if (page === NONE) break
      pages.push(page)
    }
    for (const page of pages) yield* call(this.adopt_page, pool, page)
    return yield* call(this.pop_alloc_cache, pool)
  }
  /** One page of the bulk: dma map, page_pool_set_pp_info(), cache, hold count. */
  *adopt_page(pool: Pool, page: Page): Steps {
    const mapped = yield* call(this.page_pool_dma_map, pool, page)
    if (!mapped) {
      yield* call(put_page, page)
      return
    }
    yield* call(this.page_pool_set_pp_info, pool, page)
    yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w: World) =>
      this.push_alloc_cache(w, pool, page),
    )
    yield* call(hold, pool, page)
  }
  *page_pool_set_pp_info(pool: Pool, page: Page): Steps {
    yield* step('page->pp = pool', (w: World) => {
      w.page(page).pp = pool
    })
    yield* step('page->pp_magic |= PP_SIGNATURE', (w: World) => {
      w.page(page).pp_magic = true
    })
  }
  push_alloc_cache(w: World, pool: Pool, page: Page): void {
    entersCache(w, pool)
    leavesCache(w, pool)
    stored(w, page, 'alloc cache')
    w.pool(pool).alloc_cache.push(page)
  }

  /** page_pool_dma_map(): false when the mapping fails. */
  *page_pool_dma_map(pool: Pool, page: Page): Steps<boolean> {
    const failed = yield* fails('dma_map_page_attrs(pool->p.dev)', (w) => {
      if (w.pool(pool).dma_map) dma_map_page(w, page)
    })
    if (failed) return false
    yield* step('page_pool_set_dma_addr(page, dma)', (w: World) => {
      w.page(page).dma_addr = true
    })
    return true
  }

  // ---- put: any context ----------------------------------------------------------------------

  /** page_pool_put_unrefed_page(): the caller was the last user of the page. */
  *page_pool_put_page(pool: Pool, page: Page, allow_direct: boolean): Steps {
    const alone = yield* step(
      'page_ref_count(page) == 1',
      (w: World) => w.page(page).refcount === 1,
    )
    if (alone) {
      yield* call(this.page_pool_dma_sync_for_device, pool, page)
      if (allow_direct && (yield* call(this.page_pool_recycle_in_cache, pool, page))) return
      if (yield* call(this.page_pool_recycle_in_ring, pool, page)) return
    }
    yield* call(this.page_pool_return_page, pool, page)
  }
  *page_pool_dma_sync_for_device(pool: Pool, page: Page): Steps {
    yield* step('dma_sync_single_range_for_device()', (w: World) => {
      if (w.pool(pool).dma_sync) dma_sync_for_device(w, page)
    })
  }
  *page_pool_recycle_in_cache(pool: Pool, page: Page): Steps<boolean> {
    const full = yield* step('pool->alloc.count == PP_ALLOC_CACHE_SIZE', (w: World) => {
      const cache = w.pool(pool).alloc_cache
      if (cache.length === cache.capacity) return true
      entersCache(w, pool)
      return false
    })
    if (full) return false
    yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w: World) =>
      this.push_alloc_cache(w, pool, page),
    )
    return true
  }
  /** ptr_ring_produce() or its _bh form, decided once. */
  *page_pool_recycle_in_ring(pool: Pool, page: Page): Steps<boolean> {
    const softirq = yield* local('in_softirq()', in_softirq)
    yield* call(softirq ? spin_lock : spin_lock_bh, 'pool.producer_lock', pool)
    const done = yield* call(__ptr_ring_produce, pool, page)
    yield* call(softirq ? spin_unlock : spin_unlock_bh, 'pool.producer_lock', pool)
    return done
  }

  /** page_pool_return_page(): unmap, count, forget, give the page back. */
  *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* call(this.page_pool_release_page_dma, pool, page)
    yield* call(release, pool, page)
    yield* call(this.page_pool_clear_pp_info, page)
    yield* call(put_page, page)
  }
  *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const mapped = yield* step('if (!pool->dma_map)', (w: World) => w.pool(pool).dma_map)
    if (!mapped) return
    yield* step('dma_unmap_page_attrs(pool->p.dev)', (w: World) => this.unmap(w, pool, page))
    yield* step('page_pool_set_dma_addr(page, 0)', (w: World) => {
      w.page(page).dma_addr = false
    })
  }
  /** dma_unmap_page_attrs(pool->p.dev): the device is read from the pool. */
  unmap(w: World, pool: Pool, page: Page): void {
    w.pool(pool)
    dma_unmap_page(w, page)
  }
  *page_pool_clear_pp_info(page: Page): Steps {
    yield* step('page->pp_magic = 0', (w: World) => {
      w.page(page).pp_magic = false
    })
    yield* step('page->pp = NULL', (w: World) => {
      w.page(page).pp = NONE
    })
  }

  // ---- destroy -------------------------------------------------------------------------------

  *page_pool_destroy(pool: Pool): Steps {
    const last = yield* step('refcount_dec_and_test(&pool->user_cnt)', (w: World) => {
      w.pool(pool).user_cnt -= 1
      return w.pool(pool).user_cnt === 0
    })
    if (!last) return
    yield* call(this.page_pool_disable_direct_recycling, pool)
    const inflight = yield* call(this.page_pool_release, pool)
    if (inflight === 0) return
    yield* call(this.page_pool_before_defer, pool)
    yield* step('schedule_delayed_work(&pool->release_dw)', (w: World) => {
      w.pool(pool).release_dw = true
    })
  }
  /** What a design does between finding pages in flight and deferring the release. */
  *page_pool_before_defer(_pool: Pool): Steps {}

  *page_pool_disable_direct_recycling(pool: Pool): Steps {
    yield* step('WRITE_ONCE(pool->p.napi, NULL)', (w: World) => {
      w.pool(pool).napi = false
    })
  }
  /** page_pool_release(): scrub, and free the pool when nothing is in flight. Returns what is. */
  *page_pool_release(pool: Pool): Steps<number> {
    yield* call(this.page_pool_scrub, pool)
    const inflight = yield* call(page_pool_inflight, pool)
    if (inflight === 0) yield* call(this.__page_pool_destroy, pool)
    return inflight
  }
  /** page_pool_release_retry(), the delayed work. */
  *page_pool_release_retry(pool: Pool): Steps {
    const inflight = yield* call(this.page_pool_release, pool)
    if (inflight === 0) return
    yield* step('schedule_delayed_work(&pool->release_dw)', (w: World) => {
      w.pool(pool).release_dw = true
    })
  }

  *page_pool_scrub(pool: Pool): Steps {
    yield* call(this.page_pool_empty_alloc_cache_once, pool)
    yield* step('pool->destroy_cnt++', (w: World) => {
      w.pool(pool).destroy_cnt = Math.min(2, w.pool(pool).destroy_cnt + 1)
    })
    yield* call(this.page_pool_empty_ring, pool)
  }
  *page_pool_empty_alloc_cache_once(pool: Pool): Steps {
    const again = yield* step('if (pool->destroy_cnt)', (w: World) => w.pool(pool).destroy_cnt > 0)
    if (!again) yield* loop(this.empty_cache_slot, pool)
  }
  *empty_cache_slot(pool: Pool): Steps<boolean> {
    const page = yield* call(this.pop_alloc_cache, pool)
    if (page === NONE) return false
    yield* call(this.page_pool_return_page, pool, page)
    return true
  }
  *page_pool_empty_ring(pool: Pool): Steps {
    yield* loop(this.empty_ring_slot, pool)
  }
  /** ptr_ring_consume_bh(), then page_pool_return_page(). */
  *empty_ring_slot(pool: Pool): Steps<boolean> {
    yield* call(spin_lock_bh, 'pool.consumer_lock', pool)
    const page = yield* call(__ptr_ring_consume, pool)
    yield* call(spin_unlock_bh, 'pool.consumer_lock', pool)
    if (page === NONE) return false
    yield* call(this.page_pool_return_page, pool, page)
    return true
  }

  /** __page_pool_destroy(): page_pool_uninit() and kfree(). */
  *__page_pool_destroy(pool: Pool): Steps {
    yield* call(this.page_pool_uninit, pool)
    yield* step('kfree(pool)', (w: World) => {
      if (w.pool(pool).release_dw)
        w.report('use-of-freed-pool', 'the pool is freed while its release_dw is queued')
      this.forget(w, pool)
      poolFreed(w, pool)
    })
  }
  /** What a design tears down in page_pool_uninit(). */
  *page_pool_uninit(_pool: Pool): Steps {}

  /** Freed memory reads as nothing: one freed pool is like another. Locks stay as they were. */
  private forget(w: World, pool: Pool): void {
    const it = w.pool(pool)
    it.destroy_cnt = 0
    it.pages_state_hold_cnt = 0
    it.pages_state_release_cnt = 0
    it.dma_map = false
    it.dma_sync = false
  }
}
