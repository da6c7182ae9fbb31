/**
 * 6.12.117 with the winner waited for: three changes. The return path holds rcu_read_lock() from before the
 * cmpxchg until it has unmapped; both tests for syncing are made under the rcu_read_lock() that is there;
 * and page_pool_destroy() waits for one grace period before it leaves pages to the release work. A winner is
 * always in flight, as it counts after it unmaps, so a pool that is empty need not wait.
 */
import type { Steps } from '../step.ts'
import { dma_sync_single_range_for_device } from '../world/io/dma.ts'
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../world/sync/rcu.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, reasonOf, ways } from '../design.ts'
import { Linux612, linux612, unmapsAlone, worldsOf612 } from '../kernels/linux-6-12.ts'
import { winnerNotWaitedFor } from './xarray-address-first.ts'
import { dma_sync_wanted } from './xarray-tracking.ts'
import { pool } from './family.ts'

class XarrayTrackingWaits extends Linux612 {
  override *__page_pool_unmap_netmem_dma(pool: Pool, page: Page): Steps {
    yield* rcu_read_lock()
    yield* super.__page_pool_unmap_netmem_dma(pool, page)
    yield* rcu_read_unlock()
  }
  override *page_pool_dma_sync_for_device(pool: Pool, page: Page, dma_sync_size: number): Steps {
    yield* rcu_read_lock()
    if (yield* dma_sync_wanted(pool))
      yield* dma_sync_single_range_for_device(pool, page, dma_sync_size)
    yield* rcu_read_unlock()
  }
  override *before_defer(_pool: Pool): Steps {
    yield* synchronize_rcu()
  }
}

const { 'no-page-freed-while-mapped': whileMapped, 'no-read-of-freed-page': read } =
  winnerNotWaitedFor

export const xarrayTrackingWaits: Design = {
  id: 'xarray-tracking-waits',
  title: 'Linux 6.12.117, destroy waits for whoever won the cmpxchg',
  source:
    'proposed here: rcu_read_lock() across cmpxchg and unmap, both sync tests under it, synchronize_net() before the release is deferred',
  family: pool,
  fields: linux612.fields,
  functions: (scope) => new XarrayTrackingWaits(scope),
  breaks: {
    'no-page-freed-while-mapped': ways(
      `${reasonOf({ whileMapped }, 'whileMapped')}. Destroy unmaps before it returns, so the device is still the driver's`,
      ...Object.keys(whileMapped),
    ),
    'no-read-of-freed-page': read,
  },
  worlds: {
    ...worldsOf612,
    'one-reference': {
      keeps: {
        'no-use-of-freed-device':
          'both tests are made inside the read section that destroy waits for',
      },
    },
    'napi-freed-early': {
      keeps: {
        'no-use-of-freed-napi': 'the grace period before the release is deferred waits for it',
      },
    },
    'grace-no-preemption': {},
    'no-index-bits': {
      breaks: {
        'no-unmap-after-unbind': {
          [unmapsAlone]:
            'nothing is tracked: a late returner unmaps by itself, and no grace period helps',
        },
        'no-mapping-outlives-its-driver': {
          'BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver': 'the same',
        },
        'no-use-of-freed-device': { [unmapsAlone]: 'the same, after the last put_device()' },
        'no-dma-after-iommu-release': { [unmapsAlone]: 'the same, after device_del()' },
      },
    },
  },
}
