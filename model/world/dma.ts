/**
 * The DMA API with a ledger, as dma-debug keeps one (kernel/dma/debug.c), and stricter: any use of a
 * device whose driver is gone is reported, which dma-debug does not do.
 */
import { indexOf } from '../../engine/layout.ts'
import { truth } from './ledger.ts'
import type { Page, World } from './world.ts'

function usable(w: World, kind: 'unmap-after-unbind' | 'sync-after-unbind', what: string): void {
  if (w.dev.refcount === 0)
    w.report('use-of-freed-device', `${what} on a struct device that was freed`)
  else if (!w.dev.dma_ready) w.report(kind, `${what} after the driver was unbound`)
}

export function dma_map_page(w: World, page: Page): void {
  usable(w, 'unmap-after-unbind', 'dma_map_page()')
  truth(w).page(page).mapped = true
}
export function dma_unmap_page(w: World, page: Page): void {
  usable(w, 'unmap-after-unbind', `dma_unmap_page() of page ${indexOf(page)}`)
  const it = truth(w).page(page)
  if (!it.mapped)
    w.report('unmap-of-unmapped', `dma_unmap_page() of page ${indexOf(page)}, which is not mapped`)
  it.mapped = false
}
export function dma_sync_for_device(w: World, page: Page): void {
  usable(w, 'sync-after-unbind', `dma_sync_single_for_device() of page ${indexOf(page)}`)
  if (!truth(w).page(page).mapped)
    w.report(
      'sync-of-unmapped',
      `dma_sync_single_for_device() of page ${indexOf(page)}, which is not mapped`,
    )
}
/** BUS_NOTIFY_UNBOUND_DRIVER: dma-debug counts what the driver left mapped. */
export function dma_debug_unbound(w: World): void {
  const left = truth(w).page.all.filter((page) => page.mapped).length
  if (left > 0)
    w.report(
      'mapping-outlives-driver',
      `device driver has pending DMA allocations while released from device [count=${left}]`,
    )
}
