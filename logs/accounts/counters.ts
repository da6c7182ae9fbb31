/**
 * The accounting of one pool, event by event (`page_pool_set_pp_info()`, `page_pool_return_page()`,
 * `page_pool_inflight()`; 5.3 to 6.18). What is certain whatever was lost or printed out of order is said
 * at once; what depends on having seen everything is left to the end of the pool's life.
 */
import { ownText, type TraceEvent, type Where } from '../text/event.ts'
import { HEX_PFN } from '../text/fields.ts'
import { SKEW } from '../text/loss.ts'
import {
  MOST_ORPHANS,
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

/** No pool is freed, and another made at its address, in less than this, in seconds. */
export const REBIRTH = 0.001
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
    if (n === attempts.hold + 1 && !(e.time < attempts.last!.time))
      contradict(life, {
        check: 'after destroy',
        where: placeOf(e),
        says: `hold=${e.hold}: a page is allocated from the pool after page_pool_destroy() read hold=${u32(attempts.hold)}`,
        allowed: 'no hold after the first page_pool_release event: the driver has stopped NAPI',
        window: window(),
        since: attempts.last,
      })
    belowStart(life, n, e, window)
    runsBack(life, n < life.holdTail.number, e)
    follow(life.holdTail, n, e, life.outliers, life.holds.empty, window)
    if (life.holds.empty || n > life.holds.top) life.holdTop = placeOf(e)
    life.holds.add(n)
  }
  return Number.isNaN(e.page) ? undefined : takePage(life, e, pages, window)
}

/** Where no CPU is printed: a counter that never does runs back. One wrong number makes one such step. */
export function runsBack(life: Life, isBack: boolean, e: TraceEvent): void {
  if (isBack && e.cpu < 0) life.stepsBack += 1
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
  if (holder !== undefined && !(e.time < holder.time)) {
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
      says: `pfn 0x${(e.page % HEX_PFN).toString(16)} is released under another struct page than it was held under in line ${holding.line}`,
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

/** `release=12` at the end of a line, where 128 is due. One digit is enough only where the text ends. */
export function cutOf(text: string, printed: number, due: number): Contradiction['cut'] {
  const isCut =
    due > printed &&
    String(due).startsWith(String(printed)) &&
    text.trimEnd().endsWith(`=${printed}`)
  return isCut ? (printed < 10 ? 'at the end' : 'somewhere') : undefined
}

/** Notices a number that stands in another's place: a, X, a+2 on one CPU. */
export function follow(
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
