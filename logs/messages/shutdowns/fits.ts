/** Which pool a warning is of: by machine and boot, and by the times and counts that both tell. */
import { wallPassed } from '../../text/kernel-line.ts'
import type { Shutdown } from './shutdown.ts'
import type { Warning } from './warning.ts'

/** Wall-clock stamps of copies are when the line arrived: they differ by this, in seconds. */
export const SAME_WALL = 600
/** Seconds by which the destroy time of one pool may seem to differ: the count of seconds is rounded. */
export const ROUNDED = 1.5
/** A warning comes every 60 s and a little more; later than this, in seconds, and one is missing. */
const LATEST = 75

/** Another machine's pool, or another boot's, is another one, whatever its id. A copy may come after a boot. */
export const isCompatible = (it: Shutdown, w: Warning): boolean =>
  it.last === undefined
    ? it.boot === w.stretch.boot
    : it.host === w.host || it.host === '' || w.host === ''

/** By how many seconds the destroy times differ; NaN: one has no stamp. */
export function driftOf(it: Shutdown, w: Warning): number {
  const near = nearest(it, w)
  return Math.abs(w.at - near.at - (w.seconds - near.seconds))
}
const nearest = ({ told }: Shutdown, w: Warning): Warning =>
  told.findLast((o) => o.seconds <= w.seconds && !Number.isNaN(o.at)) ??
  told.find((o) => !Number.isNaN(o.at)) ??
  told.at(-1)!

/** The count is greater than before. */
export const rises = (old: Warning, w: Warning): boolean =>
  w.inflight !== null && old.inflight !== null && w.inflight > old.inflight

/** The pool whose next (or earlier) warning this is. */
export function goesOn(known: readonly Shutdown[], w: Warning): Shutdown | undefined {
  let best: Shutdown | undefined
  let least = Infinity
  for (const it of known) {
    const cost = costOf(it, w)
    if (cost < least) {
      least = cost
      best = it
    }
  }
  return best
}
/** How badly it fits; Infinity: not at all. */
function costOf(it: Shutdown, w: Warning): number {
  if (it.last === undefined) return 0
  if (it.boot !== w.stretch.boot && (it.host === w.host || it.boot.endedBy !== undefined))
    return Infinity
  const drift = driftOf(it, w)
  if (Number.isNaN(drift)) return byNumbers(it, w)
  const near = nearest(it, w)
  const passed = Math.abs(w.at - near.at)
  if (drift > ROUNDED + 0.03 * passed) return Infinity
  // The same seconds, and another count or stamp: another boot's or machine's.
  if (it.told.some((o) => o.seconds === w.seconds)) return Infinity
  if (w.name !== '') return drift
  return fitsAmong(it, w) ? drift + (it.inflight === w.inflight ? 0 : 1) : Infinity
}
function byNumbers(it: Shutdown, w: Warning): number {
  const last = it.last!
  const passed = w.seconds - last.seconds
  if (!fitsAmong(it, w)) return Infinity
  if (w.name === '' && !(passed >= w.interval && passed <= LATEST)) return Infinity
  // A clock on the wall that went on for much longer, although the next warning is due: another boot.
  const byWall = wallPassed(last.wall, w.wall)
  if (w.name !== '' && passed > LATEST && Math.abs(byWall - passed) > SAME_WALL) return Infinity
  return Math.abs(passed - w.interval - 1) + (last.inflight === w.inflight ? 0 : 10)
}
/** Is there room for it among the warnings of this pool: far enough from both neighbours, a count between theirs? */
function fitsAmong({ told }: Shutdown, w: Warning): boolean {
  const i = told.findIndex((o) => o.seconds >= w.seconds)
  const before = i < 0 ? told.at(-1) : told[i - 1]
  const after = i < 0 ? undefined : told[i]
  const fits = (a: Warning | undefined, b: Warning | undefined): boolean =>
    a === undefined ||
    b === undefined ||
    (b.seconds - a.seconds >= w.interval && (a.inflight === null || b.inflight! <= a.inflight))
  return fits(before, w) && fits(w, after)
}
/** It is the one that is due. */
export const isNext = ({ last }: Shutdown, w: Warning): boolean =>
  w.seconds - last!.seconds >= w.interval && w.seconds - last!.seconds <= LATEST
