/**
 * The page scan under destroy_lock, as posted: once destroy has begun, returning a page takes a lock,
 * and destroy walks every struct page of the machine under it, unmapping those that carry the
 * pool's signature.
 */
import { step, type Steps } from '../step.ts'
import { dma_unmap_page_attrs, page_pool_set_dma_addr } from '../world/io/dma.ts'
import { page_pool_inflight } from '../world/memory/in-flight.ts'
import { PagePool } from '../pool/page-pool.ts'
import { might_sleep } from '../world/sync/context.ts'
import { lock } from '../world/sync/locks.ts'
import { spin_lock_bh, spin_unlock_bh } from '../world/sync/lock.ts'
import { page_count, pfn_to_page } from '../world/memory/page.ts'
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../world/sync/rcu.ts'
import { pool, pagesToldApart } from './family.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { afterDeviceDel, countsBulk, ringUnlockRace } from './known.ts'

export class PageScanDestroyLock extends PagePool {
  /** Called from page_pool_put_*() and from the scrub. */
  override *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* rcu_read_lock()
    const destroying = yield* step('READ_ONCE(pool->destroy_cnt)', (w) => {
      return w.pool(pool).destroy_cnt > 0
    })
    if (destroying) yield* spin_lock_bh('pool.destroy_lock', pool)
    yield* this.__page_pool_return_page(pool, page)
    if (destroying) yield* spin_unlock_bh('pool.destroy_lock', pool)
    yield* rcu_read_unlock()
  }
  *__page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* super.page_pool_return_page(pool, page)
  }

  /** Returners that read destroy_cnt == 0 finish first, then the pages still out are unmapped. */
  override *before_defer(pool: Pool): Steps {
    yield* synchronize_rcu()
    yield* this.page_pool_inflight_unmap(pool)
  }
  *page_pool_inflight_unmap(pool: Pool): Steps {
    yield* step('get_online_mems()', (w) => might_sleep(w, 'get_online_mems()'))
    yield* spin_lock_bh('pool.destroy_lock', pool)
    const inflight = yield* page_pool_inflight(pool)
    let unmapped = 0
    for (let pfn = 0; pfn < this.scope.pages && unmapped !== inflight; pfn += 1)
      if (yield* this.scan_page(pool, pfn_to_page(pfn))) unmapped += 1
    yield* step('pool->dma_map = false', (w) => {
      w.pool(pool).dma_map = false
    })
    yield* spin_unlock_bh('pool.destroy_lock', pool)
  }
  /** One struct page of the scan: true when it was ours and is unmapped now. */
  *scan_page(pool: Pool, page: Page): Steps<boolean> {
    const used = yield* step('page_count(page)', (w) => page_count(w, page) > 0)
    if (!used) return false
    const signed = yield* step('page->pp_magic == PP_SIGNATURE', (w) => {
      return w.page(page).pp_magic
    })
    if (!signed) return false
    const ours = yield* step('page->pp == pool', (w) => w.page(page).pp === pool)
    if (!ours) return false
    yield* dma_unmap_page_attrs(pool, page)
    yield* page_pool_set_dma_addr(page, false)
    return true
  }
}

const syncs = 'dma_sync_single_range_for_device in page_pool_dma_sync_for_device'

export const pageScanDestroyLock: Design = {
  id: 'page-scan-destroy-lock',
  title: 'page scan under destroy_lock',
  source:
    'Yunsheng Lin, "[PATCH RFC v4 2/3] page_pool: fix IOMMU crash when driver has already unbound", 2024-11-20, <20241120103456.396577-3-linyunsheng@huawei.com>',
  family: pool,
  scopes: pagesToldApart,
  fields: () => ({ destroy_lock: lock() }),
  functions: (scope) => new PageScanDestroyLock(scope),
  breaks: {
    'no-lock-in-freed-memory': ways(
      'the returner counts the page under destroy_lock and unlocks afterwards: the release work may free the pool in between. Not noticed in the thread. The race of producer_lock (CVE-2025-38129) is there as well',
      'spin_unlock in spin_unlock amid spin_unlock',
      'spin_unlock_bh in spin_unlock_bh amid spin_unlock_bh',
    ),
    'no-use-of-freed-pool': ringUnlockRace['no-use-of-freed-pool'],
    'no-sync-of-an-unmapped-page': ways(
      'a page recycled after the scan is synced although the scan unmapped it; patch 3/3 of the series, not modelled here, makes the return path skip the sync',
      syncs,
    ),
    'no-sync-after-unbind': {
      [syncs]: 'the same sync, after the driver is gone (R. Murphy, 2024-11-27: "racy sync calls")',
    },
    'no-use-of-freed-device': {
      [syncs]: 'the same sync, after the last put_device(): the patch drops get_device()',
    },
    ...afterDeviceDel(syncs),
    'no-read-of-freed-page': {
      'page->pp_magic == PP_SIGNATURE in scan_page':
        'the scan asks every struct page for signature and pool, and holds a reference to none',
    },
  },
  worlds: {
    'softirq-returners': {},
    'softirqs-on-rtnl-cpu': {},
    'bulk-return': { breaks: countsBulk },
  },
}
