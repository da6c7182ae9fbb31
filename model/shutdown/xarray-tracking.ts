/**
 * Pages tracked in an xarray and unmapped at destroy: upstream as merged in 2025. Returner and
 * destroy both want to unmap; the xarray's cmpxchg says who does. The loser does not wait.
 */
import { NONE, indexOf } from '../../engine/state/layout.ts'
import { detail, only, step, type Steps } from '../step.ts'
import { PagePool } from '../pool/page-pool.ts'
import {
  ALL,
  dma_dev_need_sync,
  dma_map_page_attrs,
  dma_sync_single_range_for_device,
  dma_unmap_page,
  dma_unmap_page_attrs,
  page_pool_get_dma_addr,
  page_pool_set_dma_addr,
} from '../world/io/dma.ts'
import { onceMore } from '../world/memory/refcount.ts'
import {
  dmaMapped,
  xa_alloc,
  xa_cmpxchg,
  xa_destroy,
  xa_empty,
  xa_find,
  xa_id,
} from '../world/memory/xarray.ts'
import { WARN_ONCE } from '../world/printk.ts'
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../world/sync/rcu.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { afterDeviceDel, countsBulk, graceKeeps, ringUnlockRace } from './known.ts'
import { pool } from './family.ts'

/** A page that another pool tracks: its index goes with the signature. Never recorded: own words. */
const INDEX_LEFT = 'WARN_ON_ONCE(dma index left in pp_magic) in netmem_clear_pp_magic'

/** pool->dma_sync && dma_dev_need_sync(pool->p.dev): two reads, of the pool and of its device. */
export function* dma_sync_wanted(pool: Pool): Steps<boolean> {
  const wanted = yield* step('if (pool->dma_sync)', (w) => w.pool(pool).dma_sync)
  return wanted && (yield* dma_dev_need_sync(pool))
}

export class XarrayTracking extends PagePool {
  override *page_pool_dma_map(pool: Pool, page: Page): Steps<boolean> {
    if (yield* dma_map_page_attrs(pool, page)) return false
    yield* page_pool_set_dma_addr(page, true)
    if (!(yield* this.page_pool_register_dma_index(pool, page))) {
      yield* page_pool_set_dma_addr(page, false)
      yield* dma_unmap_page_attrs(pool, page, true)
      return false
    }
    yield* only('sync at map', () => this.page_pool_dma_sync_for_device(pool, page, ALL))
    return true
  }
  /** False when there is no memory; where struct page has no room for an index nothing is tracked. */
  *page_pool_register_dma_index(pool: Pool, page: Page): Steps<boolean> {
    const failed = yield* only('index bits', () => xa_alloc(pool, page))
    if (failed === true) return false
    yield* detail(
      'netmem_set_dma_index(netmem, id)',
      undefined,
      (w) => {
        w.page(page).dma_index = xa_id(w, pool, page)
      },
      'index bits',
    )
    return true
  }

  /** Re-checked under RCU, so that destroy can wait for syncs begun before it cleared dma_sync. */
  override *page_pool_dma_sync_for_device(pool: Pool, page: Page, dma_sync_size: number): Steps {
    if (!(yield* dma_sync_wanted(pool))) return
    yield* rcu_read_lock()
    const still = yield* step('if (pool->dma_sync)', (w) => w.pool(pool).dma_sync)
    if (still) yield* dma_sync_single_range_for_device(pool, page, dma_sync_size)
    yield* rcu_read_unlock()
  }
  /** Whoever takes the page out of the xarray unmaps it. */
  override *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)
    if (unmapped) return
    const id = yield* step('id = netmem_get_dma_index(netmem)', (w) => w.page(page).dma_index)
    if (id === 0 || !(yield* xa_cmpxchg(pool, id, page))) return
    const dma = yield* page_pool_get_dma_addr(page)
    yield* step('dma_unmap_page_attrs(pool->p.dev, dma)', (w) => unmapAt(w, pool, page, dma))
    yield* page_pool_set_dma_addr(page, false)
    yield* this.netmem_set_dma_index(page, 0)
  }
  /** The index lies in the upper bits of pp_magic: the word is read and written back. */
  *netmem_set_dma_index(page: Page, id: number): Steps {
    const magic = yield* step('magic = netmem_get_pp_magic(netmem)', (w) => {
      return w.page(page).pp_magic
    })
    yield* step('netmem->pp_magic = magic | id', (w) => {
      w.page(page).pp_magic = magic
      w.page(page).dma_index = id
    })
  }
  override *page_pool_clear_pp_info(page: Page): Steps {
    yield* step('page->pp_magic = 0', (w) => {
      if (w.page(page).dma_index !== 0) WARN_ONCE(w, INDEX_LEFT)
      w.page(page).pp_magic = false
      w.page(page).pfmemalloc = false
      w.page(page).dma_index = 0
    })
    yield* step('page->pp = NULL', (w) => {
      w.page(page).pp = NONE
    })
  }

  override *page_pool_scrub(pool: Pool): Steps {
    yield* this.page_pool_empty_alloc_cache_once(pool)
    const first = yield* step('if (!pool->destroy_cnt++ && pool->dma_map)', (w) => {
      const before = w.pool(pool).destroy_cnt
      w.pool(pool).destroy_cnt = onceMore(w, before)
      return before === 0 && w.pool(pool).dma_map
    })
    if (first) yield* this.unmap_tracked(pool)
    yield* this.page_pool_empty_ring(pool)
  }
  /** Its first time, the scrub ends all syncs and unmaps every page that is out. */
  *unmap_tracked(pool: Pool): Steps {
    const sync = yield* step('if (pool->dma_sync)', (w) => w.pool(pool).dma_sync)
    if (sync) {
      yield* step('pool->dma_sync = false', (w) => {
        w.pool(pool).dma_sync = false
      })
      if ((yield* dma_dev_need_sync(pool)) && !(yield* xa_empty(pool))) yield* synchronize_rcu()
    }
    for (let slot = 0; slot < this.scope.pages; slot += 1)
      if (!(yield* this.unmap_slot(pool, slot))) return
  }
  /** The body of xa_for_each(). False where the xarray ends, if it does before the bound of the scope. */
  *unmap_slot(pool: Pool, slot: number): Steps<boolean> {
    const page = yield* xa_find(pool, slot)
    if (page === 'end') return false
    if (page !== NONE) yield* this.unmap_tracked_page(pool, page)
    return true
  }
  *unmap_tracked_page(pool: Pool, page: Page): Steps {
    yield* this.page_pool_release_page_dma(pool, page)
  }
  /**
   * A pool that counted a page of another, or one page twice, is freed with pages still tracked:
   * nobody will unmap them.
   */
  override *page_pool_uninit(pool: Pool): Steps {
    yield* detail('xa_destroy(&pool->dma_mapped)', undefined, (w) => xa_destroy(w, pool))
  }
}

/** The winner may read an address that somebody else's free has cleared. */
function unmapAt(w: World, pool: Pool, page: Page, dma: boolean): void {
  if (dma) dma_unmap_page(w, page, true, w.pool(pool).dev, pool)
  else
    w.report('unmap-of-unmapped', `dma_unmap_page() of address 0, read from page ${indexOf(page)}`)
}

const unmaps = 'dma_unmap_page_attrs in page_pool_release_page_dma amid page_pool_release_page_dma'
const clearsAddress =
  'page_pool_set_dma_addr in page_pool_release_page_dma amid page_pool_release_page_dma'
const clearsIndex =
  'netmem->pp_magic = magic | id in netmem_set_dma_index amid netmem_set_dma_index'

export const xarrayTracking: Design = {
  id: 'xarray-tracking',
  title: 'pages tracked in an xarray, unmapped at destroy',
  source:
    'ee62ce7a1d90 ("page_pool: Track DMA-mapped pages and unmap them when destroying the pool", 2025), as merged',
  family: pool,
  fields: (scope) => dmaMapped(scope.pages),
  functions: (scope) => new XarrayTracking(scope),
  breaks: {
    'no-unmap-after-unbind': {
      [unmaps]:
        'a returner that won the cmpxchg has not unmapped yet when destroy finds the xarray empty, returns, and the driver is unbound. Nothing waits for it: the xarray says who unmaps, not when',
    },
    'no-mapping-outlives-its-driver': {
      'BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver amid page_pool_release_page_dma':
        'the same window: the mapping is still alive at unbind',
    },
    'no-use-of-freed-device': {
      [unmaps]: 'the same window, after the last put_device(): get_device() was dropped',
      'dma_dev_need_sync in page_pool_dma_sync_for_device amid page_pool_dma_sync_for_device':
        'a returner that saw dma_sync asks struct device outside the read section that destroy waits for',
    },
    'no-page-freed-while-mapped': ways(
      'destroy won the cmpxchg and has not unmapped yet; the returner, who lost, counts the page and puts it',
      'put_page in put_extra_reference amid page_pool_release_page_dma',
      'put_page in put_page amid page_pool_release_page_dma',
    ),
    'no-use-of-freed-page': ways(
      'destroy won, the page was put and freed, and destroy then clears its dma_addr and dma index: it holds no page reference',
      clearsAddress,
      clearsIndex,
    ),
    'no-mapping-unmapped-twice': {
      [unmaps]:
        'the freed page is in use again when destroy reads its dma_addr: it unmaps whatever stands there',
    },
    'no-page-freed-with-signature': ways(
      'destroy won and writes the dma index back into pp_magic with the signature it read before the loser cleared it; the page is put after that',
      'put_page in put_extra_reference amid netmem_set_dma_index',
      'put_page in put_page amid netmem_set_dma_index',
    ),
    'nothing-left-at-rest': {
      'state: page N mapped at rest amid page_pool_release_page_dma':
        'the true mapping of that page is never undone',
    },
    ...ringUnlockRace,
    ...afterDeviceDel(unmaps),
    'no-read-of-freed-page': ways(
      'destroy reads the page it won, and the page it is about to lose, without a reference',
      'dma = page_pool_get_dma_addr(page) in page_pool_release_page_dma amid page_pool_release_page_dma',
      'id = netmem_get_dma_index(netmem) in page_pool_release_page_dma amid page_pool_release_page_dma',
      'magic = netmem_get_pp_magic(netmem) in netmem_set_dma_index amid netmem_set_dma_index',
      clearsAddress,
      clearsIndex,
    ),
  },
  worlds: {
    'softirq-returners': {},
    'softirqs-on-rtnl-cpu': {},
    'coherent-device': {},
    'pool-without-sync': {},
    'bulk-return': { breaks: countsBulk },
    'grace-before-unbind': {},
    'grace-no-preemption': { keeps: graceKeeps },
  },
}
