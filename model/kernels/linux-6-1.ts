/**
 * Linux 6.1 (6.1.192): deferred release with get_device(), as shipped. The order of steps is that of
 * net/core/page_pool.c of 6.1.192:
 *
 * - __page_pool_put_page(): page_ref_count, sync (the flag never changes), cache in softirq only; ring; return.
 *   NAPI is not known to a pool before 6.4.
 * - page_pool_recycle_in_ring(): lock, slot, slot write, producer index, statistics, unlock.
 * - page_pool_release_page(): unmap, dma_addr = 0, pp_magic = 0, pp = NULL, count; then put_page().
 * - page_pool_release(): scrub, release count, hold count, lock and unlock producer_lock, free when 0.
 *
 * Pages are not counted in fragments unless the pool asks for it.
 */
import { detail, type Steps } from '../step.ts'
import type { Design } from '../design.ts'
import { DeferredRelease } from '../shutdown/deferred-release.ts'
import { producerBarrier } from '../shutdown/producer-barrier.ts'
import { pp_ref_count_is, sub_pp_ref_count } from '../world/memory/fragments.ts'
import { count_released } from '../world/memory/in-flight.ts'
import { put_page } from '../world/memory/page.ts'
import { in_softirq } from '../world/sync/context.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { mem_allocator_disconnect } from '../xdp/mem-model.ts'
import { pool } from '../shutdown/family.ts'

export class Linux61 extends DeferredRelease {
  override readonly producer_barrier = true;
  override *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* this.page_pool_release_page(pool, page)
    yield* put_page(page)
  }
  /** The pool forgets the page: until 6.5 a function drivers could call. */
  *page_pool_release_page(pool: Pool, page: Page): Steps {
    yield* this.page_pool_release_page_dma(pool, page)
    yield* this.page_pool_clear_pp_info(page)
    yield* count_released(pool, page)
  }

  override *page_pool_recycle_in_cache(pool: Pool, page: Page): Steps<boolean> {
    if (!(yield* in_softirq())) return false
    return yield* super.page_pool_recycle_in_cache(pool, page)
  }
  /** NAPI is not known to a pool before 6.4. */
  override readonly skb_recycles_directly = false;
  override *page_pool_disable_direct_recycling(_pool: Pool): Steps {}

  override readonly starts_as_one_fragment = false;
  /** Pages of pools without PP_FLAG_PAGE_FRAG have no fragments. */
  override *page_pool_is_last_frag(pool: Pool, page: Page): Steps<boolean> {
    const cut = yield* detail('PP_FLAG_PAGE_FRAG', false, (w) => w.pool(pool).page_frag, 'frags')
    return !cut || (yield* this.page_pool_unref_page(page, 1)) === 0
  }
  /** page_pool_defrag_page(): the last user leaves the count as it is. */
  override *page_pool_unref_page(page: Page, nr: number): Steps<number> {
    if (yield* pp_ref_count_is(page, nr, 'pp_frag_count')) return 0
    return yield* sub_pp_ref_count(page, nr, 'page_pool_defrag_page')
  }
  override refuses_frag(w: World, pool: Pool, too_large: boolean): string | undefined {
    return w.pool(pool).page_frag && !too_large
      ? undefined
      : 'WARN_ON(!(pool->p.flags & PP_FLAG_PAGE_FRAG) || size > max_size) in page_pool_alloc_frag'
  }

  /** 43130d02baa1 ("page_pool: avoid infinite loop to schedule delayed worker"), backported. */
  override tries_again(inflight: number): boolean {
    return inflight > 0
  }
  override *disconnect(pool: Pool): Steps {
    const wanted = yield* detail('pool->disconnect', false, (w) => w.pool(pool).disconnect)
    if (wanted) yield* mem_allocator_disconnect(pool)
  }
}

export const linux61: Design = {
  id: 'linux-6.1',
  title: 'Linux 6.1.192',
  source: 'net/core/page_pool.c of 6.1.192, in the order of its text',
  family: pool,
  fields: () => ({}),
  functions: (scope) => new Linux61(scope),
  breaks: producerBarrier.breaks,
  worlds: {
    'queue-restart': {},
    'two-ports': {},
    'softirq-returners': {},
    'softirqs-on-rtnl-cpu': {},
    'coherent-device': {},
    'pool-without-sync': {},
    fragments: {},
    'bulk-return': {},
    'sync-duty': {},
  },
}
