/**
 * Linux 6.12 (6.12.117): pages tracked in an xarray, as shipped. Unlike the design as it was merged,
 * the scrub unmaps a page and touches nothing else of it: dma_addr and index are cleared by whoever
 * gives the page back.
 */
import { NONE } from '../../engine/layout.ts'
import { call, step, type Steps } from '../../engine/step.ts'
import { in_softirq, smp_processor_id } from '../world/context.ts'
import { fails } from '../world/fault.ts'
import { napi_assert_will_not_race, napi_list_owner } from '../world/napi.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { mem_allocator_disconnect } from '../xdp/mem-model.ts'
import type { Design } from './design.ts'
import { producersHaveExited } from './linux-6-1.ts'
import { XarrayTracking, xarrayTracking } from './xarray-tracking.ts'

export class Linux612 extends XarrayTracking {
  override readonly created_by = 'page_pool_create_percpu';
  override *page_pool_list(pool: Pool): Steps<boolean> {
    return yield* fails('xa_alloc_cyclic(&page_pools)', (w) => {
      w.page_pools_next += 1
      w.pool(pool).id = w.page_pools_next
    })
  }
  override *page_pool_put_unrefed_page(
    pool: Pool,
    page: Page,
    allow_direct: boolean,
    dma_sync_size: number,
  ): Steps {
    const direct = allow_direct || (yield* call(this.page_pool_napi_local, pool))
    yield* super.page_pool_put_unrefed_page(pool, page, direct, dma_sync_size)
  }
  override *bulk_allows_direct(pool: Pool): Steps<boolean> {
    return yield* call(this.page_pool_napi_local, pool)
  }
  /** In a softirq of the CPU the pool belongs to, or on which its NAPI is scheduled. */
  *page_pool_napi_local(pool: Pool): Steps<boolean> {
    const softirq = yield* step('in_softirq()', in_softirq)
    if (!softirq) return false
    if (this.scope.whole) {
      const mine = yield* step('pool->cpuid == smp_processor_id()', (w: World) => {
        return w.pool(pool).cpuid === smp_processor_id(w)
      })
      if (mine) return true
    }
    const napi = yield* step('READ_ONCE(pool->p.napi)', (w: World) => w.pool(pool).napi)
    if (!napi) return false
    return yield* step('READ_ONCE(napi->list_owner) == cpuid', (w: World) => {
      return napi_list_owner(w) === smp_processor_id(w)
    })
  }
  /** The put decides, not the skb: napi_pp_put_page() has asked for nothing since 6.10. */
  override readonly skb_recycles_directly = false;
  override *page_pool_disable_direct_recycling(pool: Pool): Steps {
    if (this.scope.whole)
      yield* step('WRITE_ONCE(pool->cpuid, -1)', (w: World) => {
        w.pool(pool).cpuid = NONE
      })
    const napi = yield* step('if (!pool->p.napi)', (w: World) => w.pool(pool).napi)
    if (!napi) return
    yield* step('napi_assert_will_not_race(pool->p.napi)', napi_assert_will_not_race)
    yield* super.page_pool_disable_direct_recycling(pool)
  }

  /**
   * page_pool_return_page(): who wins the cmpxchg unmaps; dma_addr and the index are cleared by whoever
   * holds the page, before it is counted.
   */
  override *page_pool_release_page_dma(pool: Pool, page: Page): Steps {
    const mapped = yield* step('if (!pool->dma_map)', (w: World) => w.pool(pool).dma_map)
    if (!mapped) return
    yield* call(this.__page_pool_unmap_netmem_dma, pool, page)
    yield* step('page_pool_set_dma_addr(page, 0)', (w: World) => {
      w.page(page).dma_addr = false
    })
    yield* call(this.netmem_set_dma_index, page, 0)
  }
  /** Safe without a page reference: the address is read before the cmpxchg. */
  *__page_pool_unmap_netmem_dma(pool: Pool, page: Page): Steps {
    const mapped = yield* step('if (!pool->dma_map)', (w: World) => w.pool(pool).dma_map)
    if (!mapped) return
    const dma = yield* step(
      'dma = page_pool_get_dma_addr(page)',
      (w: World) => w.page(page).dma_addr,
    )
    const id = yield* step(
      'id = netmem_get_dma_index(netmem)',
      (w: World) => w.page(page).dma_index,
    )
    if (id === 0 || !(yield* this.untrack(pool, page, id))) return
    yield* step('dma_unmap_page_attrs(pool->p.dev, dma)', (w: World) =>
      this.unmap(w, pool, page, dma),
    )
  }
  override *unmap_tracked_page(pool: Pool, page: Page): Steps {
    yield* call(this.__page_pool_unmap_netmem_dma, pool, page)
  }
  /** "Acquire producer lock to make sure producers have exited": 271683bb2cf3, backported. */
  override *page_pool_release(pool: Pool): Steps<number> {
    return yield* producersHaveExited.call(this, pool)
  }

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
    const wanted = yield* step('pool->disconnect', (w: World) => w.pool(pool).disconnect)
    if (wanted) yield* call(mem_allocator_disconnect, pool)
  }
}

export const linux612: Design = {
  id: 'linux-6.12',
  title: 'Linux 6.12.117',
  source: 'net/core/page_pool.c of 6.12.117; agrees with recordings of it (docs/conformance.md)',
  family: 'pool',
  fields: xarrayTracking.fields,
  functions: (scope) => new Linux612(scope),
  breaks: {
    'no-unmap-after-unbind':
      'a returner that won the cmpxchg has not unmapped yet when destroy finds the xarray empty, returns, and the driver is unbound: the window of xarray-tracking is open',
    'no-mapping-outlives-its-driver': 'the same window: the mapping is still alive at unbind',
    'no-use-of-freed-device': 'the same window, after the last put_device()',
    'no-page-freed-while-mapped':
      'destroy won the cmpxchg and has not unmapped yet; the returner, who lost, counts the page and puts it',
  },
}
