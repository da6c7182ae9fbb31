/**
 * The node of a page is checked when it is put: 5.5. A pool that asks for no node compares with -1, so
 * nothing is ever recycled; and what lies in the ring when the node changes is served once more.
 */
import { NONE } from '../../engine/state/layout.ts'
import { again, step, type Steps } from '../step.ts'
import { alloc_push } from '../world/io/alloc-cache.ts'
import { __ptr_ring_consume } from '../world/io/ptr-ring.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { ringUnlockRace } from '../shutdown/known.ts'
import { PagePool2019 } from './page-pool-2019.ts'
import { numa } from './family.ts'

class NumaCheckOnPut extends PagePool2019 {
  override *flush_alloc_cache(_pool: Pool): Steps {}

  override *__page_pool_put_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps<boolean> {
    if (!(yield* this.pool_page_reusable(pool, page))) {
      yield* this.page_pool_return_page(pool, page)
      return false
    }
    return yield* super.__page_pool_put_page(pool, page, allow_direct, dma_sync_size)
  }
  *pool_page_reusable(pool: Pool, page: Page): Steps<boolean> {
    return yield* step('page_to_nid(page) == pool->p.nid', (w) => {
      return w.page(page).nid === w.pool(pool).nid
    })
  }

  /** The first page is returned, up to a bulk more go into the cache: no node is asked. */
  override *refill(pool: Pool): Steps<Page> {
    const first = yield* __ptr_ring_consume(pool)
    if (first !== NONE) yield* this.__ptr_ring_consume_batched(pool)
    return first
  }
  *__ptr_ring_consume_batched(pool: Pool): Steps {
    for (;;) {
      yield* again('for (i = 0; i < PP_ALLOC_CACHE_REFILL; i++)')
      const page = yield* __ptr_ring_consume(pool)
      if (page === NONE || !(yield* alloc_push(pool, page))) return
    }
  }
}

export const numaCheckOnPut: Design = {
  id: 'numa-check-on-put',
  title: 'the node is checked when a page is put',
  source: 'd5394610b1ba ("page_pool: Don\'t recycle non-reusable pages", 2019), as in 5.5',
  family: numa,
  fields: () => ({}),
  functions: (scope) => new NumaCheckOnPut(scope),
  breaks: {
    'refill-serves-preferred-node': ways(
      'a refill asks no page for its node: what is in the ring when the node changes is served once more, and released when it is put',
      'r->queue[r->consumer_head] in __ptr_ring_consume',
      'pool->alloc.cache[pool->alloc.count++] = page in __ptr_ring_consume_batched',
    ),
    'new-nid-empties-the-cache': ways(
      'page_pool_update_nid() only sets p.nid: what is cached is served without a question',
      'pool->p.nid = new_nid in page_pool_update_nid',
    ),
    'local-pages-are-recycled': ways(
      'with NUMA_NO_NODE page_to_nid(page) == -1 never holds: no page is recycled at all (Li RongQing and Y. Lin, 2019-12)',
      'page_to_nid in pool_page_reusable',
    ),
    'refill-takes-a-bulk': ways(
      '__ptr_ring_consume() and then __ptr_ring_consume_batched() take PP_ALLOC_CACHE_REFILL + 1 pages',
      'r->queue[r->consumer_head++] = NULL in __ptr_ring_consume',
    ),
    ...ringUnlockRace,
  },
}
