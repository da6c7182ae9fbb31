/** struct device and the driver core (drivers/base/core.c, drivers/base/dd.c, 6.12). */
import { step, type Steps } from '../../engine/step.ts'
import { dma_debug_released, dma_debug_unbound, type Device } from './dma.ts'
import { pagesOut, saw } from './ledger.ts'
import { WARN } from './printk.ts'
import type { World } from './world.ts'

export function get_device(w: World, dev: Device = 0): void {
  const it = w.device(dev)
  if (it.refcount === 0) {
    WARN(w, `get_device(d${dev}) on refcount 0`)
    w.report('use-of-freed-device', 'get_device() on a struct device that was freed')
    if (!w.scope.whole) return
  }
  it.refcount += 1
  w.trace?.('get_device', it.refcount, dev)
}
export function put_device(w: World, dev: Device = 0): void {
  const it = w.device(dev)
  if (it.refcount === 0) {
    w.report('device-reference-underflow', 'put_device() without a reference')
    if (!w.scope.whole) return
  }
  it.refcount -= 1
  w.trace?.('put_device', it.refcount, dev)
  if (it.refcount === 0) device_release(w, dev)
}
function device_release(w: World, dev: Device): void {
  w.device(dev).released = true
  w.trace?.('device_release', dev)
  dma_debug_released(w, dev)
}

/** really_probe(), before the driver's probe(): the bus sets up DMA. */
export function* dma_configure(): Steps {
  yield* step('dev->bus->dma_configure(dev)', (w: World) => {
    w.dev.dma_ready = true
  })
}
/** really_probe(), after the driver's probe(). */
export function* driver_bound(bound: boolean): Steps {
  yield* step('driver_bound(dev)', (w: World) => {
    w.dev.driver = bound ? 'bound' : 'none'
    if (!bound) w.dev.dma_ready = false
  })
}

/**
 * __device_release_driver() after the driver's remove(), in the order of dd.c; then, as the VF is
 * gone for good, device_del() and the core's put_device().
 */
export function* device_unbind_cleanup(): Steps {
  yield* step('arch_teardown_dma_ops(dev)', (w: World) => {
    w.dev.dma_ready = false
    if (pagesOut(w) > 0) saw(w, 'unbound_with_pages_out')
  })
  yield* step('BUS_NOTIFY_UNBOUND_DRIVER', (w: World) => {
    w.dev.driver = 'removed'
    dma_debug_unbound(w)
  })
  yield* step('device_del(dev), put_device(dev)', (w: World) => put_device(w))
}
