/**
 * A NIC driver as the tree has dozens: one RX queue, one pool, NAPI on CPU 0, XDP. Torn down in the
 * order the API asks for: NAPI disabled, RX ring emptied, pool destroyed, and only then unbound.
 */
import { NONE } from '../../engine/layout.ts'
import { call, loop, step, when, type Steps } from '../../engine/step.ts'
import { page_pool_nid_changed } from '../pool/create.ts'
import type { PagePool } from '../pool/page-pool.ts'
import type { Holder } from '../scope.ts'
import { enqueue } from '../skb/stack.ts'
import { might_sleep } from '../world/context.ts'
import { device_unbind_cleanup, dma_configure, driver_bound } from '../world/device.ts'
import { stored, taken } from '../world/ledger.ts'
import type { Page, Pool, World } from '../world/world.ts'

const POOL: Pool = 0

/** The next page of the RX ring, in hand; NONE when somebody emptied it meanwhile. */
const next = (w: World): Page => {
  const page = w.driver.rx_ring.shift()
  if (page !== NONE) taken(w, page, 'RX ring')
  return page
}

/** The driver's probe(): false when it fails. */
function* nic_probe(this: PagePool): Steps<boolean> {
  const err = yield* call(this.page_pool_create, POOL)
  if (err < 0) return false
  yield* step('napi_enable(&rq->napi)', (w: World) => {
    w.driver.napi_enabled = true
  })
  return true
}
/** The driver's remove(): unregister_netdev() -> ndo_stop() -> free the queue. */
function* nic_remove(this: PagePool): Steps {
  yield* step('napi_disable(&rq->napi)', (w: World) => {
    might_sleep(w, 'napi_disable()')
    w.driver.napi_enabled = false
  })
  yield* when('napi_disable(): !NAPI_STATE_SCHED', (w: World) => !w.driver.napi_scheduled)
  yield* loop(nic_free_rx_slot)
  yield* call(this.page_pool_destroy, POOL)
}
function* nic_free_rx_slot(this: PagePool): Steps<boolean> {
  const page = yield* step('page = rq->ring[i]', next)
  if (page === NONE) return false
  yield* call(this.page_pool_put_page, POOL, page, false)
  return true
}

/** The device appears: really_probe(). */
export function* really_probe(this: PagePool): Steps {
  yield* call(dma_configure)
  const bound = yield* call(nic_probe)
  yield* call(driver_bound, bound)
}
/** pci_disable_sriov(): the VF goes away under its driver, device_release_driver(). */
export function* device_release_driver(this: PagePool): Steps {
  yield* call(nic_remove)
  yield* call(device_unbind_cleanup)
}

/** NAPI poll, one action of it: post one more page to the RX ring. */
export function* nic_refill(this: PagePool): Steps {
  const page = yield* call(this.page_pool_alloc_pages, POOL)
  if (page === NONE) return
  yield* step('rq->ring[i] = page', (w: World) => {
    stored(w, page, 'RX ring')
    w.driver.rx_ring.push(page)
  })
}
/** NAPI poll of a driver that names the node itself: it follows its CPU (mlx5e_post_rx_wqes(), 5.5). */
export function* nic_nid_changed(this: PagePool): Steps {
  const node = yield* step('numa_mem_id()', (w: World) => w.numa_mem_id)
  yield* call(page_pool_nid_changed, POOL, node)
}
/** NAPI poll: a packet has arrived and goes up the stack, or out by XDP_REDIRECT. */
export function* nic_receive(holder: Holder): Steps {
  yield* step(`${deliver[holder]}(skb)`, (w: World) => {
    const page = next(w)
    if (page !== NONE) enqueue(w, holder, page)
  })
}
const deliver: Readonly<Record<Holder, string>> = {
  socket: 'napi_gro_receive',
  defer: 'napi_gro_receive',
  defrag: 'ip_defrag',
  redirect: 'xdp_do_redirect',
}
/** NAPI poll: XDP_DROP, the page is recycled on the spot. */
export function* nic_xdp_drop(this: PagePool): Steps {
  const page = yield* step('page = rq->ring[i]', next)
  if (page !== NONE) yield* call(this.page_pool_put_page, POOL, page, true)
}
