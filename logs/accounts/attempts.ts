/** Release attempts: what `page_pool_inflight()` printed each time it was asked. */
import {
  contradict,
  follow,
  cutOf,
  placeOf,
  runsBack,
  surelyBefore,
  u32,
  type Window,
} from './counters.ts'
import type { TraceEvent, Where } from '../text/event.ts'
import { MOST_RUNS, type Life, type Run } from './life.ts'
import type { Numbers } from './numbers.ts'
import type { Check } from '../report.ts'

/** Attempts come at least this long after each other (`DEFER_TIME` is 1 s; less, for odd clocks). */
const SHORTEST_RETRY = 0.75

/** Does the attempt belong to this life, or was the pool freed and its address used again, unseen? */
export function belongs(life: Life, e: TraceEvent, isLossless: boolean): 'same' | 'another' {
  const { attempts } = life
  const h = life.holds.unwrap(e.hold)
  const adds = ((e.hold - e.release) | 0) === e.inflight
  if (adds && !life.holds.empty && h < life.holds.top && life.holds.above(h) > 1) return 'another'
  if (attempts.count === 0) return 'same'
  const r = serial(attempts.release, e.release)
  if (adds && surelyBefore(attempts.last!, e) && (serial(attempts.hold, e.hold) < 0 || r < 0))
    return 'another'
  const { cnts } = attempts
  if (Number.isNaN(e.cnt) || cnts.empty || e.cnt > cnts.top) return 'same'
  if (!cnts.has(e.cnt) && !surelyBefore(attempts.last!, e)) return 'same'
  if (isLossless && !life.holds.empty && h === life.holds.top) return 'same'
  return tooSoon(life, attempts.last!, e, e.cnt - 1) ? 'same' : 'another'
}
const serial = (from: number, to: number): number => (Number.isNaN(from) ? 0 : (to - from) | 0)
/** Only where the unit of the clock is certain, and time has not run back. */
const tooSoon = (life: Life, from: Where, e: TraceEvent, attempts: number): boolean =>
  (e.seconds || life.inSeconds) &&
  e.time > from.time &&
  attempts * SHORTEST_RETRY > e.time - from.time

export function attempt(life: Life, e: TraceEvent, window: Window): void {
  const where = placeOf(e)
  const cut = cutOf(e.text, e.cnt, life.attempts.cnts.top + 1)
  const wrong: Wrong = (check, says, allowed, since, at = where) =>
    contradict(life, { check, where: at, says, allowed, window: window(), since, cut })
  const known = !Number.isNaN(e.hold) && !Number.isNaN(e.release)
  const inflight = known ? (e.hold - e.release) | 0 : e.inflight
  if (Number.isNaN(e.inflight)) e.inflight = inflight
  const adds = inflight === e.inflight
  if (!adds)
    wrong(
      'sum',
      `inflight=${e.inflight}, but hold=${e.hold} minus release=${e.release} is ${inflight}`,
      `inflight=${inflight}: page_pool_inflight() prints the difference of the two numbers it prints`,
    )
  if (adds && e.inflight < 0)
    wrong(
      'negative',
      `inflight=${e.inflight}: ${-e.inflight} more pages were released than held`,
      'inflight of 0 or more: a page is released once for each time it is held',
    )
  if (adds && known) counters(life, e, wrong)
  if (!Number.isNaN(e.cnt)) countsUp(life, e, wrong, window)
  note(life, e, where, adds && known)
}
type Wrong = (check: Check, says: string, allowed: string, since?: Where, at?: Where) => void

function counters(life: Life, e: TraceEvent, wrong: Wrong): void {
  const { attempts, holds, releases } = life
  const h = holds.unwrap(e.hold)
  const r = releases.unwrap(e.release)
  if (serial(attempts.hold, e.hold) > 0 && surelyBefore(attempts.last!, e))
    wrong(
      'after destroy',
      `hold=${e.hold}, and it was ${u32(attempts.hold)} at the last attempt: pages are allocated after page_pool_destroy()`,
      `hold=${u32(attempts.hold)} at every attempt`,
      attempts.last,
    )
  if (isLone(holds, h))
    wrong(
      'counter',
      `hold=${u32(holds.top)}, and page_pool_release in line ${e.line} reads hold=${e.hold}`,
      `no hold above ${e.hold}`,
      life.holdTop,
      life.holdTop,
    )
  if (isLone(releases, r) && surelyBefore(life.releaseTop!, e))
    wrong(
      'counter',
      `release=${u32(releases.top)}, and page_pool_release in line ${e.line} still reads release=${e.release}`,
      `no release above ${e.release} before that`,
      life.releaseTop,
      life.releaseTop,
    )
}

/** One number is above what the counter ever was, and all others, but for the one it replaced, were seen. */
export const isLone = (seen: Numbers, counter: number): boolean =>
  !seen.empty && seen.above(counter) === 1 && seen.missing(seen.least, counter) <= 1

function countsUp(life: Life, e: TraceEvent, wrong: Wrong, window: Window): void {
  const { attempts, after } = life
  const { cnts, last } = attempts
  runsBack(life, e.cnt < life.cntTail.number, e)
  if (e.cnt === (cnts.empty ? 2 : cnts.top + 1) && isSecond(e.time - (last?.time ?? NaN)))
    life.inSeconds = true
  if (e.cnt > 1 && e.hold === 0 && e.release === 0)
    wrong(
      'counter',
      `cnt=${e.cnt} with hold=0: a pool that never held a page is freed at the first attempt`,
      'cnt=1',
    )
  else if (e.cnt < 1)
    wrong('counter', 'cnt=0: destroy_cnt is raised before the pool is looked at', 'cnt=1 or more')
  else if (
    cnts.has(e.cnt) &&
    (e.time <= last!.time || (!e.stamped && e.cnt === attempts.cnt && isSame(life, e)))
  )
    life.doubts.push(
      `cnt=${e.cnt} comes again in line ${e.line}, ${e.stamped ? 'with a time that was over' : 'and all of the line is the same'}: the text is there twice`,
    )
  else if (cnts.has(e.cnt) || (!cnts.empty && e.cnt < cnts.top && surelyBefore(last!, e)))
    wrong(
      'counter',
      `cnt=${e.cnt} after cnt=${cnts.top}: destroy_cnt counts the release attempts of a pool`,
      `cnt=${cnts.top + 1}`,
      last,
    )
  else if (cnts.empty) {
    // No page is held after the first attempt.
    const from = life.holdTop ?? after
    if (from !== undefined && tooSoon(life, from, e, e.cnt - 1))
      wrong(
        'counter',
        `cnt=${e.cnt}, ${(e.time - from.time).toFixed(3)} s after ${from === after ? 'another pool was freed at this address' : 'the last page was held'}: attempts come a second apart`,
        'cnt=1',
      )
  } else if (e.cnt > cnts.top + 1 && tooSoon(life, last!, e, e.cnt - cnts.top))
    wrong(
      'counter',
      `cnt=${e.cnt}, ${(e.time - last!.time).toFixed(3)} s after cnt=${cnts.top}: attempts come a second apart`,
      `cnt=${cnts.top + 1}`,
    )
  follow(life.cntTail, e.cnt, e, life.cntOutliers, cnts.empty, window)
  cnts.add(e.cnt)
}

/** Does it say what the attempt before it said? */
const isSame = ({ attempts, holds, releases }: Life, e: TraceEvent): boolean =>
  e.inflight === attempts.inflight &&
  holds.unwrap(e.hold) === attempts.hold &&
  releases.unwrap(e.release) === attempts.release

/** What two attempts are apart, on a clock that counts seconds. */
const isSecond = (passed: number): boolean => passed > 0.9 && passed < 2

function note(life: Life, e: TraceEvent, where: Where, isSound: boolean): void {
  const { attempts } = life
  attempts.count += 1
  attempts.first ??= where
  if (attempts.last !== undefined && e.time < attempts.last.time && !(e.cnt > attempts.cnt)) {
    insert(attempts.runs, e.inflight, where)
    return
  }
  attempts.last = where
  attempts.cnt = e.cnt
  if (isSound) {
    attempts.hold = life.holds.unwrap(e.hold)
    attempts.release = life.releases.unwrap(e.release)
  }
  attempts.inflight = e.inflight
  const run = attempts.runs.at(-1)
  if (run?.inflight === e.inflight) run.times += 1
  else if (attempts.runs.length < MOST_RUNS)
    attempts.runs.push({ inflight: e.inflight, times: 1, from: where })
  life.drained = e.inflight === 0
}
/** An attempt that is printed after a later one. */
function insert(runs: Run[], inflight: number, from: Where): void {
  const after = runs.findLastIndex((it) => it.from.time <= from.time)
  const next = runs[after + 1]
  if (runs[after]?.inflight === inflight) runs[after]!.times += 1
  else if (next?.inflight === inflight) {
    next.times += 1
    next.from = from
  } else if (runs.length < MOST_RUNS) runs.splice(after + 1, 0, { inflight, times: 1, from })
}
