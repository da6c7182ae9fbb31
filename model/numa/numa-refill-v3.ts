/**
 * The node is checked at refill, as posted in v3: the first page and up to a bulk more are consumed,
 * and every one from another node than the CPU's is released, all under consumer_lock.
 */
import { NONE } from '../../engine/state/layout.ts'
import { step, type Steps } from '../step.ts'
import { alloc_push } from '../world/io/alloc-cache.ts'
import { __ptr_ring_consume } from '../world/io/ptr-ring.ts'
import { netmem_is_pref_nid } from '../world/memory/page.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { ringUnlockRace } from '../shutdown/known.ts'
import { PagePool2019 } from './page-pool-2019.ts'
import { numa } from './family.ts'

class NumaRefillV3 extends PagePool2019 {
  /** Whatever the pool asked for. */
  override *pref_nid(_pool: Pool): Steps<number> {
    return yield* step('curr_nid = numa_mem_id()', (w) => w.numa_mem_id)
  }
  override *refill(pool: Pool, curr_nid: number): Steps<Page> {
    const first = yield* this.first_page(pool, curr_nid)
    for (let i = 0; i < this.scope.bulk; i += 1)
      if (!(yield* this.refill_or_release(pool, curr_nid))) break
    return first
  }
  /** Returned to the caller; NONE when it is from elsewhere, though others may be refilled after it. */
  *first_page(pool: Pool, curr_nid: number): Steps<Page> {
    const page = yield* __ptr_ring_consume(pool)
    if (page === NONE || (yield* netmem_is_pref_nid(page, curr_nid))) return page
    yield* this.page_pool_return_page(pool, page)
    return NONE
  }
  /** False when the ring is empty. */
  *refill_or_release(pool: Pool, curr_nid: number): Steps<boolean> {
    const page = yield* __ptr_ring_consume(pool)
    if (page === NONE) return false
    if (yield* netmem_is_pref_nid(page, curr_nid)) yield* alloc_push(pool, page)
    else yield* this.page_pool_return_page(pool, page)
    return true
  }
}

const takes = 'r->queue[r->consumer_head++] = NULL in __ptr_ring_consume'
const releases = 'page_to_nid in refill_or_release'

export const numaRefillV3: Design = {
  id: 'numa-refill-v3',
  title: 'the node is checked at refill, every mismatch released',
  source:
    'Jesper Dangaard Brouer, "[net-next v3 PATCH] page_pool: handle page recycle for NUMA_NO_NODE condition", 2019-12-18',
  family: numa,
  fields: () => ({}),
  functions: (scope) => new NumaRefillV3(scope),
  breaks: {
    'refill-serves-preferred-node': ways(
      'pages are held against numa_mem_id(), not against p.nid: a pool that names a node while NAPI runs on another one is refilled with pages of the wrong node. The mail does not mention it',
      'r->queue[r->consumer_head] in __ptr_ring_consume',
      'pool->alloc.cache[pool->alloc.count++] = page in refill_or_release',
      'put_page in put_page',
    ),
    'local-pages-are-recycled': ways(
      'the same comparison releases every page of the node the pool asks for: such a pool never recycles. The mail does not mention it',
      'page_to_nid in first_page',
      releases,
    ),
    'refill-releases-one-page': ways(
      'up to PP_ALLOC_CACHE_REFILL + 1 pages are given to the page allocator one after the other under consumer_lock ("65 (PP_ALLOC_CACHE_REFILL+1) chunks per allocation", says the patch)',
      releases,
    ),
    'refill-takes-a-bulk': ways('the same 65 pages', takes),
    'no-allocation-fails-with-pages': ways(
      'when the first page is from elsewhere, NULL is returned though others were refilled after it: the page allocator is asked, and may have none',
      'alloc_pages_node in __page_pool_alloc_pages_slow',
      'put_page in put_page',
    ),
    ...ringUnlockRace,
  },
}
