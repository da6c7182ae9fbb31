/** Pages cut in fragments (net/core/page_pool.c, page_pool_alloc_frag()). */
import { NONE } from '../../engine/state/layout.ts'
import { detail, type Steps } from '../step.ts'
import { ALL } from '../world/io/dma.ts'
import {
  begin_frag_page,
  drain_count,
  exceeds_page,
  forget_frag_page,
  frag_has_no_room,
  frag_page,
  hand_out_fragment,
  pp_ref_count_is_bias,
} from '../world/memory/fragments.ts'
import { page_is_recyclable } from '../world/memory/page.ts'
import { WARN } from '../world/printk.ts'
import { stat_inc } from '../world/statistics.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { Put } from './put.ts'

export class Frag extends Put {
  /** The page, or NONE. Where in it stands in `frag_offset` of before the call. */
  *page_pool_alloc_frag(pool: Pool, size: number): Steps<Page> {
    if (yield* detail('WARN_ON(size > max_size)', false, (w) => this.refuses(w, pool, size)))
      return NONE
    let page = yield* frag_page(pool)
    if (page !== NONE && (yield* frag_has_no_room(pool, size))) {
      page = yield* this.page_pool_drain_frag(pool, page)
      if (page !== NONE) {
        yield* stat_inc(pool, 'fast')
        return yield* this.frag_reset(pool, page, size)
      }
    }
    if (page === NONE) {
      page = yield* this.page_pool_alloc_pages(pool)
      if (page !== NONE) return yield* this.frag_reset(pool, page, size)
      yield* forget_frag_page(pool)
      return NONE
    }
    yield* hand_out_fragment(pool, page, size)
    yield* stat_inc(pool, 'fast')
    return page
  }
  /** No driver that is searched asks for more than a page. */
  private refuses(w: World, pool: Pool, size: number): boolean {
    const complaint = this.refuses_frag(w, pool, exceeds_page(w, pool, size))
    if (complaint !== undefined) WARN(w, complaint)
    return complaint !== undefined
  }
  /** Why a request for a fragment is refused. */
  refuses_frag(_w: World, _pool: Pool, too_large: boolean): string | undefined {
    return too_large ? 'WARN_ON(size > max_size) in page_pool_alloc_frag_netmem' : undefined
  }
  *frag_reset(pool: Pool, page: Page, size: number): Steps<Page> {
    yield* begin_frag_page(pool, page, size)
    yield* pp_ref_count_is_bias(page)
    return page
  }
  /** The page when nobody else has any of it, ready to be cut anew; else NONE. */
  *page_pool_drain_frag(pool: Pool, page: Page): Steps<Page> {
    const nr = yield* drain_count(pool)
    // Some user is still using the page.
    if ((yield* this.page_pool_unref_page(page, nr)) > 0) return NONE
    if (yield* page_is_recyclable(page)) {
      yield* this.page_pool_dma_sync_for_device(pool, page, ALL)
      return page
    }
    yield* this.page_pool_return_page(pool, page)
    return NONE
  }
  /** At destroy: never recycled. */
  *page_pool_free_frag(pool: Pool): Steps {
    const page = yield* forget_frag_page(pool)
    if (page === NONE) return
    const nr = yield* drain_count(pool)
    if ((yield* this.page_pool_unref_page(page, nr)) > 0) return
    yield* this.page_pool_return_page(pool, page)
  }
}
