/**
 * A NIC driver as the tree has dozens: one RX queue, one pool, NAPI on CPU 0, XDP. Torn down in the
 * order the API asks for: NAPI disabled, RX ring emptied, pool destroyed, and only then unbound.
 */
import {
  NONE,
  flag,
  list,
  oneOf,
  optional,
  record,
  ref,
  type View,
} from '../../engine/state/layout.ts'
import { again, detail, step, when, type Steps } from '../step.ts'
import type { Kernel, Nic } from '../kernel.ts'
import type { Holder, Scope } from '../scope/bounds.ts'
import { enqueue } from '../skb/stack.ts'
import { might_sleep } from '../world/sync/context.ts'
import {
  cpuTouches,
  descriptorsCleared,
  handedToDevice,
  rxDmaStarts,
  takenFromDevice,
} from '../ledger/descriptors.ts'
import { stored, taken } from '../ledger/pages.ts'
import type { Page, Pool, World } from '../world/world.ts'

const driverFields = (s: Scope) => ({
  /** `rq->page_pool`. */
  pool: optional(s.pools > 1, ref('pool', s.pools), 0),
  rx_ring: list('page', s.pages, s.rxSlots),
  napi_enabled: flag(),
  /** NAPI_STATE_SCHED, with list_owner == CPU 0. */
  napi_scheduled: flag(),
  /** The device works on its RX descriptors. */
  rx_dma: optional(s.descriptors, flag(), false),
  /** The other port that uses the pool is open (drivers of two ports). */
  other_port: optional(s.driver === 'two-ports', oneOf('closed', 'open', 'closing'), 'closed'),
})
export const driverState = (s: Scope) => ({ driver: record(driverFields(s)) })
declare module '../world/world.ts' {
  interface Parts {
    readonly driver: View<ReturnType<typeof driverFields>>
  }
}

/** The pool a driver makes first; most have no other. */
const POOL: Pool = 0
/** Two packets share a page that is cut. */
const HALF_A_PAGE = 2048

/** The next page of the RX ring, in hand, after dma_sync_single_for_cpu(); NONE when somebody emptied it. */
export const nextOfRing = (w: World): Page => {
  const page = stillNamed(w)
  if (page !== NONE) takenFromDevice(w, page)
  return page
}
/** The same, and its descriptor is left as it is: the device would go on where it was stopped. */
export const stillNamed = (w: World): Page => {
  const page = w.driver.rx_ring.shift()
  if (page === NONE) return page
  taken(w, page, 'RX ring')
  cpuTouches(w, page)
  return page
}
/** RX DMA of the device is started, stopped, or given descriptors that name nothing. */
export function startRxDma(w: World): void {
  w.driver.rx_dma = true
  rxDmaStarts(w)
}
export const stopRxDma = (w: World): void => {
  w.driver.rx_dma = false
}
export const clearDescriptors = (w: World): void => descriptorsCleared(w)
/** The descriptor names the page: from here on the device may write into it. */
export function postToRing(w: World, page: Page): void {
  stored(w, page, 'RX ring')
  w.driver.rx_ring.push(page)
  handedToDevice(w, page)
}

/** napi_enable(): polls may be scheduled. The pool they will use knows this NAPI, or recycles nothing directly. */
export function napi_enable(w: World): void {
  w.driver.napi_enabled = true
  if (w.scope.napiLinks && !w.pool(w.driver.pool).napi)
    w.report('recycling-lost', 'NAPI is enabled, and the pool it polls does not know it')
}

/** rq->page_pool. Where a driver has only one pool there is nothing to read. */
export const rq_page_pool = (): Steps<Pool> =>
  detail('pool = rq->page_pool', POOL, (w) => w.driver.pool, 'second pool')

export const nic = {
  /** The driver's probe(): false when it fails. */
  *nic_probe(this: Kernel): Steps<boolean> {
    const err = yield* this.page_pool_create(POOL)
    if (err < 0) return false
    yield* this.nic_open()
    return true
  },
  /** What ndo_open() does when the pool is there. */
  *nic_open(this: Kernel): Steps {
    yield* step('napi_enable(&rq->napi)', napi_enable)
  },
  /** The driver's remove(): unregister_netdev() -> ndo_stop() -> free the queue. */
  *nic_remove(this: Kernel): Steps {
    yield* this.nic_stop()
    const pool = yield* rq_page_pool()
    yield* this.nic_free_rx_ring(pool)
    yield* this.page_pool_destroy(pool)
  },
  /** napi_disable(): nobody schedules it from here on, and the poll that runs is waited for. */
  *nic_stop(this: Kernel): Steps {
    yield* step('napi_disable(&rq->napi)', (w) => {
      might_sleep(w, 'napi_disable()')
      w.driver.napi_enabled = false
    })
    yield* when('napi_disable(): !NAPI_STATE_SCHED', (w) => !w.driver.napi_scheduled)
  },
  *nic_free_rx_ring(this: Kernel, pool: Pool): Steps {
    for (;;) {
      yield* again('for (i = 0; i < rq->size; i++)')
      const page = yield* step('page = rq->ring[i]', nextOfRing)
      if (page === NONE) return
      yield* this.page_pool_put_page(pool, page, false)
    }
  },

  /** NAPI poll, one action of it: post one more page to the RX ring. */
  *nic_refill(this: Kernel): Steps {
    const pool = yield* rq_page_pool()
    const page = this.scope.frags
      ? yield* this.page_pool_alloc_frag(pool, HALF_A_PAGE)
      : yield* this.page_pool_alloc_pages(pool)
    if (page === NONE) return
    yield* step('rq->ring[i] = page', (w) => postToRing(w, page))
  },
  /** NAPI poll of a driver that names the node itself: it follows its CPU (mlx5e_post_rx_wqes(), 5.5). */
  *nic_nid_changed(this: Kernel): Steps {
    const node = yield* step('numa_mem_id()', (w) => w.numa_mem_id)
    const pool = yield* rq_page_pool()
    yield* this.page_pool_nid_changed(pool, node)
  },
  /** NAPI poll: a packet has arrived and goes up the stack, or out by XDP_REDIRECT. */
  *nic_receive(this: Kernel, holder: Holder): Steps {
    yield* step(`${deliver[holder]}(skb)`, (w) => {
      const page = nextOfRing(w)
      if (page !== NONE) enqueue(w, holder, page)
    })
  },
  /** NAPI poll: XDP_DROP, the page is recycled on the spot. */
  *nic_xdp_drop(this: Kernel): Steps {
    const pool = yield* rq_page_pool()
    const page = yield* step('page = rq->ring[i]', nextOfRing)
    if (page !== NONE) yield* this.page_pool_put_page(pool, page, true)
  },
} satisfies Nic

const deliver: Readonly<Record<Holder, string>> = {
  socket: 'napi_gro_receive',
  defer: 'napi_gro_receive',
  defrag: 'ip_defrag',
  redirect: 'xdp_do_redirect',
  bulk: 'xdp_do_redirect',
}
