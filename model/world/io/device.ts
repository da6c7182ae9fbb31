/** struct device and the driver core (drivers/base/core.c, drivers/base/dd.c, 6.12). */
import { flag, noted, type View } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../step.ts'
import type { DriverCore, Kernel } from '../../kernel.ts'
import type { Scope } from '../../scope/bounds.ts'
import { struct_device, type Device } from './devices.ts'
import { dma_debug_released, dma_debug_unbound, mappings } from './dma.ts'
import { pagesOut } from '../../ledger/pages.ts'
import { saw } from '../../ledger/truth.ts'
import { WARN } from '../printk.ts'
import type { World } from '../world.ts'

export const unbindSeen = (s: Scope) => ({
  unbound_with_pages_out: noted(s.nodes === 1, flag(), false),
})
declare module '../world.ts' {
  interface Seen extends View<ReturnType<typeof unbindSeen>> {}
}

export function get_device(w: World, dev: Device = 0): void {
  const it = struct_device(w, dev)
  if (it.refcount === 0) {
    WARN(w, `get_device(d${dev}) on refcount 0`)
    w.report('use-of-freed-device', 'get_device() on a struct device that was freed')
    if (!w.scope.goesOnAfterMistakes) return
  }
  it.refcount += 1
  w.trace?.('get_device', it.refcount, dev)
}
export function put_device(w: World, dev: Device = 0): void {
  const it = struct_device(w, dev)
  if (it.refcount === 0) {
    w.report('device-reference-underflow', 'put_device() without a reference')
    if (!w.scope.goesOnAfterMistakes) return
  }
  it.refcount -= 1
  w.trace?.('put_device', it.refcount, dev)
  if (it.refcount === 0) device_release(w, dev)
}
function device_release(w: World, dev: Device): void {
  struct_device(w, dev).released = true
  w.trace?.('device_release', dev)
  dma_debug_released(w, dev)
}

/**
 * probe_failed of really_probe(): BUS_NOTIFY_DRIVER_NOT_BOUND, dma_cleanup(), device_unbind_cleanup(). What
 * the driver left mapped is as wrong as at unbind, though dma-debug listens to BUS_NOTIFY_UNBOUND_DRIVER only.
 */
function probeFailed(w: World): void {
  w.dev.dma_ready = false
  const left = mappings(w, 0)
  if (left > 0)
    w.report(
      'mapping-outlives-driver',
      `the probe failed with pending DMA allocations [count=${left}]`,
    )
}

/**
 * The driver core (drivers/base/dd.c, core.c), each function with what it does itself. Two moments matter.
 * In device_unbind_cleanup() the device stops being the driver's: that is where the DMA API's rule ends
 * (on x86 and arm64 arch_teardown_dma_ops() itself does nothing, so whoever is late may still get away
 * with it). In device_del() the IOMMU driver is told, and iommu_release_device() takes group and domain
 * away: whoever unmaps after that oopses, or leaks, or uses a domain that was freed.
 */
export const driverCore = {
  /** The device appears. */
  *really_probe(this: Kernel): Steps {
    yield* step('dev->bus->dma_configure(dev)', (w) => {
      w.dev.dma_ready = true
    })
    const bound = yield* this.nic_probe()
    yield* step('driver_bound(dev)', (w) => {
      w.dev.driver = bound ? 'bound' : 'none'
      if (!bound) probeFailed(w)
    })
  },
  /** pci_disable_sriov(): the VF goes away under its driver, for good. */
  *pci_stop_and_remove_bus_device(this: Kernel): Steps {
    yield* this.device_release_driver()
    yield* this.device_del()
    yield* step('put_device(dev)', (w) => put_device(w))
  },
  /** __device_release_driver(): the driver's remove(), then the clean-up, and only then the notifier. */
  *device_release_driver(this: Kernel): Steps {
    yield* this.nic_remove()
    yield* this.device_unbind_cleanup()
    yield* step('BUS_NOTIFY_UNBOUND_DRIVER', (w) => {
      w.dev.driver = 'removed'
      dma_debug_unbound(w)
    })
  },
  *device_unbind_cleanup(this: Kernel): Steps {
    yield* step('arch_teardown_dma_ops(dev)', (w) => {
      w.dev.dma_ready = false
      if (pagesOut(w) > 0) saw(w, 'unbound_with_pages_out')
    })
  },
  *device_del(this: Kernel): Steps {
    yield* step('BUS_NOTIFY_REMOVED_DEVICE: iommu_release_device(dev)', (w) => {
      if (w.dev.refcount === 0)
        w.report('use-of-freed-device', 'device_del() of a struct device that was freed')
      w.dev.iommu_group = false
    })
  },
} satisfies DriverCore
