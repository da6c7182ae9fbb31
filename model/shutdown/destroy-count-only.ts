/**
 * Destroy-count only: the first "simple atomic" idea in the thread of RFC v4. Once destroy has begun
 * a returner does nothing, because destroy releases every page it finds. Nobody unmaps twice, but
 * nobody is told that a page has come back.
 */
import { NONE } from '../../engine/state/layout.ts'
import { again, step, type Steps } from '../step.ts'
import { alloc_count, alloc_pop } from '../world/io/alloc-cache.ts'
import { count_released } from '../world/memory/in-flight.ts'
import { PagePool } from '../pool/page-pool.ts'
import { page_count, pfn_to_page } from '../world/memory/page.ts'
import { ptr_ring_consume_bh } from '../world/io/ptr-ring.ts'
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../world/sync/rcu.ts'
import { pool, pagesToldApart } from './family.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { afterDeviceDel, ringUnlockRace } from './known.ts'

export class DestroyCountOnly extends PagePool {
  /** Called from page_pool_put_*(). */
  override *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* rcu_read_lock()
    const destroying = yield* step('atomic_read(&pool->destroy_cnt)', (w) => {
      return w.pool(pool).destroy_cnt > 0
    })
    if (!destroying) yield* this.__page_pool_return_page(pool, page)
    yield* rcu_read_unlock()
  }
  *__page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* super.page_pool_return_page(pool, page)
  }
  /** Destroy's own returns must do the work. */
  override *page_pool_empty_alloc_cache_once(pool: Pool): Steps {
    const destroying = yield* step('if (pool->destroy_cnt)', (w) => w.pool(pool).destroy_cnt > 0)
    if (destroying) return
    for (;;) {
      yield* again('while (pool->alloc.count)')
      if (!(yield* alloc_count(pool))) return
      const page = yield* alloc_pop(pool)
      yield* this.__page_pool_return_page(pool, page)
    }
  }
  override *page_pool_empty_ring(pool: Pool): Steps {
    for (;;) {
      yield* again('while ((page = ptr_ring_consume_bh(&pool->ring)))')
      const page = yield* ptr_ring_consume_bh(pool)
      if (page === NONE) return
      yield* this.__page_pool_return_page(pool, page)
    }
  }

  override *before_defer(pool: Pool): Steps {
    yield* synchronize_rcu()
    for (let pfn = 0; pfn < this.scope.pages; pfn += 1)
      yield* this.page_pool_release_page(pool, pfn_to_page(pfn))
  }
  /** page_pool_release_page(): disconnects the page from the pool; its holder puts it, as any page. */
  *page_pool_release_page(pool: Pool, page: Page): Steps {
    const used = yield* step('page_count(page)', (w) => page_count(w, page) > 0)
    if (!used) return
    const signed = yield* step('page->pp_magic == PP_SIGNATURE', (w) => {
      return w.page(page).pp_magic
    })
    if (!signed) return
    const ours = yield* step('page->pp == pool', (w) => w.page(page).pp === pool)
    if (!ours) return
    yield* this.page_pool_release_page_dma(pool, page)
    yield* count_released(pool, page)
    yield* this.page_pool_clear_pp_info(page)
  }
}

const syncs =
  'dma_sync_single_range_for_device in page_pool_dma_sync_for_device amid page_pool_dma_sync_for_device'
const clearsFreed = 'page->pp = NULL in page_pool_clear_pp_info amid page_pool_clear_pp_info'
/** Wherever the returner was on his way into the ring. */
const unmapsAgain = [
  '__ptr_ring_produce',
  'spin_unlock',
  'spin_unlock_bh',
  'page_pool_recycle_in_ring',
  'skb_defer_free_flush',
].map((fn) => `dma_unmap_page_attrs in page_pool_release_page_dma amid ${fn}`)

export const destroyCountOnly: Design = {
  id: 'destroy-count-only',
  title: 'atomic destroy count, destroy releases all',
  source:
    'Jesper Dangaard Brouer, reply of 2024-11-25 to "[RFC v4,2/3] page_pool: fix IOMMU crash when driver has already unbound"; withdrawn 2024-11-26 ("my simple atomic idea will not work")',
  family: pool,
  scopes: pagesToldApart,
  fields: () => ({}),
  functions: (scope) => new DestroyCountOnly(scope),
  breaks: {
    'no-use-of-freed-pool': {
      ...ways(
        'destroy has disconnected the page when its frame or skb comes back: page->pp reads NULL (Y. Lin, 2024-11-26, on checking and clearing pp_magic at once)',
        'dma_sync_single_range_for_device in page_pool_dma_sync_for_device',
        'napi = READ_ONCE(pp->p.napi) in napi_pp_put_page amid napi_pp_put_page',
        'atomic_read in page_pool_return_page amid napi_pp_put_page',
      ),
      ...ways(
        'destroy counted the page that its returner still has: the release work frees the pool under him',
        'atomic_read in page_pool_return_page amid page_pool_return_page',
        'r->queue[r->producer] taken? in __ptr_ring_produce amid __ptr_ring_produce',
        'r->queue[r->producer++] = page in __ptr_ring_produce amid __ptr_ring_produce',
      ),
      ...ringUnlockRace['no-use-of-freed-pool'],
    },
    'no-use-of-freed-page': {
      [clearsFreed]:
        'destroy has cleared pp_magic and not yet page->pp when the holder, who sees an ordinary page, puts it: destroy writes to a freed page (Y. Lin, 2024-11-26, on clearing pp_magic while it is checked)',
    },
    'no-unmap-after-unbind': ways(
      'destroy released the page while its returner put it into the ring; the release work unmaps it again, after unbind',
      ...unmapsAgain,
    ),
    'no-sync-after-unbind': {
      [syncs]: 'recycling syncs whatever destroy has done to the page meanwhile',
    },
    'no-sync-of-an-unmapped-page': {
      'dma_sync_single_range_for_device in page_pool_dma_sync_for_device':
        'recycling syncs a page destroy has unmapped',
    },
    'no-use-of-freed-device': ways(
      'the same sync, or the second unmap, after the last put_device()',
      syncs,
      ...unmapsAgain,
    ),
    'no-mapping-unmapped-twice': ways(
      'destroy and the release work both unmap a page that was on its way into the ring: neither knows of the other ("destroy() cannot know", Y. Lin, 2024-11-26)',
      'dma_unmap_page_attrs in page_pool_release_page_dma amid synchronize_rcu',
      'dma_unmap_page_attrs in page_pool_release_page_dma amid spin_unlock_bh',
    ),
    'in-flight-equals-ledger': ways(
      'the same page is counted as released twice',
      'atomic_inc in __page_pool_return_page amid synchronize_rcu',
      'atomic_inc in __page_pool_return_page amid spin_unlock_bh',
    ),
    'in-flight-never-negative': ways(
      'the same page is counted as released twice',
      'READ_ONCE in page_pool_inflight amid synchronize_rcu',
      'READ_ONCE in page_pool_inflight amid spin_unlock_bh',
    ),
    'no-lock-in-freed-memory': {
      ...ways(
        'destroy counted the page that its returner still has: he takes producer_lock of the freed pool',
        'spin_lock in spin_lock amid spin_lock',
        'spin_lock_bh in spin_lock_bh amid spin_lock_bh',
      ),
      ...ringUnlockRace['no-lock-in-freed-memory'],
    },
    ...afterDeviceDel(syncs, ...unmapsAgain),
    'no-read-of-freed-page': ways(
      'the same, as destroy goes on with the page; and its scan reads pages it holds no reference to',
      clearsFreed,
      'page->pp_magic == PP_SIGNATURE in page_pool_release_page',
    ),
    'nothing-left-at-rest': ways(
      'a page that comes back during the scan is recycled into the ring of a pool that is freed, or belongs to nobody: its returner left it to destroy, destroy to its holder',
      "state: page N in nobody's hands at rest amid page_pool_clear_pp_info",
      'state: page N in the ring at rest',
      'state: the pool at rest',
      "state: page N in nobody's hands at rest amid spin_lock_bh",
      "state: page N in nobody's hands, page N in the ring at rest amid spin_lock_bh",
      "state: page N in the ring, page N in nobody's hands at rest amid synchronize_rcu",
      "state: page N in nobody's hands, the pool at rest amid spin_unlock_bh",
    ),
  },
  neverEnds: {
    'shutdown-completes-once-packets-are-released':
      'the page that is counted twice leaves in-flight at -1: the pool is never freed',
    'deferred-release-does-not-run-for-ever':
      'page_pool_release_retry() queues itself as long as in-flight is not 0 (CVE-2025-37859, 43130d02baa1)',
  },
}
