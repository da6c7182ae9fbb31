/**
 * The DMA API with a ledger, as dma-debug keeps one (kernel/dma/debug.c), and stricter: any use of a
 * device whose driver is gone is reported, which dma-debug does not do.
 */
import { indexOf, NONE, flag, noted, ref, type View } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../step.ts'
import { fails } from '../fault.ts'
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

/** The rest of a page: (u32)-1 bytes. */
export const ALL = -1

/** dma_map_page_attrs(pool->p.dev): true when the mapping fails. */
export const dma_map_page_attrs = (pool: Pool, page: Page): Steps<boolean> =>
  fails('dma_map_page_attrs(pool->p.dev)', (w) => {
    if (w.pool(pool).dma_map) dma_map_page(w, page, w.pool(pool).dev)
  })
/** The device is read from the pool. @param dma the address, where it was read before; else it is read now. */
export const dma_unmap_page_attrs = (pool: Pool, page: Page, dma?: boolean): Steps =>
  step(`dma_unmap_page_attrs(pool->p.dev${dma === undefined ? '' : ', dma'})`, (w) => {
    dma_unmap_page(w, page, dma ?? w.page(page).dma_addr, w.pool(pool).dev, pool)
  })
/** At p.offset, and never more than p.max_len. */
export const dma_sync_single_range_for_device = (
  pool: Pool,
  page: Page,
  dma_sync_size: number,
): Steps =>
  step('dma_sync_single_range_for_device()', (w) => sync_range(w, pool, page, dma_sync_size))
/** The same where the pool's flag, which never changes, is asked for in the same instant. */
export const sync_if_wanted = (pool: Pool, page: Page, dma_sync_size: number): Steps =>
  step('dma_sync_single_range_for_device()', (w) => {
    if (w.pool(pool).dma_sync) sync_range(w, pool, page, dma_sync_size)
  })
function sync_range(w: World, pool: Pool, page: Page, dma_sync_size: number): void {
  const { offset, max_len, dev } = w.pool(pool)
  const size = dma_sync_size === ALL ? max_len : Math.min(dma_sync_size, max_len)
  dma_sync_for_device(w, page, offset, size, dev)
}
/** The address of the mapping, kept in struct page; 0 is none. */
export const page_pool_set_dma_addr = (page: Page, dma: boolean): Steps =>
  step(`page_pool_set_dma_addr(page, ${dma ? 'dma' : '0'})`, (w) => {
    w.page(page).dma_addr = dma
  })
export const page_pool_get_dma_addr = (page: Page): Steps<boolean> =>
  step('dma = page_pool_get_dma_addr(page)', (w) => w.page(page).dma_addr)

/** dma_dev_need_sync(), since 6.11: reads dev->dma_skip_sync, and so needs a struct device that is there. */
function needsSync(w: World, dev: Device): boolean {
  const it = struct_device(w, dev)
  if (it.refcount === 0 && !w.scope.goesOnAfterMistakes)
    w.report('use-of-freed-device', 'dma_dev_need_sync() reads a struct device that was freed')
  return it.need_sync
}
export const dma_dev_need_sync = (pool: Pool): Steps<boolean> =>
  step('dma_dev_need_sync(pool->p.dev)', (w) => needsSync(w, w.pool(pool).dev))
