/**
 * page_pool of 5.4 to 5.6: one page at a time from the allocator, refills under consumer_lock. Pages are
 * found by page->pp when they come back, as since 5.14; then it was the memory id of the frame.
 */
import { NONE } from '../../engine/state/layout.ts'
import type { Steps } from '../step.ts'
import { DeferredRelease } from '../shutdown/deferred-release.ts'
import { __ptr_ring_empty } from '../world/io/ptr-ring.ts'
import { count_held } from '../world/memory/in-flight.ts'
import { alloc_pages_node, put_page } from '../world/memory/page.ts'
import { spin_lock, spin_unlock } from '../world/sync/lock.ts'
import type { Page, Pool } from '../world/world.ts'

export class PagePool2019 extends DeferredRelease {
  override *__page_pool_alloc_pages_slow(pool: Pool): Steps<Page> {
    const page = yield* alloc_pages_node(pool)
    if (page === NONE) return NONE
    if (!(yield* this.page_pool_dma_map(pool, page))) {
      yield* put_page(page)
      return NONE
    }
    yield* this.page_pool_set_pp_info(pool, page)
    yield* count_held(pool, page)
    return page
  }
  override *page_pool_refill_alloc_cache(pool: Pool): Steps<Page> {
    if (yield* __ptr_ring_empty(pool)) return NONE
    const pref_nid = yield* this.pref_nid(pool)
    yield* spin_lock('pool.consumer_lock', pool)
    const page = yield* this.refill(pool, pref_nid)
    yield* spin_unlock('pool.consumer_lock', pool)
    return page
  }
}
