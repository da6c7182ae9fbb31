/**
 * Ground truth: who really has a page, whether it is really mapped, whether a pool's memory is still
 * allocated. Mechanisms write it as things happen; it never reads what a design believes, and no
 * design reads it. Counts are taken by looking at every page, so they cannot wrap.
 */
import { indexOf, NONE } from '../../engine/state/layout.ts'
import { LEDGER, type Page, type Pool, type World } from './world.ts'

export type Place = ReturnType<World[typeof LEDGER]['page']>['place']
export const truth = (w: World): World[typeof LEDGER] => w[LEDGER]

/** A situation some promise asks about was met. */
export function saw(w: World, what: keyof World[typeof LEDGER]['seen']): void {
  truth(w).seen[what] = true
}

export const isFreed = (w: World, pool: Pool): boolean => truth(w).pool(pool).life !== 'allocated'

/** Here a page is the pool's or the driver's alone (page_pool_empty_ring(): "refcnt %d violation"). */
const OWNED: ReadonlySet<Place> = new Set(['alloc cache', 'ring', 'RX ring'])
const CONTAINERS: ReadonlySet<Place> = new Set(['alloc cache', 'ring', 'RX ring', 'stack'])

/** The page goes from whoever holds it in hand into a container. */
export function stored(w: World, page: Page, place: Place): void {
  const it = truth(w).page(page)
  leavesTheDevice(w, page, `put into the ${place}`)
  if (it.cut !== 'no') return fragmentStored(w, page, place)
  if (it.place !== 'hand')
    w.report(
      'two-places',
      `page ${indexOf(page)} is put into the ${place} while it is in the ${it.place}`,
    )
  if (OWNED.has(place) && w.page(page).refcount !== 1)
    w.report(
      'two-places',
      `page ${indexOf(page)} goes into the ${place} while others hold references to it`,
    )
  it.place = place
}
/** The page is taken out of a container. */
export function taken(w: World, page: Page, place: Place): void {
  const it = truth(w).page(page)
  if (it.cut !== 'no') return
  if (it.place !== place)
    w.report(
      'two-places',
      `page ${indexOf(page)} is taken from the ${place} while it is in the ${it.place}`,
    )
  it.place = 'hand'
  it.was_in_ring = false
}

/**
 * A page that is cut is in no one place: the pool has what it did not hand out yet, and each fragment is
 * with somebody. What must not be is that the page as a whole goes anywhere while fragments are out.
 */
export function cut(w: World, page: Page): void {
  if (w.scope.whole) return
  const it = truth(w).page(page)
  if (it.frags > 0)
    w.report(
      'two-places',
      `page ${indexOf(page)} is cut anew while ${it.frags} of its fragments are out`,
    )
  it.cut = 'by the pool'
  it.frags = 0
}
export function fragmentHandedOut(w: World, page: Page): void {
  if (!w.scope.whole) truth(w).page(page).frags += 1
}
function fragmentStored(w: World, page: Page, place: Place): void {
  const { frags } = truth(w).page(page)
  // The one that is stored is still in hand.
  if (fragmentsHeld(w, page) >= frags)
    w.report(
      'two-places',
      `a fragment of page ${indexOf(page)} is put into the ${place}; of ${frags} that are out none is in hand`,
    )
  if (place === 'alloc cache' || place === 'ring')
    w.report(
      'two-places',
      `page ${indexOf(page)} is put into the ${place} while it is cut and ${frags} of its fragments are out`,
    )
}
/** pp_ref_count goes down: by one fragment, or by all that the pool had not handed out. */
export function fragmentsGivenUp(w: World, page: Page, who: 'holder' | 'pool'): void {
  const it = truth(w).page(page)
  if (it.cut === 'no') return
  if (who === 'pool') it.cut = 'all out'
  else if (it.frags === 0)
    w.report(
      'page-freed-twice',
      `a fragment of page ${indexOf(page)} is given back that nobody has`,
    )
  else it.frags -= 1
  if (it.cut !== 'all out' || it.frags > 0) return
  it.cut = 'no'
  if (fragmentsHeld(w, page) > 0)
    w.report(
      'two-places',
      `page ${indexOf(page)} is given up as a whole while a packet has a fragment of it`,
    )
}
/**
 * Fragments of a page in packets and descriptors, those in hand left out. One that is given back twice is
 * somebody else's the second time, who has it still.
 */
function fragmentsHeld(w: World, page: Page): number {
  const { socket, defrag, redirect, defer_list, flushing, bulk, bq } = w.stack
  const lists = [w.driver.rx_ring, socket, defrag, redirect, defer_list, flushing, bulk, bq]
  let held = 0
  for (const list of lists) for (const it of list.toArray()) if (it === page) held += 1
  return held
}

/** A descriptor names the page, and RX DMA runs: what is in it is the device's to write. */
function leavesTheDevice(w: World, page: Page, what: string): void {
  if (w.driver.rx_dma && truth(w).page(page).named)
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

/** The page leaves the allocator. */
export function allocated(w: World, page: Page, pool: Pool): void {
  const it = truth(w).page(page)
  it.used = true
  it.of = pool
  it.place = pool === NONE ? 'somebody else' : 'hand'
  w.touched |= 1 << page
}
/** The page's last reference is gone: it is back in the allocator. */
export function freed(w: World, page: Page): void {
  const it = truth(w).page(page)
  leavesTheDevice(w, page, 'freed')
  if (w.page(page).pp_magic)
    w.report('freed-with-signature', `page ${indexOf(page)} is freed with PP_SIGNATURE still in it`)
  if (it.mapped)
    w.report('freed-while-mapped', `page ${indexOf(page)} is freed with a live DMA mapping`)
  if (it.in_flight)
    w.report(
      'inflight-wrong',
      `page ${indexOf(page)} left the pool and was never counted as released`,
    )
  if (it.frags > 0)
    w.report(
      'two-places',
      `page ${indexOf(page)} is freed while ${it.frags} of its fragments are out`,
    )
  if (CONTAINERS.has(it.place))
    w.report('two-places', `page ${indexOf(page)} is freed while it is in the ${it.place}`)
  it.place = 'page allocator'
  it.cut = 'no'
  it.frags = 0
  it.unsynced = false
  it.posted = false
  it.of = NONE
  it.in_flight = false
  w.touched |= 1 << page
}
/** The pool dropped its reference; others still hold theirs. */
export function leftToOthers(w: World, page: Page): void {
  const it = truth(w).page(page)
  if (it.place !== 'hand') return
  it.place = 'pipe'
  it.of = NONE
}

/** `pages_state_hold_cnt` was raised for this page. */
export function countedHeld(w: World, page: Page): void {
  const it = truth(w).page(page)
  if (it.in_flight) w.report('inflight-wrong', `page ${indexOf(page)} is counted as held twice`)
  it.in_flight = true
}
/** `pages_state_release_cnt` was raised for this page. */
export function countedReleased(w: World, page: Page): void {
  const it = truth(w).page(page)
  if (!it.in_flight)
    w.report('inflight-wrong', `page ${indexOf(page)} is counted as released and was not held`)
  it.in_flight = false
}
/** Pages held by this pool and not yet released. */
export function inFlight(w: World, pool: Pool): number {
  let count = 0
  for (const it of truth(w).page.all) if (it.of === pool && it.in_flight) count += 1
  return count
}
/** Pages a pool once took that are not back in the allocator, counted or not. */
export function pagesOut(w: World): number {
  const back: ReadonlySet<Place> = new Set(['page allocator', 'somebody else'])
  return truth(w).page.all.filter((it) => it.used && !back.has(it.place)).length
}

/** The release counter is being read: what is out now is what the kernel will believe. */
export function looksAtInFlight(w: World, pool: Pool): void {
  truth(w).pool(pool).out_at_read = inFlight(w, pool)
}
/** The kernel is about to act on this in-flight count. */
export function reliedOn(w: World, pool: Pool, believed: number): void {
  const it = truth(w).pool(pool)
  const real = it.out_at_read
  it.out_at_read = 0
  if (believed < 0)
    w.report('inflight-negative', `in-flight reads ${believed}; ${real} pages are out`)
  if (believed !== real)
    w.report('inflight-wrong', `in-flight reads ${believed}; ${real} pages are out`)
}

/** alloc.cache belongs to one context at a time. */
export function entersCache(w: World, pool: Pool): void {
  const it = truth(w).pool(pool)
  if (it.cache_user !== NONE && it.cache_user !== w.current)
    w.report('alloc-cache-race', 'alloc.cache is used by two contexts at once')
  it.cache_user = w.current
}
export function leavesCache(w: World, pool: Pool): void {
  truth(w).pool(pool).cache_user = NONE
}

/** A struct xdp_mem_allocator is inserted under this id; it is another one than the last of that id. */
export function allocatorLives(w: World, id: number): void {
  const it = truth(w).allocator(id)
  it.alive = true
  it.which = !it.which
}
export function allocatorFreed(w: World, id: number): void {
  truth(w).allocator(id).alive = false
}
/** Which of the allocators that had this id one after another is found now: 0 or 1, in turn. */
export const allocatorOf = (w: World, id: number): number => Number(truth(w).allocator(id).which)
export function usesAllocator(w: World, id: number, which: number): void {
  const it = truth(w).allocator(id)
  saw(w, 'allocator_used')
  if (!it.alive || Number(it.which) !== which)
    w.report('use-of-freed-allocator', `the allocator of id ${id + 1} is used after it was freed`)
}

export function poolAllocated(w: World, pool: Pool): void {
  truth(w).pool(pool).life = 'allocated'
}
export function poolFreed(w: World, pool: Pool): void {
  const out = inFlight(w, pool)
  if (out > 0) w.report('pool-freed-in-flight', `the pool is freed while ${out} pages are out`)
  truth(w).pool(pool).life = 'freed'
}

/** The node pages of this pool should lie on: the one asked for, or that of the CPU NAPI runs on. */
export const preferredNode = (w: World, pool: Pool): number => {
  const { nid } = w.pool(pool)
  return nid === NONE ? w.numa_mem_id : nid
}
