/** Pages that the device may write into, and what it was promised of them. */
import { flag, indexOf, noted, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import type { Page, World } from '../world/world.ts'
import { saw, truth } from './truth.ts'

export const descriptorTruth = (s: Scope) => ({
  /** The CPU has touched it since it was last synced for the device. */
  unsynced: noted(s.duties, flag(), false),
  /** It was in the RX ring since it left the allocator. */
  posted: noted(s.duties, flag(), false),
  /** A descriptor of the RX ring names it, whatever the driver did with the page since. */
  named: noted(s.descriptors, flag(), false),
})
export const descriptorSeen = (s: Scope) => ({
  /** A page that had been in the RX ring before went there again. */
  posted_again: noted(s.duties, flag(), false),
})
declare module '../world/world.ts' {
  interface PageTruth extends View<ReturnType<typeof descriptorTruth>> {}
  interface Seen extends View<ReturnType<typeof descriptorSeen>> {}
}

/** A descriptor names the page, and RX DMA runs: what is in it is the device's to write. */
export function leavesTheDevice(w: World, page: Page, what: string): void {
  if (w.scope.descriptors && w.driver.rx_dma && truth(w).page(page).named)
    w.report('two-places', `page ${indexOf(page)} is ${what} while a descriptor names it`)
}
/** The device is done with the descriptor, or the driver has taken the page off it. */
export function takenFromDevice(w: World, page: Page): void {
  truth(w).page(page).named = false
}
/** The descriptors are written anew: none of them names a page. */
export function descriptorsCleared(w: World): void {
  for (const it of truth(w).page.all) it.named = false
}
/** The device reads its descriptors from here on. Each names a page of the RX ring, or somebody else's. */
export function rxDmaStarts(w: World): void {
  for (const page of w.page.refs) {
    const { named, place } = truth(w).page(page)
    if (named && place !== 'RX ring')
      w.report(
        'two-places',
        `RX DMA starts with page ${indexOf(page)} in a descriptor while it is in the ${place}`,
      )
  }
}

/** The CPU reads or writes the packet, or dma_sync_single_for_cpu() made it the CPU's. */
export function cpuTouches(w: World, page: Page): void {
  truth(w).page(page).unsynced = true
}
/** A descriptor names the page. Who asked for PP_FLAG_DMA_SYNC_DEV was promised that it is synced. */
export function handedToDevice(w: World, page: Page): void {
  const it = truth(w).page(page)
  if (it.posted) saw(w, 'posted_again')
  it.posted = true
  it.named = true
  if (!w.scope.dmaSync || !w.scope.needSync) return
  if (it.unsynced)
    w.report(
      'unsynced-page-posted',
      `page ${indexOf(page)} is given to the device, and was not synced since the CPU had it`,
    )
}
