/** Release attempts: what `page_pool_inflight()` printed each time it was asked. */
import type { TraceEvent } from '../text/event.ts'
import { placeOf, surelyBefore, type Where } from '../text/where.ts'
import { attemptNumber, type Wrong } from './attempt-number.ts'
import { MOST_RUNS, type Life, type Run, type Window } from './life.ts'
import { serial, u32, type Numbers } from './numbers.ts'
import { cutOf } from './sequence.ts'

export function attempt(life: Life, e: TraceEvent, window: Window): void {
  const where = placeOf(e)
  const cut = cutOf(e.text, e.cnt, life.attempts.cnts.top + 1)
  const wrong: Wrong = (check, says, allowed, since, at = where) =>
    life.contradict({ check, where: at, says, allowed, window: window(), since, cut })
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
  if (!Number.isNaN(e.cnt)) attemptNumber(life, e, wrong, window)
  note(life, e, where, adds && known)
}

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
