/** Allocation: cache, then ring, then page allocator, in NAPI context (net/core/page_pool.c). */
import { NONE } from '../../engine/state/layout.ts'
import { again, detail, step, type Steps } from '../step.ts'
import { alloc_count, alloc_pop, alloc_push } from '../world/io/alloc-cache.ts'
import { __ptr_ring_consume, __ptr_ring_empty } from '../world/io/ptr-ring.ts'
import { count_held } from '../world/memory/in-flight.ts'
import {
  alloc_pages_bulk_array_node,
  alloc_pages_node,
  netmem_is_pref_nid,
  put_page,
} from '../world/memory/page.ts'
import { stat_inc } from '../world/statistics.ts'
import type { Page, Pool } from '../world/world.ts'
import { Pages } from './pages.ts'

/** Searched pools all have PP_FLAG_DMA_MAP: there nobody asks. */
const reads_dma_map = (pool: Pool): Steps<boolean> =>
  detail('dma_map = pool->dma_map', true, (w) => w.pool(pool).dma_map)

export class Alloc extends Pages {
  *page_pool_alloc_pages(pool: Pool): Steps<Page> {
    const page = yield* this.__page_pool_get_cached(pool)
    if (page !== NONE) return page
    return yield* this.__page_pool_alloc_pages_slow(pool)
  }
  *__page_pool_get_cached(pool: Pool): Steps<Page> {
    if (!(yield* alloc_count(pool))) return yield* this.page_pool_refill_alloc_cache(pool)
    const page = yield* alloc_pop(pool)
    yield* stat_inc(pool, 'fast')
    return page
  }
  /** The last page consumed is returned, the others stay in the cache. No lock since 5.17. */
  *page_pool_refill_alloc_cache(pool: Pool): Steps<Page> {
    if (yield* __ptr_ring_empty(pool)) {
      yield* stat_inc(pool, 'empty')
      return NONE
    }
    const pref_nid = yield* this.pref_nid(pool)
    return yield* this.refill(pool, pref_nid)
  }
  /** Softirq guarantees that the CPU, and with it the node, stays the same. */
  *pref_nid(pool: Pool): Steps<number> {
    const nid = yield* detail('pool->p.nid', NONE, (w) => w.pool(pool).nid, 'nodes')
    return nid !== NONE ? nid : yield* detail('numa_mem_id()', NONE, (w) => w.numa_mem_id, 'nodes')
  }
  /** A page from another node is released, and the refill stops there. */
  *refill(pool: Pool, pref_nid: number): Steps<Page> {
    for (;;) {
      yield* again('do while (pool->alloc.count < PP_ALLOC_CACHE_REFILL)')
      const page = yield* __ptr_ring_consume(pool)
      if (page === NONE) break
      if (!(yield* netmem_is_pref_nid(page, pref_nid))) {
        yield* this.page_pool_return_page(pool, page)
        yield* stat_inc(pool, 'waive')
        break
      }
      if (!(yield* alloc_push(pool, page))) break
    }
    if (!(yield* alloc_count(pool))) return NONE
    const last = yield* alloc_pop(pool)
    yield* stat_inc(pool, 'refill')
    return last
  }
  /** The bulk is allocated first, then mapped one by one. */
  *__page_pool_alloc_pages_slow(pool: Pool): Steps<Page> {
    const order = yield* detail('pool->p.order', 0, (w) => w.pool(pool).order)
    if (order > 0) return yield* this.__page_pool_alloc_page_order(pool)
    const dma_map = yield* reads_dma_map(pool)
    const pages = yield* alloc_pages_bulk_array_node(pool, this.scope.bulk)
    for (const page of pages) {
      if (dma_map && !(yield* this.page_pool_dma_map(pool, page))) {
        yield* put_page(page)
        continue
      }
      yield* this.page_pool_set_pp_info(pool, page)
      yield* alloc_push(pool, page)
      yield* count_held(pool, page)
    }
    if (!(yield* alloc_count(pool))) return NONE
    const last = yield* alloc_pop(pool)
    yield* stat_inc(pool, 'slow')
    return last
  }
  /** No bulk and no cache for pages of higher order. */
  *__page_pool_alloc_page_order(pool: Pool): Steps<Page> {
    const page = yield* alloc_pages_node(pool)
    if (page === NONE) return NONE
    if ((yield* reads_dma_map(pool)) && !(yield* this.page_pool_dma_map(pool, page))) {
      yield* put_page(page)
      return NONE
    }
    yield* stat_inc(pool, 'slow_high_order')
    yield* this.page_pool_set_pp_info(pool, page)
    yield* count_held(pool, page)
    return page
  }
  /** Pages of the old node leave the cache; those in the ring are met at refill. */
  *page_pool_update_nid(pool: Pool, new_nid: number): Steps {
    yield* step('pool->p.nid = new_nid', (w) => {
      w.trace?.('update_nid', new_nid)
      w.pool(pool).nid = new_nid
    })
    yield* this.flush_alloc_cache(pool)
  }
  /** "Flush pool alloc cache, as refill will check NUMA node". */
  *flush_alloc_cache(pool: Pool): Steps {
    for (;;) {
      yield* again('while (pool->alloc.count)')
      if (!(yield* alloc_count(pool))) return
      const page = yield* alloc_pop(pool)
      yield* this.page_pool_return_page(pool, page)
    }
  }
  *page_pool_nid_changed(pool: Pool, new_nid: number): Steps {
    const changed = yield* step('pool->p.nid != new_nid', (w) => w.pool(pool).nid !== new_nid)
    if (changed) yield* this.page_pool_update_nid(pool, new_nid)
  }
}
