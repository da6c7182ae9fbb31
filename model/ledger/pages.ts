/** Where every page is, and whose it is. */
import { flag, indexOf, NONE, noted, oneOf, ref, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { PLACES, type Page, type Place, type Pool, type World } from '../world/world.ts'
import { leavesTheDevice } from './descriptors.ts'
import { fragmentStored } from './fragments.ts'
import { truth } from './truth.ts'

export const placeTruth = (s: Scope) => ({
  place: oneOf(...PLACES),
  /** The pool that took this page from the allocator and has not given it back. */
  of: ref('pool', s.pools),
})
export const usedTruth = () => ({
  /** Was ever taken from the allocator: an untouched page is like any other untouched page. */
  used: flag(),
})
export const ringTruth = (s: Scope) => ({
  /** Lay in the ring when an allocation that is not over yet looked there. */
  was_in_ring: noted(s.nodes > 1, flag(), false),
})
declare module '../world/world.ts' {
  interface PageTruth extends View<
    ReturnType<typeof placeTruth> & ReturnType<typeof usedTruth> & ReturnType<typeof ringTruth>
  > {}
}

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

/** Pages a pool once took that are not back in the allocator, counted or not. */
export function pagesOut(w: World): number {
  const back: ReadonlySet<Place> = new Set(['page allocator', 'somebody else'])
  return truth(w).page.all.filter((it) => it.used && !back.has(it.place)).length
}
