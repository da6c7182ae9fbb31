/**
 * The DMA API with a ledger, as dma-debug keeps one (kernel/dma/debug.c), and stricter: any use of a
 * device whose driver is gone is reported, which dma-debug does not do.
 */
import { flag, indexOf, NONE, noted, ref, type View } from '../../../engine/state/layout.ts'
import { truth } from '../../ledger/truth.ts'
import type { Scope } from '../../scope/bounds.ts'
import type { Page, Pool, World } from '../world.ts'
import { struct_device, type Device } from './devices.ts'

export type { Device } from './devices.ts'

/** Mappings as they are: what dma-debug would know. */
export const mappingTruth = (s: Scope) => ({
  mapped: flag(),
  /** An older mapping of another pool is still there beside the new one: destroy has yet to undo it. */
  mapped_before: noted(s.pools > 1 && !s.details, flag(), false),
  mapped_for: noted(s.details, ref('device', 1), 0),
})
declare module '../world.ts' {
  interface PageTruth extends View<ReturnType<typeof mappingTruth>> {}
}

type Call = 'map' | 'unmap' | 'sync'

/** A device that is gone must not be asked for anything. */
function usable(w: World, call: Call, page: Page, dma: number, dev: Device, what: string): void {
  const it = struct_device(w, dev)
  if (it.refcount === 0 || it.released) {
    w.trace?.(`${call}-after-release`, page, dma, dev)
    w.report('use-of-freed-device', `${what} on a struct device that was freed`)
  } else if (!it.dma_ready || !it.iommu_group) {
    w.trace?.(`${call}-after-unbind`, page, dma, dev)
    const kind = call === 'sync' ? 'sync' : 'unmap'
    if (it.iommu_group) w.report(`${kind}-after-unbind`, `${what} after the driver was unbound`)
    else w.report(`${kind}-after-iommu-release`, `${what} after iommu_release_device()`)
  }
}

export function dma_map_page(w: World, page: Page, dev: Device = 0): void {
  usable(w, 'map', page, 1, dev, 'dma_map_page()')
  const it = truth(w).page(page)
  if (it.mapped) it.mapped_before = true
  it.mapped = true
  it.unsynced = true
  it.mapped_for = dev
  w.trace?.('map', page)
}
/**
 * @param dma the address stands in struct page; without one, address 0 is unmapped.
 * @param pool whose mapping it is: a page that was freed too early may be mapped anew for another pool.
 */
export function dma_unmap_page(
  w: World,
  page: Page,
  dma = true,
  dev: Device = 0,
  pool: Pool = NONE,
): void {
  const it = truth(w).page(page)
  if (it.mapped_before && dma && pool !== it.of) {
    usable(w, 'unmap', page, 1, dev, `dma_unmap_page() of page ${indexOf(page)}`)
    it.mapped_before = false
    return
  }
  const mapped = it.mapped && dma
  w.trace?.('unmap', page, Number(dma))
  if (mapped || !w.scope.goesOnAfterMistakes)
    usable(w, 'unmap', page, Number(dma), dev, `dma_unmap_page() of page ${indexOf(page)}`)
  if (!mapped) {
    w.trace?.('unmap-of-unmapped', page, Number(dma))
    w.report('unmap-of-unmapped', `dma_unmap_page() of page ${indexOf(page)}, which is not mapped`)
  }
  if (dma) it.mapped = false
}
/** @param len bytes from `offset` on. */
export function dma_sync_for_device(
  w: World,
  page: Page,
  offset: number,
  len: number,
  dev: Device = 0,
): void {
  const dma = Number(w.page(page).dma_addr)
  // A pool that does not track the page clears the address and leaves the mapping.
  const it = truth(w).page(page)
  const mapped = it.mapped && (dma === 1 || !w.scope.goesOnAfterMistakes)
  if (len > 0) it.unsynced = false
  w.trace?.('sync_dev', page, dma, offset, len)
  if (mapped || !w.scope.goesOnAfterMistakes)
    usable(w, 'sync', page, dma, dev, `dma_sync_single_for_device() of page ${indexOf(page)}`)
  if (mapped) return
  w.trace?.('sync-of-unmapped', page, dma)
  w.report(
    'sync-of-unmapped',
    `dma_sync_single_for_device() of page ${indexOf(page)}, which is not mapped`,
  )
}
/** dma_dev_need_sync(), since 6.11: reads dev->dma_skip_sync, and so needs a struct device that is there. */
export function dma_dev_need_sync(w: World, dev: Device): boolean {
  const it = struct_device(w, dev)
  if (it.refcount === 0 && !w.scope.goesOnAfterMistakes)
    w.report('use-of-freed-device', 'dma_dev_need_sync() reads a struct device that was freed')
  return it.need_sync
}

/** Live mappings of a device. */
export const mappings = (w: World, dev: Device): number =>
  truth(w).page.all.filter((page) => (page.mapped || page.mapped_before) && page.mapped_for === dev)
    .length
/** BUS_NOTIFY_UNBOUND_DRIVER: dma-debug counts what the driver left mapped. */
export function dma_debug_unbound(w: World, dev: Device = 0): void {
  const left = mappings(w, dev)
  if (left === 0) return
  w.trace?.('leak-at-unbind', left, 0, dev)
  w.report(
    'mapping-outlives-driver',
    `device driver has pending DMA allocations while released from device [count=${left}]`,
  )
}
/** The device itself is released. */
export function dma_debug_released(w: World, dev: Device): void {
  const left = mappings(w, dev)
  if (left > 0) w.trace?.('leak-at-release', left, 0, dev)
}
