/** page_pool_put_page_bulk() (net/core/page_pool.c): one lock for all pages that go into the ring. */
import { functions, type Steps } from '../step.ts'
import type { Page, Pool } from '../world/world.ts'
import { ALL, type PagePool } from './page-pool.ts'

export const { page_pool_put_page_bulk } = functions({
  /** What may not be recycled is released on the spot, the ring is filled, the rest is released. */
  *page_pool_put_page_bulk(this: PagePool, pool: Pool, ...pages: readonly Page[]): Steps {
    const allow_direct = yield* this.bulk_allows_direct(pool)
    const bulk: Page[] = []
    for (const page of pages) {
      if (this.scope.frags && !(yield* this.page_pool_is_last_frag(pool, page))) continue
      if (yield* this.__page_pool_put_page(pool, page, allow_direct, ALL)) bulk.push(page)
    }
    if (bulk.length === 0) return
    const produced = yield* this.page_pool_recycle_ring_bulk(pool, ...bulk)
    for (const page of bulk.slice(produced)) yield* this.page_pool_return_page(pool, page)
  },
})
