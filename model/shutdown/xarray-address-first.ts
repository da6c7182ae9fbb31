/**
 * xarray tracking as repaired in August 2026: the address is read before the cmpxchg, so whoever wins has it;
 * the scrub, which holds no page reference, unmaps and touches nothing else; the fields of the page are
 * cleared by whoever gives it back, won or lost, before it is counted. Before it: xarray-tracking.
 *
 * Order of __page_pool_unmap_netmem_dma(): dma_map, dma_addr, index, cmpxchg, unmap. Of
 * page_pool_return_page(): that, dma_addr = 0, index = 0, count, pp_magic = 0, pp = NULL, put_page().
 */
import { only, step, type Steps } from '../step.ts'
import {
  dma_unmap_page_attrs,
  page_pool_get_dma_addr,
  page_pool_set_dma_addr,
} from '../world/io/dma.ts'
import { xa_cmpxchg } from '../world/memory/xarray.ts'
import { scopes } from '../scope/named.ts'
import type { Page, Pool } from '../world/world.ts'
import { ways, type Design } from '../design.ts'
import { afterDeviceDel, ringUnlockRace } from './known.ts'
import { XarrayTracking, xarrayTracking } from './xarray-tracking.ts'
import { pool } from './family.ts'

/** Inline in the function below. */
function* takes_out(pool: Pool, page: Page): Steps<boolean> {
  const id = yield* step('id = netmem_get_dma_index(netmem)', (w) => w.page(page).dma_index)
  return id !== 0 && (yield* xa_cmpxchg(pool, id, page))
}

export class XarrayAddressFirst extends XarrayTracking {
  override *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)
    if (unmapped) return
    yield* this.__page_pool_unmap_netmem_dma(pool, page)
    yield* page_pool_set_dma_addr(page, false)
    yield* only('index bits', () => this.netmem_set_dma_index(page, 0))
  }
  /** Safe without a page reference. Where there is no index nobody else unmaps. */
  *__page_pool_unmap_netmem_dma(pool: Pool, page: Page): Steps {
    const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)
    if (unmapped) return
    const dma = yield* page_pool_get_dma_addr(page)
    const won = yield* only('index bits', () => takes_out(pool, page))
    if (won !== false) yield* dma_unmap_page_attrs(pool, page, dma)
  }
  override *unmap_tracked_page(pool: Pool, page: Page): Steps {
    yield* this.__page_pool_unmap_netmem_dma(pool, page)
  }
}

const unmaps =
  'dma_unmap_page_attrs in __page_pool_unmap_netmem_dma amid __page_pool_unmap_netmem_dma'
export const asksDevice =
  'dma_dev_need_sync in page_pool_dma_sync_for_device amid page_pool_dma_sync_for_device'

const lostCmpxchg =
  'destroy won the cmpxchg and has not unmapped yet; the returner, who lost, counts the page and puts it'
const putsExtra = 'put_page in put_extra_reference amid __page_pool_unmap_netmem_dma'
/** Seen with two pages only. */
const puts = 'put_page in put_page amid __page_pool_unmap_netmem_dma'

/** Nobody waits for the winner of the cmpxchg: as merged, as repaired in 2026, and in 6.12.117. */
export const winnerNotWaitedFor = {
  'no-unmap-after-unbind': {
    [unmaps]:
      'a returner that won the cmpxchg has not unmapped yet when destroy finds the xarray empty, returns, and the driver is unbound. Nothing waits for it: the xarray says who unmaps, not when',
  },
  'no-mapping-outlives-its-driver': {
    'BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver amid __page_pool_unmap_netmem_dma':
      'the same window: the mapping is still alive at unbind',
  },
  'no-use-of-freed-device': {
    [unmaps]: 'the same window, after the last put_device(): get_device() was dropped',
    [asksDevice]:
      'a returner has seen dma_sync and is preempted: dma_dev_need_sync(pool->p.dev) reads struct device outside the read section, when the driver may be gone',
  },
  ...afterDeviceDel(unmaps),
  'no-read-of-freed-page': ways(
    'xa_for_each() gives destroy a page it holds no reference to: the returner wins, the page is freed, and destroy reads its dma_addr and pp_magic. Harmless, the cmpxchg fails',
    'dma = page_pool_get_dma_addr(page) in __page_pool_unmap_netmem_dma amid __page_pool_unmap_netmem_dma',
    'id = netmem_get_dma_index(netmem) in __page_pool_unmap_netmem_dma amid __page_pool_unmap_netmem_dma',
  ),
  'no-page-freed-while-mapped': ways(lostCmpxchg, putsExtra, puts),
} as const

export const xarrayAddressFirst: Design = {
  id: 'xarray-address-first',
  title: 'pages tracked in an xarray, the address read before the cmpxchg',
  source:
    '24ef02f934ee (2026): dma_addr is read before xa_cmpxchg(), on top of ee62ce7a1d90 as merged',
  family: pool,
  fields: xarrayTracking.fields,
  functions: (scope) => new XarrayAddressFirst(scope),
  scopes: { searched: [scopes.corner] },
  breaks: {
    ...winnerNotWaitedFor,
    'no-page-freed-while-mapped': { [putsExtra]: lostCmpxchg },
    ...ringUnlockRace,
  },
}
