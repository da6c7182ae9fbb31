/**
 * page_pool as every design since 2018 has it (net/core/page_pool.c; names and order of 6.12 before
 * the 2025 rework). A design overrides the functions it changes, and nothing else. One class because
 * page_pool.c is one file and the functions call each other through the design.
 */
import { NONE } from '../../engine/state/layout.ts'
import { again, choose, functions, local, step, type Steps } from '../step.ts'
import type { Scope } from '../scope/bounds.ts'
import { in_softirq, lockdep_assert_no_hardirq } from '../world/sync/context.ts'
import { dma_map_page, dma_sync_for_device, dma_unmap_page } from '../world/io/dma.ts'
import { fails, mayFail } from '../world/fault.ts'
import { ENOMEM } from '../world/memory/ida.ts'
import {
  allocationFailed,
  allocationSucceeds,
  entersCache,
  fragmentsGivenUp,
  leavesCache,
  looksAtRing,
  nidIsSet,
  poolAllocated,
  poolFreed,
  refillCaches,
  refillEnds,
  refillReleases,
  releasedForItsNode,
  stored,
  taken,
} from '../world/ledger.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/sync/lock.ts'
import { freePages, lies_on_node, put_page, take_page } from '../world/memory/page.ts'
import type { PoolStat } from './fields.ts'
import { pr_crit, pr_warn } from '../world/printk.ts'
import {
  __ptr_ring_consume,
  __ptr_ring_produce,
  ptr_ring_consume_bh,
} from '../world/io/ptr-ring.ts'
import { refcount_dec } from '../world/memory/refcount.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { hold, page_pool_inflight, release } from './accounting.ts'
import { __page_pool_init, DEFER_WARN_INTERVAL, warnStalled } from './create.ts'
import { page_pool_free_frag, set_pp_ref_count, sub_pp_ref_count } from './frag.ts'

export class PagePool {
  readonly scope: Scope
  /** page_pool_update_nid() empties the cache: "Flush pool alloc cache, as refill will check NUMA node". */
  readonly flushes_on_new_nid: boolean = true
  /** The function that says "gave up". */
  readonly created_by: string = 'page_pool_create'
  /** Since 6.8 every page counts its fragments, and is one until it is cut. */
  readonly starts_as_one_fragment: boolean = true
  /** A freed skb recycles into the cache by itself, where NAPI of the pool runs (6.4 to 6.9). */
  readonly skb_recycles_directly: boolean = true
  /**
   * 271683bb2cf3 ("page_pool: Fix use-after-free in page_pool_recycle_in_ring", 2025): who frees the pool
   * first waits until producers have left their critical section, and they count what they recycled in it.
   */
  readonly producer_barrier: boolean = false
  constructor(scope: Scope) {
    this.scope = scope
  }

  // ---- create -------------------------------------------------------------------------------

  /**
   * page_pool_create(): 0 or an errno. What is asked for stands in `w.params`.
   * @param linked false leaves `params.napi` out: page_pool_enable_direct_recycling() will tell the pool.
   */
  *page_pool_create(pool: Pool, linked = true): Steps<number> {
    if (yield* fails('kzalloc(struct page_pool)', (w) => poolAllocated(w, pool))) return ENOMEM
    const err = this.scope.whole ? yield* __page_pool_init(pool) : 0
    if (err < 0) return yield* this.gave_up(pool, err)
    if (this.scope.nodes > 1 && !this.scope.whole) yield* asks_for_node(pool)
    yield* choose('page_pool_init(pool)', this.scope.counterStarts, (w, start) => {
      const it = w.pool(pool)
      it.user_cnt = 1
      it.dma_map = w.params.flags.dma
      it.dma_sync = w.params.flags.sync
      it.napi = linked && w.params.napi
      it.cpuid = w.params.cpuid
      it.page_frag = w.params.flags.frag
      it.pages_state_hold_cnt = start
      it.pages_state_release_cnt = start
    })
    yield* this.page_pool_init(pool)
    if (!this.scope.whole || !(yield* this.page_pool_list(pool))) return 0
    return yield* this.gave_up(pool, ENOMEM)
  }
  /** The error path of page_pool_create(). */
  *gave_up(pool: Pool, err: number): Steps<number> {
    yield* step('kfree(pool)', (w) => {
      pr_warn(w, `${this.created_by}() gave up with errno ${err}`)
      poolFreed(w, pool)
    })
    return err
  }
  /** page_pool_list(), since 6.8: true when there is no memory for the netlink id. */
  *page_pool_list(_pool: Pool): Steps<boolean> {
    return false
  }
  /** What a design sets up in page_pool_init(). */
  *page_pool_init(_pool: Pool): Steps {}

  // ---- alloc: cache -> ring -> page allocator, in NAPI context ------------------------------

  *page_pool_alloc_pages(pool: Pool): Steps<Page> {
    const cached = yield* this.__page_pool_get_cached(pool)
    if (cached !== NONE) return cached
    const page = yield* this.__page_pool_alloc_pages_slow(pool)
    if (page === NONE && this.scope.nodes > 1)
      yield* step('return NULL', (w) => allocationFailed(w, pool))
    return page
  }
  *__page_pool_get_cached(pool: Pool): Steps<Page> {
    const page = yield* this.pop_alloc_cache(pool, 'fast')
    if (page !== NONE) return page
    return yield* this.page_pool_refill_alloc_cache(pool)
  }
  /** pool->alloc.cache[--pool->alloc.count]: no lock, the context is the protection. */
  *pop_alloc_cache(pool: Pool, stat: PoolStat | ''): Steps<Page> {
    const count = yield* step('pool->alloc.count', (w) => {
      entersCache(w, pool)
      if (stat === 'refill') refillEnds(w, pool)
      const { length } = w.pool(pool).alloc_cache
      if (length === 0) leavesCache(w, pool)
      return length
    })
    if (count === 0) return NONE
    return yield* step('pool->alloc.cache[--pool->alloc.count]', (w) => {
      entersCache(w, pool)
      leavesCache(w, pool)
      if (stat !== '') w.pool(pool).stats[stat] += 1
      const page = w.pool(pool).alloc_cache.pop()
      taken(w, page, 'alloc cache')
      allocationSucceeds(w)
      return page
    })
  }
  /** The last page consumed is returned, the others stay in the cache. No lock since 5.17. */
  *page_pool_refill_alloc_cache(pool: Pool): Steps<Page> {
    const empty = yield* step('__ptr_ring_empty(r)', (w) => {
      const it = w.pool(pool)
      looksAtRing(w, pool)
      if (it.ring.length === 0) it.stats.empty += 1
      return it.ring.length === 0
    })
    if (empty) return NONE
    const pref_nid = this.scope.nodes > 1 ? yield* this.preferred_nid(pool) : NONE
    return yield* this.refill(pool, pref_nid)
  }
  *refill(pool: Pool, pref_nid: number): Steps<Page> {
    for (;;) {
      yield* again('do')
      if (!(yield* this.refill_one(pool, pref_nid))) break
    }
    return yield* this.pop_alloc_cache(pool, 'refill')
  }
  /** Softirq guarantees that the CPU, and with it the node, stays the same. */
  *preferred_nid(pool: Pool): Steps<number> {
    const nid = yield* step('pool->p.nid', (w) => w.pool(pool).nid)
    if (nid !== NONE) return nid
    return yield* step('numa_mem_id()', (w) => w.numa_mem_id)
  }
  /** A page from another node is released, and the refill stops there. */
  *refill_one(pool: Pool, pref_nid: number): Steps<boolean> {
    const page = yield* __ptr_ring_consume(pool)
    if (page === NONE) return false
    if (this.scope.nodes > 1 && !(yield* this.is_local(pool, page, pref_nid))) {
      yield* this.page_pool_return_page(pool, page)
      yield* this.stat_inc(pool, 'waive')
      return false
    }
    return yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w) => {
      this.refill_caches(w, pool, page)
      return w.pool(pool).alloc_cache.length < this.scope.bulk
    })
  }
  /** A page the refill took is returned to the caller of page_pool_alloc_pages() at once. */
  refill_returns(w: World, pool: Pool, page: Page): void {
    refillCaches(w, pool, page)
  }
  refill_caches(w: World, pool: Pool, page: Page): void {
    refillCaches(w, pool, page)
    this.push_alloc_cache(w, pool, page)
  }
  refill_ends(w: World, pool: Pool): void {
    refillEnds(w, pool)
  }
  nid_is_set(w: World, pool: Pool): void {
    nidIsSet(w, pool)
  }
  /** A put releases a page because of its node. */
  releases_for_node(w: World, pool: Pool, page: Page): void {
    releasedForItsNode(w, pool, page)
  }
  /** Asked by a refill; a page from elsewhere will be released. */
  *is_local(pool: Pool, page: Page, nid: number): Steps<boolean> {
    return yield* step('page_to_nid(page) == pref_nid', (w) => {
      if (w.page(page).nid === nid) return true
      refillReleases(w, pool, page)
      return false
    })
  }
  /** __page_pool_alloc_pages_slow(): the bulk is allocated first, then mapped one by one. */
  *__page_pool_alloc_pages_slow(pool: Pool): Steps<Page> {
    if (this.scope.whole) {
      const order = yield* step('pool->p.order', (w) => w.pool(pool).order)
      if (order > 0) return yield* this.__page_pool_alloc_page_order(pool)
      yield* step('alloc_pages_bulk_array_node()', (w) =>
        w.trace?.('bulk_request', this.scope.bulk),
      )
    }
    const pages: Page[] = []
    for (let i = 0; i < this.scope.bulk; i += 1) {
      const page = yield* this.alloc_pages_node(pool)
      if (page === NONE) break
      pages.push(page)
    }
    for (const page of pages) yield* this.adopt_page(pool, page)
    return yield* this.pop_alloc_cache(pool, 'slow')
  }
  /** A page of the allocator, or NONE. With NUMA it may come from elsewhere, when the zone runs dry. */
  *alloc_pages_node(pool: Pool): Steps<Page> {
    const page = yield* choose(
      'alloc_pages_node()',
      (w) => {
        const free = freePages(w)
        return mayFail(w) || free.length === 0 ? [...free, NONE] : free
      },
      (w, picked) => {
        if (picked !== NONE) take_page(w, picked, pool)
        else if (freePages(w).length > 0) w.faults_left -= 1
        return picked
      },
    )
    if (page !== NONE && this.scope.nodes > 1) yield* lies_on_node(pool, page)
    return page
  }
  /** No bulk and no cache for pages of higher order. */
  *__page_pool_alloc_page_order(pool: Pool): Steps<Page> {
    const page = yield* this.alloc_pages_node(pool)
    if (page === NONE) return NONE
    if (!(yield* this.map_page(pool, page))) {
      yield* put_page(page)
      return NONE
    }
    yield* this.stat_inc(pool, 'slow_high_order')
    yield* this.page_pool_set_pp_info(pool, page)
    yield* hold(pool, page)
    return page
  }
  /** One page of the bulk: dma map, page_pool_set_pp_info(), cache, hold count. */
  *adopt_page(pool: Pool, page: Page): Steps {
    const mapped = yield* this.map_page(pool, page)
    if (!mapped) {
      yield* put_page(page)
      return
    }
    yield* this.page_pool_set_pp_info(pool, page)
    yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w) =>
      this.push_alloc_cache(w, pool, page),
    )
    yield* hold(pool, page)
  }
  *page_pool_set_pp_info(pool: Pool, page: Page): Steps {
    yield* step('page->pp = pool', (w) => {
      w.page(page).pp = pool
    })
    yield* step('page->pp_magic |= PP_SIGNATURE', (w) => {
      w.page(page).pp_magic = true
    })
    if (this.scope.frags && this.starts_as_one_fragment) yield* set_pp_ref_count(page, 1)
    if (this.scope.whole)
      yield* step('pool->init_callback(page)', (w) => {
        if (w.pool(pool).has_init_callback) w.trace?.('init_cb', page)
      })
  }
  push_alloc_cache(w: World, pool: Pool, page: Page): void {
    entersCache(w, pool)
    leavesCache(w, pool)
    stored(w, page, 'alloc cache')
    w.pool(pool).alloc_cache.push(page)
  }
  /**
   * alloc_stat_inc() and recycle_stat_inc() where the same function goes on to ask the pool: a pool that is
   * gone by then is noticed there, so searches leave the step out.
   */
  *stat_inc(pool: Pool, stat: PoolStat): Steps {
    if (!this.scope.whole) return
    yield* step(`stat_inc(pool, ${stat})`, (w) => {
      w.pool(pool).stats[stat] += 1
    })
  }

  /**
   * recycle_stat_inc() as the last thing a function does: the counters are per-CPU and decide nothing, but
   * the pointer to them lies in the pool, and they are freed with it.
   */
  *recycle_stat_inc(pool: Pool, stat: PoolStat): Steps {
    yield* step(`recycle_stat_inc(pool, ${stat})`, (w) => {
      w.pool(pool).stats[stat] += 1
    })
  }

  /** Searched pools all have PP_FLAG_DMA_MAP, so there nobody asks. */
  *map_page(pool: Pool, page: Page): Steps<boolean> {
    if (this.scope.whole) {
      const wanted = yield* step('PP_FLAG_DMA_MAP', (w) => w.pool(pool).dma_map)
      if (!wanted) return true
    }
    return yield* this.page_pool_dma_map(pool, page)
  }
  /** page_pool_dma_map(): false when the mapping fails. */
  *page_pool_dma_map(pool: Pool, page: Page): Steps<boolean> {
    const failed = yield* fails('dma_map_page_attrs(pool->p.dev)', (w) => {
      if (w.pool(pool).dma_map) dma_map_page(w, page, w.pool(pool).dev)
    })
    if (failed) return false
    yield* step('page_pool_set_dma_addr(page, dma)', (w) => {
      w.page(page).dma_addr = true
    })
    yield* this.sync_new_page(pool, page)
    return true
  }
  /**
   * A page is synced when it is mapped, too. Left out of searches: nobody but the allocating context
   * knows the page yet, and its device is in use.
   */
  *sync_new_page(pool: Pool, page: Page): Steps {
    if (this.scope.whole || this.scope.duties)
      yield* this.page_pool_dma_sync_for_device(pool, page, ALL)
  }

  // ---- put: any context ----------------------------------------------------------------------

  /**
   * page_pool_put_page(): gives up the last reference, or one fragment of several.
   * @param dma_sync_size bytes the device may write before the next sync; ALL is as many as there are.
   */
  *page_pool_put_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number = ALL,
  ): Steps {
    if (this.scope.frags && !(yield* this.page_pool_is_last_frag(pool, page))) return
    yield* this.page_pool_put_unrefed_page(pool, page, allow_direct, dma_sync_size)
  }
  /** page_pool_put_defragged_page() until 6.8: the caller was the last user of the page. */
  *page_pool_put_unrefed_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps {
    if (!(yield* this.__page_pool_put_page(pool, page, allow_direct, dma_sync_size))) return
    if (yield* this.page_pool_recycle_in_ring(pool, page)) return
    yield* this.stat_inc(pool, 'ring_full')
    yield* this.page_pool_return_page(pool, page)
  }
  /** True when the page is a candidate for the ring; otherwise it is in the cache or released. */
  *__page_pool_put_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps<boolean> {
    const recyclable = yield* step('page_ref_count(page) == 1', (w) => {
      // Asserted since 6.6: the ring's locks keep softirqs out, and nothing keeps interrupts out.
      lockdep_assert_no_hardirq(w, '__page_pool_put_page()')
      return w.page(page).refcount === 1 && !w.page(page).pfmemalloc
    })
    if (!recyclable) {
      yield* this.stat_inc(pool, 'released_refcnt')
      yield* this.page_pool_return_page(pool, page)
      return false
    }
    yield* this.page_pool_dma_sync_for_device(pool, page, dma_sync_size)
    return !(allow_direct && (yield* this.page_pool_recycle_in_cache(pool, page)))
  }
  /** Does page_pool_put_page_bulk() recycle into the cache? */
  *bulk_allows_direct(_pool: Pool): Steps<boolean> {
    return false
  }
  /** Why page_pool_alloc_frag() refuses. */
  refuses_frag(_w: World, _pool: Pool, too_large: boolean): string | undefined {
    return too_large ? 'WARN_ON(size > max_size) in page_pool_alloc_frag_netmem' : undefined
  }
  *drained_page_reused(pool: Pool): Steps {
    yield* this.stat_inc(pool, 'fast')
  }
  /** page_pool_unref_and_test(), since 6.8: every page counts its fragments, from one on. */
  *page_pool_is_last_frag(_pool: Pool, page: Page): Steps<boolean> {
    return (yield* this.page_pool_unref_page(page, 1)) === 0
  }
  /** page_pool_unref_page(): what is left of the fragments. The last user leaves the count at one. */
  *page_pool_unref_page(page: Page, nr: number): Steps<number> {
    const last = yield* step('atomic_long_read(&page->pp_ref_count) == nr', (w) => {
      return lastFragment(w, page, nr)
    })
    if (last) {
      if (nr !== 1) yield* set_pp_ref_count(page, 1)
      return 0
    }
    const left = yield* sub_pp_ref_count(page, nr, 'page_pool_unref_netmem')
    if (left === 0) yield* set_pp_ref_count(page, 1)
    return left
  }
  *page_pool_dma_sync_for_device(pool: Pool, page: Page, dma_sync_size: number): Steps {
    yield* step('dma_sync_single_range_for_device()', (w) => {
      if (w.pool(pool).dma_sync) this.sync(w, pool, page, dma_sync_size)
    })
  }
  /** At p.offset, and never more than p.max_len. */
  sync(w: World, pool: Pool, page: Page, dma_sync_size: number): void {
    const { offset, max_len, dev } = w.pool(pool)
    const size = dma_sync_size === ALL ? max_len : Math.min(dma_sync_size, max_len)
    dma_sync_for_device(w, page, offset, size, dev)
  }
  *page_pool_recycle_in_cache(pool: Pool, page: Page): Steps<boolean> {
    const full = yield* step('pool->alloc.count == PP_ALLOC_CACHE_SIZE', (w) => {
      if (w.pool(pool).alloc_cache.length === this.scope.cacheSize) return true
      entersCache(w, pool)
      return false
    })
    if (full) {
      yield* this.stat_inc(pool, 'cache_full')
      return false
    }
    yield* step('pool->alloc.cache[pool->alloc.count++] = page', (w) =>
      this.push_alloc_cache(w, pool, page),
    )
    yield* this.recycle_stat_inc(pool, 'cached')
    return true
  }
  /** ptr_ring_produce() or its _bh form, decided once. */
  *page_pool_recycle_in_ring(pool: Pool, page: Page): Steps<boolean> {
    const softirq = yield* this.page_pool_producer_lock(pool)
    const done = yield* __ptr_ring_produce(pool, page)
    if (done && this.producer_barrier) yield* this.recycle_stat_inc(pool, 'ring')
    yield* this.page_pool_producer_unlock(pool, softirq)
    if (done && !this.producer_barrier) yield* this.recycle_stat_inc(pool, 'ring')
    return done
  }
  *page_pool_producer_lock(pool: Pool): Steps<boolean> {
    const softirq = yield* local('in_softirq()', in_softirq)
    yield* (softirq ? spin_lock : spin_lock_bh)('pool.producer_lock', pool)
    return softirq
  }
  *page_pool_producer_unlock(pool: Pool, softirq: boolean): Steps {
    yield* (softirq ? spin_unlock : spin_unlock_bh)('pool.producer_lock', pool)
  }
  /**
   * The second half of page_pool_put_page_bulk(): one lock for all pages that go into the ring. How many
   * found room.
   */
  *page_pool_recycle_ring_bulk(pool: Pool, ...bulk: readonly Page[]): Steps<number> {
    const softirq = yield* this.page_pool_producer_lock(pool)
    const produced = yield* this.produce_bulk(pool, bulk)
    yield* this.recycle_stat_add(pool, produced)
    yield* this.page_pool_producer_unlock(pool, softirq)
    return produced
  }
  *produce_bulk(pool: Pool, bulk: readonly Page[]): Steps<number> {
    let produced = 0
    while (produced < bulk.length && (yield* __ptr_ring_produce(pool, bulk[produced]!)))
      produced += 1
    if (produced < bulk.length) yield* this.stat_inc(pool, 'ring_full')
    return produced
  }
  *recycle_stat_add(pool: Pool, produced: number): Steps {
    yield* step('recycle_stat_add(pool, ring, i)', (w) => {
      w.pool(pool).stats.ring += produced
    })
  }

  /** page_pool_return_page(): unmap, count, forget, give the page back. */
  *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* this.page_pool_release_page_dma(pool, page)
    yield* release(pool, page)
    yield* this.page_pool_clear_pp_info(page)
    yield* put_page(page)
  }
  *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)
    if (unmapped) return
    yield* step('dma_unmap_page_attrs(pool->p.dev)', (w) =>
      this.unmap(w, pool, page, w.page(page).dma_addr),
    )
    yield* step('page_pool_set_dma_addr(page, 0)', (w) => {
      w.page(page).dma_addr = false
    })
  }
  /** dma_unmap_page_attrs(pool->p.dev): the device is read from the pool. */
  unmap(w: World, pool: Pool, page: Page, dma: boolean): void {
    dma_unmap_page(w, page, dma, w.pool(pool).dev, pool)
  }
  *page_pool_clear_pp_info(page: Page): Steps {
    yield* step('page->pp_magic = 0', (w) => {
      w.page(page).pp_magic = false
      w.page(page).pfmemalloc = false
    })
    yield* step('page->pp = NULL', (w) => {
      w.page(page).pp = NONE
    })
  }

  // ---- destroy -------------------------------------------------------------------------------

  *page_pool_destroy(pool: Pool): Steps {
    const last = yield* step('refcount_dec_and_test(&pool->user_cnt)', (w) => {
      const left = refcount_dec(w, w.pool(pool).user_cnt)
      if (left < 0 && !this.scope.whole)
        w.report('use-of-freed-pool', 'pool->user_cnt underflows: page_pool_destroy() by no user')
      else w.pool(pool).user_cnt = left
      return left === 0
    })
    if (!last) return
    yield* this.page_pool_disable_direct_recycling(pool)
    if (this.scope.frags) yield* page_pool_free_frag(pool)
    const inflight = yield* this.page_pool_release(pool)
    if (inflight === 0) return
    yield* this.page_pool_before_defer(pool)
    if (this.scope.whole) yield* step('pool->defer_start = jiffies', defers(pool))
    yield* step('schedule_delayed_work(&pool->release_dw)', queues(pool))
  }
  /** What a design does between finding pages in flight and deferring the release. */
  *page_pool_before_defer(_pool: Pool): Steps {}

  *page_pool_disable_direct_recycling(pool: Pool): Steps {
    yield* step('WRITE_ONCE(pool->p.napi, NULL)', (w) => {
      w.pool(pool).napi = false
    })
  }
  /**
   * page_pool_enable_direct_recycling(), since 64fdaa94bfe0 (2025): a pool that was made for a queue that is
   * still running, or that a failed restart goes back to, learns its NAPI when nothing can fail any more. Its mutex,
   * page_pools_lock, keeps netlink out and is left away.
   */
  *page_pool_enable_direct_recycling(pool: Pool): Steps {
    const known = yield* step('READ_ONCE(pool->p.napi) == napi', (w) => w.pool(pool).napi)
    if (known) return
    yield* step('WRITE_ONCE(pool->p.napi, napi)', (w) => {
      w.pool(pool).napi = w.params.napi
    })
  }
  /** page_pool_release(): scrub, and free the pool when nothing is in flight. Returns what is. */
  *page_pool_release(pool: Pool): Steps<number> {
    yield* this.page_pool_scrub(pool)
    const inflight = yield* page_pool_inflight(pool)
    if (this.producer_barrier) {
      const softirq = yield* this.page_pool_producer_lock(pool)
      yield* this.page_pool_producer_unlock(pool, softirq)
    }
    if (inflight === 0) yield* this.__page_pool_destroy(pool)
    return inflight
  }
  /** page_pool_release_retry(), the delayed work. */
  *page_pool_release_retry(pool: Pool): Steps {
    const inflight = yield* this.page_pool_release(pool)
    if (!this.tries_again(inflight)) return
    if (this.scope.whole) yield* warnStalled(pool, inflight)
    yield* step('schedule_delayed_work(&pool->release_dw)', queues(pool))
  }
  /** Until 43130d02baa1 a negative count kept the work going for ever. */
  tries_again(inflight: number): boolean {
    return inflight !== 0
  }
  /** What page_pool_release_retry() says of a pool that does not get empty. */
  stalled(_w: World, _pool: Pool, inflight: number, seconds: number): string | undefined {
    return `page_pool_release_retry() stalled pool shutdown ${inflight} inflight ${seconds} sec`
  }

  *page_pool_scrub(pool: Pool): Steps {
    yield* this.page_pool_empty_alloc_cache_once(pool)
    yield* step('pool->destroy_cnt++', (w) => {
      w.pool(pool).destroy_cnt = this.once_more(w.pool(pool).destroy_cnt)
    })
    yield* this.page_pool_empty_ring(pool)
  }
  /** destroy_cnt is only ever compared with zero; where states are stored it stops at 2. */
  once_more(destroy_cnt: number): number {
    return this.scope.whole ? destroy_cnt + 1 : Math.min(2, destroy_cnt + 1)
  }
  *page_pool_empty_alloc_cache_once(pool: Pool): Steps {
    const destroying = yield* step('if (pool->destroy_cnt)', (w) => w.pool(pool).destroy_cnt > 0)
    if (destroying) return
    for (;;) {
      yield* again('while (pool->alloc.count)')
      const page = yield* this.pop_alloc_cache(pool, '')
      if (page === NONE) return
      yield* this.page_pool_return_page(pool, page)
    }
  }
  *page_pool_empty_ring(pool: Pool): Steps {
    for (;;) {
      yield* again('while ((page = ptr_ring_consume_bh(&pool->ring)))')
      const page = yield* ptr_ring_consume_bh(pool)
      if (page === NONE) return
      if (this.scope.whole) yield* step('page_ref_count(page) == 1', violatesRefcount(page))
      yield* this.page_pool_return_page(pool, page)
    }
  }

  /** __page_pool_destroy(): page_pool_uninit() and kfree(). */
  *__page_pool_destroy(pool: Pool): Steps {
    if (this.scope.whole) yield* this.disconnect(pool)
    yield* this.page_pool_uninit(pool)
    yield* step('kfree(pool)', (w) => {
      if (w.pool(pool).release_dw)
        w.report('use-of-freed-pool', 'the pool is freed while its release_dw is queued')
      this.forget(w, pool)
      poolFreed(w, pool)
      w.trace?.('pool_free', pool)
    })
  }
  /** pool->disconnect(): registered memory models of this pool are forgotten. */
  *disconnect(_pool: Pool): Steps {}
  /** What a design tears down in page_pool_uninit(). */
  *page_pool_uninit(_pool: Pool): Steps {}

  /** Freed memory reads as nothing: one freed pool is like another. Locks stay as they were. */
  private forget(w: World, pool: Pool): void {
    if (this.scope.whole) return
    const it = w.pool(pool)
    it.destroy_cnt = 0
    it.pages_state_hold_cnt = 0
    it.pages_state_release_cnt = 0
    it.dma_map = false
    it.dma_sync = false
    it.napi = false
    it.cpuid = NONE
  }
}

/** Does who gives up `nr` fragments have all that are left? Then the page is theirs. */
export function lastFragment(w: World, page: Page, nr: number): boolean {
  if (w.page(page).pp_ref_count !== nr) return false
  fragmentsGivenUp(w, page, nr === 1 ? 'holder' : 'pool')
  return true
}

/** "As many bytes as there are": (u32)-1. */
export const ALL = -1

const { asks_for_node } = functions({
  /** Searched pools ask for no node, or for the one NAPI is on when they are made. */
  *asks_for_node(pool: Pool): Steps {
    yield* choose('pool->p.nid', ['NUMA_NO_NODE', 'numa_mem_id()'], (w, asked) => {
      w.pool(pool).nid = asked === 'NUMA_NO_NODE' ? NONE : w.numa_mem_id
    })
  },
})
const queues =
  (pool: Pool) =>
  (w: World): void => {
    w.pool(pool).release_dw = true
    w.trace?.('schedule', pool)
  }
const defers =
  (pool: Pool) =>
  (w: World): void => {
    w.pool(pool).defer_start = w.jiffies
    w.pool(pool).defer_warn = w.jiffies + DEFER_WARN_INTERVAL
  }
/** page_pool_empty_ring(): a page in the ring has one reference. */
const violatesRefcount =
  (page: Page) =>
  (w: World): void => {
    const { refcount } = w.page(page)
    if (refcount !== 1) pr_crit(w, `page_pool_empty_ring() page_pool refcnt ${refcount} violation`)
  }
