/** What is in flight: the pages themselves, beside the kernel's two counters. */
import { flag, indexOf, noted, uint, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import type { Page, Pool, World } from '../world/world.ts'
import { truth } from './truth.ts'

export const inFlightTruth = () => ({
  /** Counted as held, not yet counted as released. */
  in_flight: flag(),
})
export const countTruth = (s: Scope) => ({
  /** Pages out when the release counter was last read. */
  out_at_read: uint(Math.min(Math.max(s.pages, 1), 2 ** 32 - 1)),
})
export const countSeen = (s: Scope) => ({
  counter_wrapped: noted(s.nodes === 1, flag(), false),
})
declare module '../world/world.ts' {
  interface PageTruth extends View<ReturnType<typeof inFlightTruth>> {}
  interface PoolTruth extends View<ReturnType<typeof countTruth>> {}
  interface Seen extends View<ReturnType<typeof countSeen>> {}
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
