/**
 * The functions of a kernel under test, declared as a header file does: those of the driver core, of a driver
 * and of the stack. What calls one of them calls the design's, `this` is all of them with the pool's.
 */
import type { PagePool } from './pool/page-pool.ts'
import type { Holder } from './scope/bounds.ts'
import type { Steps } from './step.ts'
import type { Page, Pool } from './world/world.ts'

/** drivers/base/dd.c, drivers/base/core.c: model/world/io/device.ts. */
export interface DriverCore {
  really_probe(): Steps
  pci_stop_and_remove_bus_device(): Steps
  device_release_driver(): Steps
  device_unbind_cleanup(): Steps
  device_del(): Steps
}
/** A NIC driver: model/drivers. */
export interface Nic {
  /** False when it fails. */
  nic_probe(): Steps<boolean>
  nic_open(): Steps
  nic_remove(): Steps
  nic_stop(): Steps
  nic_free_rx_ring(pool: Pool): Steps
  nic_refill(): Steps
  nic_nid_changed(): Steps
  nic_receive(holder: Holder): Steps
  nic_xdp_drop(): Steps
}
/** net/core/skbuff.c, net/core/dev.c, net/core/xdp.c: model/skb. */
export interface Stack {
  napi_pp_put_page(page: Page, napi_safe: boolean): Steps
  consume_skb(page: Page): Steps
  ip_expire(page: Page): Steps
  xdp_return_frame(page: Page): Steps
  xdp_flush_frame_bulk(): Steps
  skb_attempt_defer_free(page: Page): Steps
  skb_defer_free_flush(): Steps
  napi_consume_skb(page: Page): Steps
}

export interface Kernel extends PagePool, Nic, Stack, DriverCore {}
