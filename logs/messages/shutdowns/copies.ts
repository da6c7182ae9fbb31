/** Logs are often there twice: dmesg and journal, console and syslog, a paste of a paste. */
import { wallPassed } from '../../text/kernel-line.ts'
import { driftOf, ROUNDED, SAME_WALL } from './fits.ts'
import type { Shutdown } from './shutdown.ts'
import type { Warning } from './warning.ts'

/** Copies of one line: printk's stamp is the same, a console's may be a little later. */
const SAME_STAMP = 1

export class Copies {
  /** Greatest seconds of a warning without an id, and if the last of them was a copy. */
  private nameless = { seconds: -Infinity, isCopy: false }

  /** The pool that has told this before. */
  of(w: Warning, known: readonly Shutdown[]): Shutdown | undefined {
    const copied = known.find((it) => this.isCopy(it, w))
    if (w.name === '')
      this.nameless = {
        seconds: Math.max(this.nameless.seconds, w.seconds),
        isCopy: copied !== undefined,
      }
    return copied
  }
  private isCopy(it: Shutdown, w: Warning): boolean {
    const old = it.told.find((o) => o.seconds === w.seconds)
    if (old === undefined) return it.dropped > 0 && isInDropped(it, w)
    if (old.inflight !== w.inflight || old.attempts !== w.attempts) return false
    const apart = Math.abs(old.at - w.at)
    // printk's stamp to the microsecond is not given twice; loggers stamp a line when it arrives.
    if (apart < 0.000_000_5) return true
    const apartByWall = Math.abs(wallPassed(old.wall, w.wall))
    return w.name === ''
      ? this.isNamelessCopy(w, apart, apartByWall)
      : isNamedCopy(it, w, apart, apartByWall)
  }
  private isNamelessCopy(w: Warning, apart: number, apartByWall: number): boolean {
    if (!Number.isNaN(apart) || apartByWall > 2) return false
    return this.nameless.isCopy || w.seconds + w.interval <= this.nameless.seconds
  }
}
function isNamedCopy(it: Shutdown, w: Warning, apart: number, apartByWall: number): boolean {
  if (it.boot !== w.stretch.boot) return Number.isNaN(apart) && apartByWall < 1
  return !(apart > SAME_STAMP) && !(apartByWall > SAME_WALL)
}
/** The middle of a long stall is not kept: what fits there is taken for a copy. */
const isInDropped = (it: Shutdown, w: Warning): boolean =>
  w.seconds > it.first!.seconds &&
  w.seconds < it.last!.seconds &&
  (w.name !== '' || driftOf(it, w) < ROUNDED)
