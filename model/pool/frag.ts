/**
 * Pages cut in fragments (net/core/page_pool.c, page_pool_alloc_frag(); include/net/page_pool). A page
 * that may be cut further is counted in advance as BIAS_MAX fragments; what was not handed out is
 * taken off when the page is given up.
 */
import { indexOf, NONE } from '../../engine/state/layout.ts'
import { functions, step, type Steps } from '../step.ts'
import { cut, fragmentHandedOut, fragmentsGivenUp } from '../world/ledger.ts'
import { WARN } from '../world/printk.ts'
import type { Page, Pool, World } from '../world/world.ts'
import type { PagePool } from './page-pool.ts'

const PAGE_SIZE = 4096
/** dma_get_cache_alignment() of a coherent device, or of struct skb_shared_info. */
const ALIGNMENT = 8
/** LONG_MAX in 6.1, half of it in 6.12: far more than can be handed out, and exact in a double. */
export const BIAS_MAX = 2 ** 50
/** Where pages are searched, a page is never cut in more pieces than the bias allows for. */
const biasOf = (pool: PagePool): number => (pool.scope.whole ? BIAS_MAX : 8)

export const { set_pp_ref_count, sub_pp_ref_count, page_pool_alloc_frag, page_pool_free_frag } =
  functions({
    *set_pp_ref_count(page: Page, nr: number): Steps {
      yield* step('atomic_long_set(&page->pp_ref_count, nr)', (w) => {
        w.page(page).pp_ref_count = nr
      })
    },

    /** atomic_long_sub_return(), and the warning when there were fewer. */
    *sub_pp_ref_count(page: Page, nr: number, who: string): Steps<number> {
      return yield* step('atomic_long_sub_return(nr, &page->pp_ref_count)', (w) => {
        const it = w.page(page)
        const left = it.pp_ref_count - nr
        fragmentsGivenUp(w, page, nr === 1 ? 'holder' : 'pool')
        if (left < 0) {
          WARN(w, `WARN_ON(ret < 0) in ${who}`)
          w.report(
            'page-freed-twice',
            `more fragments of page ${indexOf(page)} are given up than it has`,
          )
        }
        if (left >= 0 || w.scope.whole) it.pp_ref_count = left
        return left
      })
    },

    /** page_pool_alloc_frag(): the page, or NONE. Where in it stands in `frag_offset` of before the call. */
    *page_pool_alloc_frag(this: PagePool, pool: Pool, size: number): Steps<Page> {
      const frag = yield* frag_request(pool, size)
      if (frag === 'refused') return NONE
      let page = frag === 'new' ? NONE : frag
      if (frag !== 'new' && (yield* no_room(pool, size))) {
        page = yield* page_pool_drain_frag(pool, frag)
        if (page !== NONE) {
          yield* this.drained_page_reused(pool)
          return yield* frag_reset(pool, page, size)
        }
      }
      if (page === NONE) {
        page = yield* this.page_pool_alloc_pages(pool)
        if (page === NONE) {
          yield* step('pool->frag_page = NULL', (w) => {
            w.pool(pool).frag_page = NONE
          })
          return NONE
        }
        return yield* frag_reset(pool, page, size)
      }
      yield* step('pool->frag_users++', (w) => {
        const it = w.pool(pool)
        it.frag_users += 1
        fragmentHandedOut(w, page)
        it.frag_offset += align(size)
      })
      yield* this.stat_inc(pool, 'fast')
      return page
    },

    /** page_pool_free_frag(), at destroy: never recycled. */
    *page_pool_free_frag(this: PagePool, pool: Pool): Steps {
      const page = yield* step('pool->frag_page = NULL', (w) => {
        const it = w.pool(pool)
        const was = it.frag_page
        it.frag_page = NONE
        return was
      })
      if (page !== NONE && (yield* drained(pool, page)))
        yield* this.page_pool_return_page(pool, page)
    },
  })

const { drained, frag_request, no_room, frag_reset, page_pool_drain_frag } = functions({
  /** The fragments nobody got are taken off: NONE when somebody still has one of the others. */
  *drained(this: PagePool, pool: Pool, page: Page): Steps<boolean> {
    const users = yield* step('pool->frag_users', (w) => w.pool(pool).frag_users)
    return (yield* this.page_pool_unref_page(page, biasOf(this) - users)) === 0
  },

  /** The page being cut, `new` when there is none, `refused` when the request is not to be met. */
  *frag_request(this: PagePool, pool: Pool, size: number): Steps<Page | 'new' | 'refused'> {
    return yield* step('size > max_size', (w) => {
      const complaint = this.refuses_frag(w, pool, size > max_size(w, pool))
      if (complaint !== undefined) {
        WARN(w, complaint)
        return 'refused'
      }
      const { frag_page } = w.pool(pool)
      return frag_page === NONE ? 'new' : frag_page
    })
  },

  *no_room(this: PagePool, pool: Pool, size: number): Steps<boolean> {
    return yield* step('*offset + size > max_size', (w) => {
      return w.pool(pool).frag_offset + align(size) > max_size(w, pool)
    })
  },

  *frag_reset(this: PagePool, pool: Pool, page: Page, size: number): Steps<Page> {
    yield* step('pool->frag_page = page', (w) => {
      const it = w.pool(pool)
      it.frag_page = page
      it.frag_users = 1
      cut(w, page)
      fragmentHandedOut(w, page)
      it.frag_offset = align(size)
    })
    yield* set_pp_ref_count(page, biasOf(this))
    return page
  },

  /** page_pool_drain_frag(): the page when nobody else has any of it, ready to be cut anew; else NONE. */
  *page_pool_drain_frag(this: PagePool, pool: Pool, page: Page): Steps<Page> {
    if (!(yield* drained(pool, page))) return NONE
    const recyclable = yield* step('page_ref_count(page) == 1', (w) => {
      return w.page(page).refcount === 1 && !w.page(page).pfmemalloc
    })
    if (recyclable) {
      yield* this.page_pool_dma_sync_for_device(pool, page, -1)
      return page
    }
    yield* this.page_pool_return_page(pool, page)
    return NONE
  },
})

const align = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT
const max_size = (w: World, pool: Pool): number => PAGE_SIZE << w.pool(pool).order
