/**
 * Deferred release with get_device(): upstream from 5.5 until the pages were tracked in 2025. The
 * pool stays until nothing is in flight, checked once a second; a device reference is to keep
 * struct device alive meanwhile. What the reference does not keep is the driver's DMA set-up.
 */
import { step, type Steps } from '../step.ts'
import { PagePool } from '../pool/page-pool.ts'
import { get_device, put_device } from '../world/io/device.ts'
import type { Pool } from '../world/world.ts'
import type { Design } from '../design.ts'
import {
  afterDeviceDel,
  countsBulk,
  countsCached,
  directRecyclingBesideDestroy,
  leftInCache,
  ringUnlockRace,
} from './known.ts'
import { pool } from './family.ts'

export class DeferredRelease extends PagePool {
  override *page_pool_init(pool: Pool, linked: boolean): Steps<number> {
    const err = yield* super.page_pool_init(pool, linked)
    if (err < 0) return err
    yield* step('get_device(pool->p.dev)', (w) => {
      if (w.pool(pool).dma_map) get_device(w, w.pool(pool).dev)
    })
    return 0
  }
  override *page_pool_uninit(pool: Pool): Steps {
    yield* step('put_device(pool->p.dev)', (w) => {
      if (w.pool(pool).dma_map) put_device(w, w.pool(pool).dev)
    })
  }
}

const unmaps = 'dma_unmap_page_attrs in page_pool_release_page_dma'
const syncs = 'dma_sync_single_range_for_device in page_pool_dma_sync_for_device'

const inCache = {
  ...countsCached,
  'alloc-cache-has-one-user': directRecyclingBesideDestroy['alloc-cache-has-one-user'],
  'nothing-left-at-rest': {
    'state: page N in the alloc cache, page N mapped, the pool at rest amid napi_pp_put_page':
      leftInCache,
  },
}

export const deferredRelease: Design = {
  id: 'deferred-release',
  title: 'deferred release with get_device()',
  source:
    'f71fec47c2df ("page_pool: make sure struct device is stable", 2019) and c3f812cea0d7 ("page_pool: do not release pool until inflight == 0.", 2019)',
  family: pool,
  fields: () => ({}),
  functions: (scope) => new DeferredRelease(scope),
  breaks: {
    'no-unmap-after-unbind': {
      [unmaps]:
        'a page still in the stack is unmapped when it comes back, long after the driver is gone (reported 2024-07 for hns3 VFs; the RFC v4 of 2024-11-20 sets out to fix it)',
    },
    'no-sync-after-unbind': {
      [syncs]:
        'recycling a late page into the ring syncs it for a device without driver (R. Murphy, 2024-11-27: "racy sync calls")',
    },
    'no-mapping-outlives-its-driver': {
      'BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver':
        'page_pool_destroy() returns with mappings alive; nothing makes unbind wait for them',
    },
    ...ringUnlockRace,
    ...afterDeviceDel(unmaps, syncs),
  },
  worlds: {
    'queue-restart': { breaks: inCache },
    'late-unlink': { breaks: inCache },
    'two-ports': {},
    'softirq-returners': {},
    'softirqs-on-rtnl-cpu': {},
    fragments: {},
    'bulk-return': { breaks: countsBulk },
    'sync-duty': {},
  },
}
