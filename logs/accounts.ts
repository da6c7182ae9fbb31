/**
 * The accounting of one pool, event by event (`page_pool_set_pp_info()`, `page_pool_return_page()`,
 * `page_pool_inflight()`; 5.3 to 6.18). What is certain whatever was lost or printed out of order is said
 * at once; what depends on having seen everything is left to the end of the pool's life.
 */
import { ownText, type TraceEvent, type Where } from './event.ts'
import type { Numbers } from './numbers.ts'
import type { Check } from './report.ts'
import {
  MOST_ORPHANS,
  MOST_RUNS,
  type Contradiction,
  type Holding,
  type Life,
  type Outlier,
  type Tail,
} from './life.ts'

/** Pages that are held now, of all pools: a page can be in one place only. */
export type PageTable = Map<number, Holding>
/** The last events of the pool, as text. */
export type Window = () => readonly string[]

/** Attempts come at least this long after each other (`DEFER_TIME` is 1 s; less, for odd clocks). */
const SHORTEST_RETRY = 0.75
/** Clocks of two CPUs agree to this, in seconds. */
const SKEW = 0.01
/** Time that runs back further than this is another capture's, in seconds. */
export const ANOTHER_CLOCK = 1
const MOST_CONTRADICTIONS = 16
/** Windows kept of one kind of doubt about one pool. */
const MOST_SHOWN = 8

export const placeOf = ({ line, time, cpu }: Where): Where => ({ line, time, cpu })
export const u32 = (n: number): number => ((n % 2 ** 32) + 2 ** 32) % 2 ** 32

/**
 * Did `a` happen before `b`? Lines of one CPU are in order; lines of two are if their times say so by
 * more than the clocks may differ.
 */
export const surelyBefore = (a: Where, b: Where): boolean =>
  a.line < b.line && (a.cpu >= 0 && a.cpu === b.cpu ? !(a.time > b.time) : a.time + SKEW < b.time)

export function contradict(life: Life, it: Contradiction): void {
  if (life.contradictions.length < MOST_CONTRADICTIONS) life.contradictions.push(it)
}

/** The number was checked: it is not one this pool has had. */
export function hold(
  life: Life,
  e: TraceEvent,
  pages: PageTable,
  window: Window,
): Holding | undefined {
  life.held += 1
  const { attempts } = life
  if (!Number.isNaN(e.hold)) {
    const n = life.holds.unwrap(e.hold)
    if (attempts.count > 0 && n === attempts.hold + 1)
      contradict(life, {
        check: 'after destroy',
        where: placeOf(e),
        says: `hold=${e.hold}: a page is allocated from the pool after page_pool_destroy() read hold=${u32(attempts.hold)}`,
        allowed: 'no hold after the first page_pool_release event: the driver has stopped NAPI',
        window: window(),
        since: attempts.last,
      })
    belowStart(life, n, e, window)
    follow(life.holdTail, n, e, life.outliers, life.holds.empty, window)
    if (life.holds.empty || n > life.holds.top) life.holdTop = placeOf(e)
    life.holds.add(n)
  }
  return Number.isNaN(e.page) ? undefined : takePage(life, e, pages, window)
}

/** Names as strings of their own: a slice would keep the whole chunk of text it was cut from. */
const names = new Map<string, string>()
function intern(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size > 10_000) names.clear()
  const own = ownText(text)
  names.set(own, own)
  return own
}

function takePage(
  life: Life,
  e: TraceEvent,
  pages: PageTable,
  window: Window,
): Holding | undefined {
  if (life.orphans.size > 0 && life.orphans.delete(e.page)) return undefined
  const holding: Holding = {
    life,
    page: e.page,
    pointer: e.pointer,
    hashed: e.hashed && e.page < 0,
    line: e.line,
    time: e.time,
    cpu: e.cpu,
    task: intern(e.task),
    stack: '',
    older: undefined,
    taken: undefined,
  }
  const holder = pages.get(e.page)
  if (holder !== undefined && !(e.time < holder.time - ANOTHER_CLOCK)) {
    if (holder.taken === undefined) {
      holder.life.taken += 1
      const isShown = holder.life.taken <= MOST_SHOWN
      holder.taken = { ...placeOf(e), pool: life.pool, window: isShown ? window() : [] }
    }
    if (holder.life === life) {
      holding.older = holder
      holder.older = undefined
    }
  }
  pages.set(e.page, holding)
  life.pages.set(e.page, holding)
  return holding
}

/** `isLate`: printed after the pool was freed, so the order of the numbers means nothing. */
export function release(
  life: Life,
  e: TraceEvent,
  pages: PageTable,
  window: Window,
  isLate = false,
): void {
  life.released += 1
  if (!Number.isNaN(e.release)) {
    const n = life.releases.unwrap(e.release)
    belowStart(life, n, e, window)
    if (!isLate) follow(life.releaseTail, n, e, life.releaseOutliers, life.releases.empty, window)
    if (life.releases.empty || n > life.releases.top) life.releaseTop = placeOf(e)
    life.releases.add(n)
  }
  if (Number.isNaN(e.page)) return
  const holding = life.pages.get(e.page)
  if (holding === undefined) {
    if (life.holds.empty || life.holds.least !== 1 || life.holds.stretches > 1) life.earlier += 1
    else if (life.orphans.size < MOST_ORPHANS)
      life.orphans.set(e.page, {
        ...placeOf(e),
        window: life.orphans.size < MOST_SHOWN ? window() : [],
      })
    return
  }
  if (e.pointer !== holding.pointer && e.page >= 0 && comparable(e.pointer, holding.pointer))
    contradict(life, {
      check: 'pfn',
      where: placeOf(e),
      says: `pfn 0x${e.page.toString(16)} is released under another struct page than it was held under in line ${holding.line}`,
      allowed: 'one pfn has one struct page for as long as the machine is up',
      window: window(),
      since: holding,
    })
  if (holding.older !== undefined) {
    holding.older = holding.older.older
    return
  }
  life.pages.delete(e.page)
  if (pages.get(e.page) === holding) pages.delete(e.page)
}
/** Both hashed or both not. */
const comparable = (a: number, b: number): boolean => a < 2 ** 32 === b < 2 ** 32

/** Counters begin at 0 and are raised before they are printed: what was seen from 1 on has no 0. */
function belowStart(life: Life, n: number, e: TraceEvent, window: Window): void {
  if (n >= 1 || life.holds.empty || life.holds.least !== 1) return
  contradict(life, {
    check: 'counter',
    where: placeOf(e),
    says: `${e.kind}=${u32(n)} in a pool that was seen from hold=1 on`,
    allowed: `${e.kind}=1 or more`,
    window: window(),
    since: undefined,
  })
}

/** Notices a number that stands in another's place: a, X, a+2 on one CPU. */
function follow(
  tail: Tail,
  n: number,
  e: TraceEvent,
  outliers: Outlier[],
  isFirst: boolean,
  window: Window,
): void {
  const { before, number, where } = tail
  if (
    where !== undefined &&
    !(e.time < where.time) &&
    n === before + 2 &&
    number !== before + 1 &&
    (where.cpu === e.cpu || e.kind === 'attempt') &&
    outliers.length < 8
  )
    outliers.push({ number, due: before + 1, where, window: window() })
  if (isFirst) tail.before = 0
  else tail.before = number
  // In step, nothing needs to be remembered of where it was.
  tail.where = n === tail.before + 1 && !isFirst ? undefined : placeOf(e)
  tail.number = n
}

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
  e.time >= from.time &&
  attempts * SHORTEST_RETRY > e.time - from.time

export function attempt(life: Life, e: TraceEvent, window: Window): void {
  const where = placeOf(e)
  const wrong: Wrong = (check, says, allowed, since, at = where) =>
    contradict(life, { check, where: at, says, allowed, window: window(), since })
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

/** What two attempts are apart, on a clock that counts seconds. */
const isSecond = (passed: number): boolean => passed > 0.9 && passed < 2

function note(life: Life, e: TraceEvent, where: Where, isSound: boolean): void {
  const { attempts } = life
  attempts.count += 1
  attempts.first ??= where
  if (attempts.last !== undefined && e.time < attempts.last.time) return
  attempts.last = where
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
