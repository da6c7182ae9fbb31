/**
 * Warnings of stalled shutdowns to pools. What tells one pool from another is its id, the boot and the machine;
 * where the log names no machine or boot, the time of page_pool_destroy() does (stamp less seconds), and
 * where there are no stamps, the seconds and the count.
 */
import { wallPassed } from '../../text/kernel-line.ts'
import type { LogClock, Stretch } from '../../text/log-clock.ts'
import { finding, Shutdown, type Warning } from './shutdown.ts'

const MOST_SHUTDOWNS = 20_000
/** Below this the difference of two u32 is as likely a positive one that passed 2^31 (bnxt, January 2020). */
const MAY_HAVE_WRAPPED = -(2 ** 30)
/** Copies of one line: printk's stamp is the same, a console's may be a little later. */
const SAME_STAMP = 1
/** Wall-clock stamps of copies: when the line arrived. */
const SAME_WALL = 600
/** Seconds by which the destroy time of one pool may seem to differ: the count of seconds is rounded. */
const ROUNDED = 1.5

export class Stalls {
  readonly list: Shutdown[] = []
  /** Shutdowns beyond those kept. */
  more = 0
  /** Their warnings. */
  untold = 0
  private byName = new Map<string, Shutdown[]>()
  private readonly clock: LogClock
  /** Greatest seconds of a warning without an id, and if the last of them was a copy. */
  private nameless = { seconds: -Infinity, isCopy: false }

  constructor(clock: LogClock) {
    this.clock = clock
  }

  warn(w: Warning): Shutdown {
    const known = (this.byName.get(w.name) ?? []).filter((it) => isCompatible(it, w))
    const copied = known.find((it) => this.isCopy(it, w))
    if (w.name === '')
      this.nameless = {
        seconds: Math.max(this.nameless.seconds, w.seconds),
        isCopy: copied !== undefined,
      }
    if (copied !== undefined) {
      if (copied.boot !== w.stretch.boot) this.clock.returnsTo(w.stretch, copied.boot)
      copied.repeat(w)
      return copied
    }
    this.clock.isNew(w.stretch)
    const it = goesOn(known, w)
    if (it === undefined) return this.another(known, w)
    if (it.suspicion !== undefined) {
      it.doubts.push(
        `${it.name} stands for two pools that were destroyed at different times, each with warnings that fit: lines of two machines or boots are mixed`,
      )
      it.suspicion = undefined
    }
    this.contradictions(it, w)
    it.add(w)
    this.signs(it, w)
    return it
  }

  /** Logs are often there twice: dmesg and journal, console and syslog, a paste of a paste. */
  private isCopy(it: Shutdown, w: Warning): boolean {
    const old = it.told.find((o) => o.seconds === w.seconds)
    if (old === undefined) return it.dropped > 0 && this.isInDropped(it, w)
    if (old.inflight !== w.inflight || old.attempts !== w.attempts) return false
    const apart = Math.abs(old.at - w.at)
    // printk's stamp to the microsecond is not given twice; loggers stamp a line when it arrives.
    if (apart < 0.000_000_5) return true
    const apartByWall = Math.abs(wallPassed(old.wall, w.wall))
    if (w.name !== '') {
      if (it.boot !== w.stretch.boot) return Number.isNaN(apart) && apartByWall < 1
      return !(apart > SAME_STAMP) && !(apartByWall > SAME_WALL)
    }
    if (!Number.isNaN(apart)) return false
    if (apartByWall > 2) return false
    return this.nameless.isCopy || w.seconds + w.interval <= this.nameless.seconds
  }
  /** The middle of a long stall is not kept: what fits there is taken for a copy. */
  private isInDropped(it: Shutdown, w: Warning): boolean {
    return (
      w.seconds > it.first!.seconds &&
      w.seconds < it.last!.seconds &&
      (w.name !== '' || driftOf(it, w) < ROUNDED)
    )
  }

  /** No pool that is known goes on like this. */
  private another(known: readonly Shutdown[], w: Warning): Shutdown {
    const it = this.begin(w.name === '' ? `a pool (line ${w.line})` : w.name, w.line, w.stretch)
    if (this.more > 0) this.untold += 1
    else this.keep(w.name, it)
    const old = known.at(-1)
    if (w.name !== '' && old !== undefined) {
      it.suspicion = this.misfit(old, w)
      if (it.suspicion === undefined) {
        old.followedBy ??= w.line
        if (
          rises(old.last!, w) &&
          w.seconds > old.last!.seconds &&
          Number.isNaN(w.at) &&
          isNext(old, w)
        )
          it.doubts.push(
            `line ${w.line}: ${w.inflight} in flight, and ${old.inflight} in line ${old.last!.line}: another boot's or machine's pool, or a count that rose; without the kernel's stamps this cannot be told`,
          )
      }
    }
    it.add(w)
    this.signs(it, w)
    return it
  }
  /** Its time is no other boot's, as far as the stamps go, and does not fit. */
  private misfit(old: Shutdown, w: Warning): Shutdown['suspicion'] {
    const last = old.last!
    if (!(w.at >= last.at) || last.stretch !== w.stretch) return undefined
    if (!w.isExact || !last.isExact) return undefined
    const clock = w.at - last.at
    // Only where a warning of this pool is due, and could say so, is it this pool's and wrong. Elsewhere it is the
    // pool of another boot or machine, whose lines follow or are mixed in.
    const isDue = clock >= w.interval && clock <= w.interval + 3
    const byWall = wallPassed(last.wall, w.wall)
    if (!isDue || rises(last, w) || Math.abs(byWall - clock) > SAME_WALL) return undefined
    return finding(
      'time',
      w.line,
      `${w.seconds} sec, and ${last.seconds} sec in the warning before, ${clock.toFixed(1)} s earlier by the clock of the log: a stalled shutdown is reported every ${w.interval + 1} s`,
      `about ${last.seconds + Math.round(clock)} sec${w.host === '' ? ' (or this is another machine, which the log does not name)' : ''}`,
      w.text,
    )
  }

  /** It is the same pool by its id and the time it was destroyed: does the rest fit? */
  private contradictions(it: Shutdown, w: Warning): void {
    const i = it.told.findIndex((o) => o.seconds > w.seconds)
    const before = i < 0 ? it.last : it.told[i - 1]
    const after = i < 0 ? undefined : it.told[i]
    const blame = (check: 'sum' | 'time', says: string, allowed: string): void => {
      const isSure =
        before?.stretch === w.stretch && before.isExact && w.isExact && !this.isMixed(it)
      if (isSure) it.impossible.push(finding(check, w.line, says, allowed, w.text))
      else
        it.doubts.push(
          `line ${w.line}: ${says}; another machine's or boot's line, or the text was changed`,
        )
    }
    if (w.inflight !== null && (before?.inflight ?? Infinity) < w.inflight)
      blame(
        'sum',
        `${w.inflight} in flight, and ${before!.inflight} before: after page_pool_destroy() no page is added`,
        `${before!.inflight} or fewer`,
      )
    else if (w.inflight !== null && (after?.inflight ?? -Infinity) > w.inflight)
      blame(
        'sum',
        `${w.inflight} in flight, and ${after!.inflight} later`,
        `${after!.inflight} or more`,
      )
    if (before !== undefined && w.seconds - before.seconds < w.interval)
      blame(
        'time',
        `${w.seconds} sec, and ${before.seconds} sec in the warning before: a stalled shutdown is reported every ${w.interval + 1} s`,
        `about ${before.seconds + w.interval + 1} sec`,
      )
    if (w.attempts !== null && w.attempts <= (before?.attempts ?? -1))
      blame(
        'time',
        `${w.attempts} attempts, and ${before!.attempts} before: attempts count up`,
        'more than before',
      )
  }
  isMixed({ host }: Shutdown): boolean {
    return this.clock.mixed.has(host)
  }

  /** What the numbers of one warning say by themselves. */
  private signs(it: Shutdown, w: Warning): void {
    if (w.attempts !== null && w.attempts - 1 > w.seconds + 1)
      it.impossible.push(
        finding(
          'time',
          w.line,
          `${w.attempts} attempts in ${w.seconds} s: attempts come a second apart`,
          `at most ${w.seconds + 2} attempts`,
          w.text,
        ),
      )
    if (w.inflight === null || w.inflight >= 0) return
    if (w.inflight < MAY_HAVE_WRAPPED) {
      it.ended = 'stalled'
      const says = `the count has 32 bits and a sign: ${w.inflight + 2 ** 32} pages were held and never released, or ${-w.inflight} more were released than held`
      it.tell(`line ${w.line}: ${says}`)
      it.doubts.push('the count may have passed 2^31')
    } else belowZero(it, w.inflight, w.text, w.line)
  }

  begin(name: string, line: number, { boot }: Stretch): Shutdown {
    const it = new Shutdown(name, line, boot)
    if (this.list.length < MOST_SHUTDOWNS) this.list.push(it)
    else this.more += 1
    return it
  }
  private keep(name: string, it: Shutdown): void {
    const all = this.byName.get(name)
    if (all === undefined) this.byName.set(name, [it])
    else all.push(it)
  }
  /** The pool of that name in this boot, for messages that are no warnings. */
  named(name: string, line: number, stretch: Stretch): Shutdown {
    const known = this.byName.get(name)?.findLast((it) => it.boot === stretch.boot)
    if (known !== undefined) {
      known.lastLine = line
      return known
    }
    const it = this.begin(name, line, stretch)
    this.keep(name, it)
    return it
  }
}

export function belowZero(it: Shutdown, inflight: number, text: string, line: number): void {
  it.ended = 'negative'
  it.inflight = inflight
  if (it.impossible.length === 0)
    it.impossible.push(
      finding(
        'negative',
        line,
        `the kernel counts ${inflight} pages in flight: more were released than held`,
        'a page is released once for each time it is held (in-flight-never-negative)',
        text,
      ),
    )
}

/** Another machine's pool, or another boot's, is another one, whatever its id. A copy may come after a boot. */
const isCompatible = (it: Shutdown, w: Warning): boolean =>
  it.last === undefined
    ? it.boot === w.stretch.boot
    : it.host === w.host || it.host === '' || w.host === ''

/** By how many seconds the destroy times differ; NaN: one has no stamp. */
function driftOf(it: Shutdown, w: Warning): number {
  const near = nearest(it, w)
  return Math.abs(w.at - near.at - (w.seconds - near.seconds))
}
const nearest = ({ told }: Shutdown, w: Warning): Warning =>
  told.findLast((o) => o.seconds <= w.seconds && !Number.isNaN(o.at)) ??
  told.find((o) => !Number.isNaN(o.at)) ??
  told.at(-1)!

const rises = (old: Warning, w: Warning): boolean =>
  w.inflight !== null && old.inflight !== null && w.inflight > old.inflight

/** The pool whose next (or earlier) warning this is. */
function goesOn(known: readonly Shutdown[], w: Warning): Shutdown | undefined {
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
  if (w.name === '' && !(passed >= w.interval && passed <= 75)) return Infinity
  // A clock on the wall that went on for much longer, although the next warning is due: another boot.
  const byWall = wallPassed(last.wall, w.wall)
  if (w.name !== '' && passed > 75 && Math.abs(byWall - passed) > SAME_WALL) return Infinity
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
const isNext = ({ last }: Shutdown, w: Warning): boolean =>
  w.seconds - last!.seconds >= w.interval && w.seconds - last!.seconds <= 75
