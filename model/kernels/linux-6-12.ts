/**
 * Linux 6.12 (6.12.117): pages tracked in an xarray, as shipped, with the repairs of 2025 and 2026. The order
 * of steps is that of net/core/page_pool.c of 6.12.117:
 *
 * - page_pool_put_unrefed_netmem(): napi_local, then __page_pool_put_page(): page_ref_count, sync, cache; ring;
 *   return.
 * - page_pool_napi_local(): in_softirq(), pool->cpuid, pool->p.napi, napi->list_owner. Two loads, no RCU.
 * - page_pool_dma_sync_for_device(): pool->dma_sync, dev->dma_skip_sync, rcu_read_lock(), pool->dma_sync, sync.
 * - page_pool_recycle_in_ring(): lock, slot, slot write, producer index, statistics, unlock.
 * - page_pool_return_page() and __page_pool_unmap_netmem_dma(): see xarray-address-first.ts.
 * - page_pool_scrub(): cache once, destroy_cnt++, dma_sync = false, dma_dev_need_sync(), xa_empty(),
 *   synchronize_net(), xa_for_each unmap, ring.
 * - page_pool_release(): scrub, release count, hold count, lock and unlock producer_lock, free when 0.
 * - page_pool_disable_direct_recycling(): cpuid = -1, p.napi?, assertion, p.napi = NULL. No grace period.
 * - page_pool_destroy(): user_cnt, that, page being cut, release, schedule.
 */
import { NONE } from '../../engine/state/layout.ts'
import { detail, only, step, type Steps } from '../step.ts'
import { in_softirq, smp_processor_id } from '../world/sync/context.ts'
import { fails } from '../world/fault.ts'
import { ENOMEM } from '../world/memory/ida.ts'
import { napi_assert_will_not_race, napi_list_owner } from '../world/napi.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { mem_allocator_disconnect } from '../xdp/mem-model.ts'
import { type Design, ways } from '../design.ts'
import {
  cacheOfTwo,
  directRecyclingBesideDestroy,
  graceKeeps,
  leftInCache,
} from '../shutdown/known.ts'
import {
  asksDevice,
  winnerNotWaitedFor,
  XarrayAddressFirst,
} from '../shutdown/xarray-address-first.ts'
import { xarrayTracking } from '../shutdown/xarray-tracking.ts'
import { pool } from '../shutdown/family.ts'

export class Linux612 extends XarrayAddressFirst {
  override readonly created_by = 'page_pool_create_percpu';
  override *page_pool_list(pool: Pool): Steps<number> {
    const failed = yield* only('details', () =>
      fails('xa_alloc_cyclic(&page_pools)', (w) => {
        w.page_pools_next += 1
        w.pool(pool).id = w.page_pools_next
      }),
    )
    return failed === true ? ENOMEM : 0
  }
  override *page_pool_put_unrefed_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps {
    const direct = allow_direct || (yield* this.page_pool_napi_local(pool))
    yield* super.page_pool_put_unrefed_page(pool, page, direct, dma_sync_size)
  }
  override *bulk_allows_direct(pool: Pool): Steps<boolean> {
    return yield* this.page_pool_napi_local(pool)
  }
  /** In a softirq of the CPU the pool belongs to, or on which its NAPI is scheduled. */
  *page_pool_napi_local(pool: Pool): Steps<boolean> {
    if (!(yield* in_softirq())) return false
    const mine = yield* detail(
      'READ_ONCE(pool->cpuid) == smp_processor_id()',
      false,
      (w) => w.pool(pool).cpuid === smp_processor_id(w),
      'percpu',
    )
    if (mine) return true
    const napi = yield* step('READ_ONCE(pool->p.napi)', (w) => w.pool(pool).napi)
    if (!napi) return false
    return yield* step('READ_ONCE(napi->list_owner) == cpuid', (w) => {
      return napi_list_owner(w) === smp_processor_id(w)
    })
  }
  /** The put decides, not the skb: napi_pp_put_page() has asked for nothing since 6.10. */
  override readonly skb_recycles_directly = false;
  override *page_pool_disable_direct_recycling(pool: Pool): Steps {
    const forget = (w: World): void => {
      w.pool(pool).cpuid = NONE
    }
    yield* detail('WRITE_ONCE(pool->cpuid, -1)', undefined, forget, 'percpu')
    const none = yield* step('if (!pool->p.napi)', (w) => !w.pool(pool).napi)
    if (none) return
    yield* step('napi_assert_will_not_race(pool->p.napi)', napi_assert_will_not_race)
    yield* super.page_pool_disable_direct_recycling(pool)
  }

  override readonly producer_barrier = true

  override tries_again(inflight: number): boolean {
    return inflight > 0
  }
  /** Only of pools that netlink does not show: those without a netdev. */
  override stalled(w: World, pool: Pool, inflight: number, seconds: number): string | undefined {
    const { netdev, id } = w.pool(pool)
    if (netdev === 'device' || netdev === 'loopback') return undefined
    return `page_pool_release_retry() stalled pool shutdown: id ${id}, ${inflight} inflight ${seconds} sec`
  }
  override *disconnect(pool: Pool): Steps {
    const wanted = yield* detail('pool->disconnect', false, (w) => w.pool(pool).disconnect)
    if (wanted) yield* mem_allocator_disconnect(pool)
  }
}

export const unmapsAlone = 'dma_unmap_page_attrs in __page_pool_unmap_netmem_dma'
const syncsLate =
  'dma_sync_single_range_for_device in page_pool_dma_sync_for_device amid page_pool_dma_sync_for_device'

export const worldsOf612: NonNullable<Design['worlds']> = {
  'one-reference': {
    breaks: {
      'no-use-of-freed-device': {
        [asksDevice]:
          'a returner has seen dma_sync and is preempted; destroy unmaps, the driver is unbound and the device freed; dma_dev_need_sync(pool->p.dev) reads it, before the read section',
      },
    },
    keeps: {
      'no-unmap-after-unbind': 'a page that is recycled is not unmapped by its returner',
      'no-mapping-outlives-its-driver': 'the same',
      'no-page-freed-while-mapped': 'the same',
    },
  },
  'queue-restart': { breaks: directRecyclingBesideDestroy },
  'queue-restart-waits': {
    keeps: {
      'alloc-cache-has-one-user': 'softirqs that have read p.napi have ended when NAPI runs again',
      'nothing-left-at-rest': 'the same',
      'no-use-of-freed-pool': 'the same',
    },
  },
  'queue-restart-waits-early': { breaks: directRecyclingBesideDestroy },
  'late-unlink': {
    breaks: {
      ...directRecyclingBesideDestroy,
      'alloc-cache-has-one-user': ways(
        'misuse, and the kernel says so: napi_assert_will_not_race() warns in page_pool_destroy(), and then the cache has two users all the same ("page_pool: unlink from napi during destroy", 2023, is what a driver has to do)',
        cacheOfTwo,
      ),
    },
  },
  'percpu-pool': {
    breaks: {
      'alloc-cache-has-one-user': ways(
        'a softirq that has read pool->cpuid is late and recycles into the cache that page_pool_destroy() empties on another CPU: WRITE_ONCE(pool->cpuid, -1) is not waited for. No percpu pool of 6.12 is destroyed while packets flow (net/core/dev.c)',
        cacheOfTwo,
      ),
      'nothing-left-at-rest': {
        'state: page N in the alloc cache, the pool at rest amid page_pool_dma_sync_for_device':
          leftInCache,
      },
      'no-use-of-freed-pool': directRecyclingBesideDestroy['no-use-of-freed-pool'],
    },
  },
  'two-ports': {},
  'softirq-returners': {},
  'softirqs-on-rtnl-cpu': {
    keeps: {
      'no-unmap-after-unbind':
        'a softirq that interrupts a destroy runs to its end: no winner is ever half way. True of one CPU, not of a kernel',
      'no-mapping-outlives-its-driver': 'the same',
      'no-use-of-freed-device': 'the same',
      'no-dma-after-iommu-release': 'the same',
    },
  },
  'coherent-device': {},
  'pool-without-sync': {},
  'no-index-bits': {
    breaks: {
      'no-unmap-after-unbind': {
        [unmapsAlone]:
          'no race is needed: nothing is tracked, destroy unmaps nothing, and every late page is unmapped by who returns it',
      },
      'no-sync-after-unbind': {
        [syncsLate]:
          'nothing is tracked, so the xarray is always empty and the scrub does not wait for syncs that have begun',
      },
      'no-mapping-outlives-its-driver': {
        'BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver':
          'no race is needed: destroy finds nothing to unmap',
      },
      'no-use-of-freed-device': {
        [unmapsAlone]: 'no race is needed: the late unmap, after the last put_device()',
        [syncsLate]: 'the late sync, after the last put_device()',
      },
      'no-dma-after-iommu-release': {
        [unmapsAlone]: 'no race is needed: the late unmap, after device_del()',
        [syncsLate]: 'the late sync, after device_del()',
      },
    },
  },
  'napi-freed-early': {
    breaks: {
      'no-use-of-freed-napi': ways(
        'page_pool_napi_local() follows pool->p.napi in a softirq outside NAPI; the grace period came before page_pool_destroy(), which then does not wait (Y. Lin, RFC v4 1/3, 2024-11-20; the driver is at fault)',
        'READ_ONCE in page_pool_napi_local amid page_pool_napi_local',
      ),
    },
  },
  fragments: {},
  'bulk-return': {},
  'grace-before-unbind': {},
  'grace-no-preemption': { keeps: graceKeeps },
  'sync-duty': {},
}

export const linux612: Design = {
  id: 'linux-6.12',
  title: 'Linux 6.12.117',
  source: 'net/core/page_pool.c of 6.12.117, in the order of its text',
  family: pool,
  fields: xarrayTracking.fields,
  functions: (scope) => new Linux612(scope),
  breaks: winnerNotWaitedFor,
  worlds: worldsOf612,
}
