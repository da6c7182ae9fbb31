/** Pages come back, in any context: into the cache, into the ring, or to their allocator (net/core/page_pool.c). */
import type { Steps } from '../step.ts'
import { alloc_is_full, alloc_push } from '../world/io/alloc-cache.ts'
import { ALL } from '../world/io/dma.ts'
import { __ptr_ring_produce } from '../world/io/ptr-ring.ts'
import { pp_ref_count_is, set_pp_ref_count, sub_pp_ref_count } from '../world/memory/fragments.ts'
import { page_is_recyclable } from '../world/memory/page.ts'
import { recycle_stat_add, recycle_stat_inc, stat_inc } from '../world/statistics.ts'
import { in_softirq } from '../world/sync/context.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/sync/lock.ts'
import type { Page, Pool } from '../world/world.ts'
import { Alloc } from './alloc.ts'

export class Put extends Alloc {
  /** A freed skb recycles into the cache by itself, where NAPI of the pool runs (6.4 to 6.9). */
  readonly skb_recycles_directly: boolean = true
  /**
   * 271683bb2cf3 ("page_pool: Fix use-after-free in page_pool_recycle_in_ring", 2025): who frees the pool
   * first waits until producers have left their critical section, and they count what they recycled in it.
   */
  readonly producer_barrier: boolean = false;

  /** Gives up the last reference, or one fragment of several. */
  *page_pool_put_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number = ALL,
  ): Steps {
    if (!(yield* this.page_pool_is_last_frag(pool, page))) return
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
    yield* stat_inc(pool, 'ring_full')
    yield* this.page_pool_return_page(pool, page)
  }
  /** True when the page is a candidate for the ring; otherwise it is in the cache or released. */
  *__page_pool_put_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps<boolean> {
    // Asserted since 6.6: the ring's locks keep softirqs out, and nothing keeps interrupts out.
    if (!(yield* page_is_recyclable(page, '__page_pool_put_page()'))) {
      yield* stat_inc(pool, 'released_refcnt')
      yield* this.page_pool_return_page(pool, page)
      return false
    }
    yield* this.page_pool_dma_sync_for_device(pool, page, dma_sync_size)
    return !(allow_direct && (yield* this.page_pool_recycle_in_cache(pool, page)))
  }
  /** page_pool_unref_and_test(), since 6.8: every page counts its fragments, from one on. */
  *page_pool_is_last_frag(_pool: Pool, page: Page): Steps<boolean> {
    return (yield* this.page_pool_unref_page(page, 1)) === 0
  }
  /** What is left of the fragments. The last user leaves the count at one. */
  *page_pool_unref_page(page: Page, nr: number): Steps<number> {
    if (yield* pp_ref_count_is(page, nr)) {
      if (nr !== 1) yield* set_pp_ref_count(page, 1)
      return 0
    }
    const left = yield* sub_pp_ref_count(page, nr, 'page_pool_unref_netmem')
    if (left === 0) yield* set_pp_ref_count(page, 1)
    return left
  }

  *page_pool_recycle_in_cache(pool: Pool, page: Page): Steps<boolean> {
    if (yield* alloc_is_full(pool)) {
      yield* stat_inc(pool, 'cache_full')
      return false
    }
    yield* alloc_push(pool, page)
    yield* recycle_stat_inc(pool, 'cached')
    return true
  }
  /** ptr_ring_produce() or its _bh form, decided once. */
  *page_pool_recycle_in_ring(pool: Pool, page: Page): Steps<boolean> {
    const softirq = yield* this.page_pool_producer_lock(pool)
    const done = yield* __ptr_ring_produce(pool, page)
    if (done && this.producer_barrier) yield* recycle_stat_inc(pool, 'ring')
    yield* this.page_pool_producer_unlock(pool, softirq)
    if (done && !this.producer_barrier) yield* recycle_stat_inc(pool, 'ring')
    return done
  }
  *page_pool_producer_lock(pool: Pool): Steps<boolean> {
    const softirq = yield* in_softirq()
    yield* (softirq ? spin_lock : spin_lock_bh)('pool.producer_lock', pool)
    return softirq
  }
  *page_pool_producer_unlock(pool: Pool, softirq: boolean): Steps {
    yield* (softirq ? spin_unlock : spin_unlock_bh)('pool.producer_lock', pool)
  }

  /** What may not be recycled is released on the spot, the ring is filled, the rest is released. */
  *page_pool_put_page_bulk(pool: Pool, ...pages: readonly Page[]): Steps {
    const allow_direct = yield* this.bulk_allows_direct(pool)
    const bulk: Page[] = []
    for (const page of pages)
      if (
        (yield* this.page_pool_is_last_frag(pool, page)) &&
        (yield* this.__page_pool_put_page(pool, page, allow_direct, ALL))
      )
        bulk.push(page)
    if (bulk.length === 0) return
    const produced = yield* this.page_pool_recycle_ring_bulk(pool, ...bulk)
    for (const page of bulk.slice(produced)) yield* this.page_pool_return_page(pool, page)
  }
  /** page_pool_napi_local(), since 6.9. */
  *bulk_allows_direct(_pool: Pool): Steps<boolean> {
    return false
  }
  /** A function of its own since 6.14: one lock for all pages that go into the ring. How many found room. */
  *page_pool_recycle_ring_bulk(pool: Pool, ...bulk: readonly Page[]): Steps<number> {
    const softirq = yield* this.page_pool_producer_lock(pool)
    const produced = yield* this.produce_bulk(pool, ...bulk)
    yield* recycle_stat_add(pool, produced)
    yield* this.page_pool_producer_unlock(pool, softirq)
    return produced
  }
  *produce_bulk(pool: Pool, ...bulk: readonly Page[]): Steps<number> {
    for (const [i, page] of bulk.entries())
      if (!(yield* __ptr_ring_produce(pool, page))) {
        yield* stat_inc(pool, 'ring_full')
        return i
      }
    return bulk.length
  }
}
