/** What a pool does to a page: its mark, its mapping, and giving it back (net/core/page_pool.c). */
import { NONE } from '../../engine/state/layout.ts'
import { detail, only, step, type Steps } from '../step.ts'
import {
  ALL,
  dma_map_page_attrs,
  sync_if_wanted,
  dma_unmap_page_attrs,
  page_pool_set_dma_addr,
} from '../world/io/dma.ts'
import { set_pp_ref_count } from '../world/memory/fragments.ts'
import { count_released } from '../world/memory/in-flight.ts'
import { put_page } from '../world/memory/page.ts'
import type { Page, Pool } from '../world/world.ts'
import { Create } from './create.ts'

export class Pages extends Create {
  /** Since 6.8 every page counts its fragments, and is one until it is cut. */
  readonly starts_as_one_fragment: boolean = true;

  *page_pool_set_pp_info(pool: Pool, page: Page): Steps {
    yield* step('page->pp = pool', (w) => {
      w.page(page).pp = pool
    })
    yield* step('page->pp_magic |= PP_SIGNATURE', (w) => {
      w.page(page).pp_magic = true
    })
    if (this.starts_as_one_fragment) yield* set_pp_ref_count(page, 1)
    yield* detail('pool->init_callback(page)', undefined, (w) => {
      if (w.pool(pool).has_init_callback) w.trace?.('init_cb', page)
    })
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

  /** False when the mapping fails. */
  *page_pool_dma_map(pool: Pool, page: Page): Steps<boolean> {
    if (yield* dma_map_page_attrs(pool, page)) return false
    yield* page_pool_set_dma_addr(page, true)
    yield* only('sync at map', () => this.page_pool_dma_sync_for_device(pool, page, ALL))
    return true
  }
  /** @param dma_sync_size bytes the device may write before the next sync; ALL is as many as there are. */
  *page_pool_dma_sync_for_device(pool: Pool, page: Page, dma_sync_size: number): Steps {
    yield* sync_if_wanted(pool, page, dma_sync_size)
  }
  *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)
    if (unmapped) return
    yield* dma_unmap_page_attrs(pool, page)
    yield* page_pool_set_dma_addr(page, false)
  }

  /** Unmap, count, forget, give the page back. */
  *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* this.page_pool_release_page_dma(pool, page)
    yield* count_released(pool, page)
    yield* this.page_pool_clear_pp_info(page)
    yield* put_page(page)
  }
}
