/**
 * page_pool as every design since 2018 has it (net/core/page_pool.c; names and order of 6.12 before the 2025
 * rework), cut by the life of a pool: create, pages, alloc, put, frag, and here destroy. A design overrides the
 * functions it changes, and nothing else. Functions call each other through the design, as in one C file.
 */
import { NONE } from '../../engine/state/layout.ts'
import { again, detail, step, type Steps } from '../step.ts'
import { alloc_count, alloc_pop } from '../world/io/alloc-cache.ts'
import { ptr_ring_consume_bh } from '../world/io/ptr-ring.ts'
import { page_pool_inflight } from '../world/memory/in-flight.ts'
import { onceMore, put_user } from '../world/memory/refcount.ts'
import { kfree_pool } from '../world/memory/slab.ts'
import { pr_crit, pr_warn } from '../world/printk.ts'
import { schedule_release_dw } from '../world/sync/workqueue.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { Frag } from './frag.ts'

/** DEFER_TIME and DEFER_WARN_INTERVAL, in jiffies at HZ = 1000. */
export const DEFER_TIME = 1000
const DEFER_WARN_INTERVAL = 60_000

export class PagePool extends Frag {
  *page_pool_destroy(pool: Pool): Steps {
    if (!(yield* put_user(pool))) return
    yield* this.page_pool_disable_direct_recycling(pool)
    yield* this.page_pool_free_frag(pool)
    if ((yield* this.page_pool_release(pool)) === 0) return
    yield* this.before_defer(pool)
    yield* detail('pool->defer_start = jiffies', undefined, (w) => {
      w.pool(pool).defer_start = w.jiffies
      w.pool(pool).defer_warn = w.jiffies + DEFER_WARN_INTERVAL
    })
    yield* schedule_release_dw(pool)
  }
  /** What a design does between finding pages in flight and deferring the release. */
  *before_defer(_pool: Pool): Steps {}

  *page_pool_disable_direct_recycling(pool: Pool): Steps {
    yield* step('WRITE_ONCE(pool->p.napi, NULL)', (w) => {
      w.pool(pool).napi = false
    })
  }
  /**
   * Since 64fdaa94bfe0 (2025): a pool that was made for a queue that is still running, or that a failed restart
   * goes back to, learns its NAPI when nothing can fail any more. Its mutex, page_pools_lock, keeps netlink out
   * and is left away.
   */
  *page_pool_enable_direct_recycling(pool: Pool): Steps {
    const known = yield* step('READ_ONCE(pool->p.napi) == napi', (w) => w.pool(pool).napi)
    if (known) return
    yield* step('WRITE_ONCE(pool->p.napi, napi)', (w) => {
      w.pool(pool).napi = w.params.napi
    })
  }

  /** Scrubs, and frees the pool when nothing is in flight. Returns what is. */
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
  /** The delayed work. */
  *page_pool_release_retry(pool: Pool): Steps {
    const inflight = yield* this.page_pool_release(pool)
    if (!this.tries_again(inflight)) return
    const due = yield* detail('time_after_eq(jiffies, pool->defer_warn)', false, (w) => {
      return ((w.jiffies - w.pool(pool).defer_warn) | 0) >= 0
    })
    if (due)
      yield* step('pr_warn("stalled pool shutdown")', (w) => this.pr_stalled(w, pool, inflight))
    yield* schedule_release_dw(pool)
  }
  /** Until 43130d02baa1 a negative count kept the work going for ever. */
  tries_again(inflight: number): boolean {
    return inflight !== 0
  }
  /** Once a minute about a pool that does not get empty. */
  private pr_stalled(w: World, pool: Pool, inflight: number): void {
    const it = w.pool(pool)
    const seconds = Math.trunc(((w.jiffies - it.defer_start) | 0) / 1000)
    const text = this.stalled(w, pool, inflight, seconds)
    if (text === undefined) return
    pr_warn(w, text)
    it.defer_warn = w.jiffies + DEFER_WARN_INTERVAL
  }
  stalled(_w: World, _pool: Pool, inflight: number, seconds: number): string | undefined {
    return `page_pool_release_retry() stalled pool shutdown ${inflight} inflight ${seconds} sec`
  }

  *page_pool_scrub(pool: Pool): Steps {
    yield* this.page_pool_empty_alloc_cache_once(pool)
    yield* step('pool->destroy_cnt++', (w) => {
      w.pool(pool).destroy_cnt = onceMore(w, w.pool(pool).destroy_cnt)
    })
    yield* this.page_pool_empty_ring(pool)
  }
  *page_pool_empty_alloc_cache_once(pool: Pool): Steps {
    const destroying = yield* step('if (pool->destroy_cnt)', (w) => w.pool(pool).destroy_cnt > 0)
    if (destroying) return
    for (;;) {
      yield* again('while (pool->alloc.count)')
      if (!(yield* alloc_count(pool))) return
      const page = yield* alloc_pop(pool)
      yield* this.page_pool_return_page(pool, page)
    }
  }
  *page_pool_empty_ring(pool: Pool): Steps {
    for (;;) {
      yield* again('while ((page = ptr_ring_consume_bh(&pool->ring)))')
      const page = yield* ptr_ring_consume_bh(pool)
      if (page === NONE) return
      yield* detail('page_ref_count(page) == 1', undefined, violatesRefcount(page))
      yield* this.page_pool_return_page(pool, page)
    }
  }
  *__page_pool_destroy(pool: Pool): Steps {
    yield* this.disconnect(pool)
    yield* this.page_pool_uninit(pool)
    yield* kfree_pool(pool, true)
  }
  /** pool->disconnect(): registered memory models of this pool are forgotten. */
  *disconnect(_pool: Pool): Steps {}
}

/** A page in the ring has one reference. */
const violatesRefcount =
  (page: Page) =>
  (w: World): void => {
    const { refcount } = w.page(page)
    if (refcount !== 1) pr_crit(w, `page_pool_empty_ring() page_pool refcnt ${refcount} violation`)
  }
