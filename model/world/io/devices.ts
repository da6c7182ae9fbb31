/** struct device (include/linux/device.h): what everybody who has one may look at. */
import {
  array,
  flag,
  noted,
  oneOf,
  optional,
  record,
  uint,
  type Indexed,
  type Ref,
  type View,
} from '../../../engine/state/layout.ts'
import type { Scope } from '../../scope/bounds.ts'
import type { World } from '../world.ts'

export type Device = Ref<'device'>

const deviceFields = (s: Scope) => ({
  /** `kref` of struct device. */
  refcount: uint(4),
  driver: oneOf('none', 'probing', 'bound', 'removing', 'removed'),
  /** The driver may use the DMA API: set up by dma_configure(), over with device_unbind_cleanup(). */
  dma_ready: flag(),
  /** `dev->iommu_group` and its domain, until iommu_release_device(). */
  iommu_group: flag(),
  /** dma_dev_need_sync(): the CPU has to be kept coherent by hand. */
  need_sync: optional(s.details, flag(), s.needSync),
  /** device_release() ran: the last reference was dropped once. */
  released: noted(s.details, flag(), false),
})
export const devices = (s: Scope) => ({
  dev: record(deviceFields(s)),
  /** Devices 1 and up. */
  other_devices: array('device', s.details ? Infinity : 0, deviceFields(s)),
})
type DeviceState = View<ReturnType<typeof deviceFields>>
declare module '../world.ts' {
  interface Parts {
    readonly dev: DeviceState
    readonly other_devices: Indexed<DeviceState>
  }
}

/** Device 0 is `w.dev`, and the only one in a search. */
export const struct_device = (w: World, dev: Device): DeviceState =>
  dev === 0 ? w.dev : w.other_devices(dev - 1)
