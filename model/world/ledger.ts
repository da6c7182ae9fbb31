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
const isLocal = (w: World, pool: Pool, page: Page): boolean =>
  w.page(page).nid === preferredNode(w, pool)

/**
 * An allocation looks at the ring. What it is held to is what was there by then: a page that comes back
 * from another CPU later is nobody's fault.
 */
export function looksAtRing(w: World, pool: Pool): void {
  if (w.scope.nodes === 1) return
  startsCount(w, pool)
  // Where pages have no end nobody asks, and looking at all of them takes too long.
  if (w.scope.pages === Infinity) return
  for (const page of w.page.refs) truth(w).page(page).was_in_ring = w.pool(pool).ring.has(page)
}
/** The allocation has got its page, or none. */
function looksAway(w: World): void {
  for (const it of truth(w).page.all) it.was_in_ring = false
}
function startsCount(w: World, pool: Pool): void {
  const it = truth(w).pool(pool)
  it.refill_taken = 0
  it.refill_released = 0
  it.refill_met_remote = false
}
function refillTakes(w: World, pool: Pool, page: Page): void {
  const it = truth(w).pool(pool)
  it.refill_taken = Math.min(it.refill_taken + 1, w.scope.bulk + 2)
  if (it.refill_taken > w.scope.bulk)
    w.report('refill-size', `a refill takes page ${indexOf(page)} after ${w.scope.bulk} others`)
  if (!isLocal(w, pool, page)) it.refill_met_remote = true
}
/** The page goes into the cache, or is handed out at once. */
export function refillCaches(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  refillTakes(w, pool, page)
  if (!isLocal(w, pool, page))
    w.report(
      'remote-page-refilled',
      `page ${indexOf(page)} of node ${w.page(page).nid} is refilled, node ${preferredNode(w, pool)} is preferred`,
    )
}
/** The page is released because of its node. */
export function refillReleases(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  refillTakes(w, pool, page)
  releasedForItsNode(w, pool, page)
  const it = truth(w).pool(pool)
  it.refill_released = Math.min(it.refill_released + 1, w.scope.bulk + 2)
  if (it.refill_released > 1)
    w.report('refill-releases-many', `${it.refill_released} pages are released in one refill`)
}
/** The refill is over: it took a bulk, met a page from elsewhere, or left the ring empty. */
export function refillEnds(w: World, pool: Pool): void {
  if (w.scope.nodes === 1 || w.scope.pages === Infinity) return
  const it = truth(w).pool(pool)
  const left = truth(w).page.all.filter((page) => page.was_in_ring && page.place === 'ring').length
  if (it.refill_taken < w.scope.bulk && it.refill_released === 0 && left > 0)
    w.report('refill-size', `a refill ends after ${it.refill_taken} pages, ${left} are left`)
  startsCount(w, pool)
}
/** pool->alloc.cache has a page for page_pool_alloc_pages(). */
export function allocationSucceeds(w: World): void {
  if (w.scope.nodes > 1 && w.scope.pages !== Infinity) looksAway(w)
}
/** A page is released because of its node, which is the truth's to judge. */
export function releasedForItsNode(w: World, pool: Pool, page: Page): void {
  if (w.scope.nodes === 1) return
  if (isLocal(w, pool, page))
    w.report(
      'local-page-released',
      `page ${indexOf(page)} is released for its node, which is the preferred one`,
    )
}
/** page_pool_alloc_pages() returns NULL. */
export function allocationFailed(w: World, pool: Pool): void {
  const left = w.page.refs.flatMap((page) => {
    const { place, of, was_in_ring } = truth(w).page(page)
    const there = (was_in_ring && place === 'ring') || place === 'alloc cache'
    return there && of === pool && isLocal(w, pool, page)
      ? [`page ${indexOf(page)} in the ${place}`]
      : []
  })
  if (left.length > 0)
    w.report('allocation-failed-with-pages', `no page is allocated; ${left.join(', ')}`)
  looksAway(w)
}
/** page_pool_update_nid() returns. */
export function nidIsSet(w: World, pool: Pool): void {
  for (const page of w.pool(pool).alloc_cache.toArray())
    if (!isLocal(w, pool, page))
      w.report(
        'remote-page-kept',
        `page ${indexOf(page)} of node ${w.page(page).nid} stays in the cache, node ${preferredNode(w, pool)} is preferred`,
      )
}
