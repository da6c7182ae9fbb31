/** The end of a pool's life: what was missing, what does not add up, what remains. */
import { surelyBefore, u32 } from './counters.ts'
import { isLone } from './attempts.ts'
import type { Where } from '../text/event.ts'
import { holdersOf } from '../holders/outstanding.ts'
import type { Contradiction, Life, Outlier } from './life.ts'
import type { Loss } from '../text/loss.ts'
import type { Check, EndState, Finding, Place, PoolReport } from '../report.ts'

export interface CaptureEnd {
  readonly loss: Loss
  /** The last event of the capture. */
  readonly last: Where
}

export function judgeLife(life: Life, end: CaptureEnd): PoolReport {
  const counts = countsOf(life)
  const doubts = [...life.doubts]
  const found: Contradiction[] = [...life.contradictions, ...atTheEnd(life, counts, end)]
  const certain: Contradiction[] = []
  for (const it of found.sort((a, b) => a.where.line - b.where.line)) {
    const lost = excuse(it, end.loss) ?? garbled(it, life, counts, end)
    if (lost === undefined) certain.push(it)
    else
      doubts.push(
        `line ${it.where.line}: ${it.says}; but not all is here or in order (${lost.line === NOWHERE ? '' : `line ${lost.line}: `}${lost.says})`,
      )
  }
  doubts.push(...incomplete(life, counts, end))
  const state = endOf(life, counts)
  const open = state === 'stalled' || state === 'alive' || state === 'negative'
  const { attempts } = life
  return {
    pool: life.pool,
    verdict: certain.length > 0 ? 'impossible' : doubts.length > 0 ? 'cannot tell' : 'consistent',
    end: state,
    first: place(life.first),
    last: place(life.last),
    hold: number(counts.hold),
    release: number(counts.release),
    inflight:
      Number.isNaN(counts.hold) || Number.isNaN(counts.release)
        ? Number.isNaN(attempts.inflight)
          ? null
          : attempts.inflight
        : (counts.hold - counts.release) | 0,
    seen: { holds: life.held, releases: life.released, attempts: attempts.count },
    missing: counts.missing,
    attempts: attempts.runs.map(({ inflight, times, from }) => ({
      inflight,
      times,
      from: place(from),
    })),
    cnt: attempts.cnts.empty ? null : attempts.cnts.top,
    firstAttempt: attempts.first === undefined ? null : place(attempts.first),
    lastAttempt: attempts.last === undefined ? null : place(attempts.last),
    memIds: [...life.ids.keys()],
    disconnected: [...life.ids.values()].some(({ disconnected }) => disconnected !== undefined),
    impossible: certain.map(findingOf),
    doubts,
    holders: open && life.pages.size > 0 ? holdersOf(life, end.last) : null,
  }
}
/** What one line says about itself needs no order and no other line. */
const ALWAYS: ReadonlySet<Check> = new Set(['sum', 'negative', 'freed in flight'])
const excuse = ({ check, since, where }: Contradiction, loss: Loss) =>
  (since === undefined ? undefined : loss.between(since, where)) ??
  (since === undefined && ALWAYS.has(check) ? undefined : loss.disorder)

/** Where lines are missing or shuffled, what is left of two may read like one. */
function garbled(
  { check, of, cut, where }: Contradiction,
  { holds, releases }: Life,
  { missing }: Counts,
  { last }: CaptureEnd,
): { line: number; says: string } | undefined {
  if (cut === 'somewhere' || (cut === 'at the end' && where.line === last.line))
    return { line: NOWHERE, says: 'the number may be cut' }
  if (of !== undefined) {
    const seen = of === 'hold' ? holds : releases
    return seen.missing(seen.least, seen.top) > 1
      ? { line: NOWHERE, says: `numbers of ${of} are missing` }
      : undefined
  }
  if ((check === 'page' || check === 'pfn') && missing.holds + missing.releases > 0)
    return { line: NOWHERE, says: 'events of this pool are missing' }
  return undefined
}
const NOWHERE = 0

export const place = ({ line, time, cpu }: Where): Place => ({
  line,
  time: Number.isFinite(time) ? time : null,
  cpu: cpu < 0 ? null : cpu,
})
const number = (n: number): number | null => (Number.isNaN(n) ? null : u32(n))
const findingOf = ({ check, where, says, allowed, window }: Contradiction): Finding => ({
  check,
  at: place(where),
  says,
  allowed,
  window,
})

interface Counts {
  /** Unwrapped totals, NaN: never told. */
  readonly hold: number
  readonly release: number
  readonly missing: { readonly holds: number; readonly releases: number; readonly attempts: number }
}
function countsOf(life: Life): Counts {
  const { holds, releases, attempts } = life
  const isOver = life.ended?.how === 'freed' && !Number.isNaN(attempts.release)
  const hold = isOver ? attempts.hold : greater(holds.empty ? NaN : holds.top, attempts.hold)
  const release = isOver
    ? attempts.release
    : greater(releases.empty ? NaN : releases.top, attempts.release)
  const h = Number.isNaN(hold) ? 0 : hold
  const r = Number.isNaN(release) ? 0 : release
  return {
    hold: Number.isNaN(hold) && !Number.isNaN(release) && life.held === 0 ? NaN : h,
    release: r,
    missing: {
      holds: holds.empty ? h : holds.missing(1, h),
      releases: releases.empty ? r : releases.missing(1, r),
      attempts: attempts.cnts.empty ? 0 : attempts.cnts.missing(1, attempts.cnts.top),
    },
  }
}
const greater = (a: number, b: number): number =>
  Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)

function endOf(life: Life, { hold, release }: Counts): EndState {
  if (life.ended !== undefined) return life.ended.how
  if (life.attempts.count === 0) return 'alive'
  if (life.drained) return 'freed'
  return ((hold - release) | 0) < 0 || life.attempts.inflight < 0 ? 'negative' : 'stalled'
}

/** Pages do not come back by themselves: what is left over when everything was seen. */
function atTheEnd(
  life: Life,
  { hold, release, missing }: Counts,
  end: CaptureEnd,
): Contradiction[] {
  const isWhole = missing.holds + missing.releases + missing.attempts + life.doubts.length === 0
  const found: Contradiction[] = [
    ...displaced(life.outliers, (n) => life.holds.has(n), 'hold'),
    ...displaced(life.releaseOutliers, (n) => life.releases.has(n), 'release'),
    ...displaced(life.cntOutliers, (n) => life.attempts.cnts.has(n), 'cnt'),
    ...(isWhole ? ids(life) : []),
    ...afterTheEnd(life),
  ]
  if (!life.holds.empty && missing.holds === 0) {
    if (missing.releases === 0 && release > hold && life.releaseTop !== undefined)
      found.push({
        check: 'negative',
        where: life.releaseTop,
        says: `release=${u32(release)}, and only ${u32(hold)} pages were ever held`,
        allowed: `no release above ${u32(hold)}`,
        window: [],
        since: life.first,
      })
    // If a block of lines was cut out, the rest of the next pool at the address may fit number by number;
    // then many pages do not, and the counters are balanced all the same.
    const isCertain = release > hold || life.orphans.size === 1
    for (const it of isCertain ? life.orphans.values() : [])
      if (!Number.isNaN(life.attempts.hold) || isWellBefore(it, end.last))
        found.push({
          check: 'page',
          where: it,
          says: 'a page is released that this pool does not hold: it never held it, or released it before',
          allowed: 'the release of one of the pages held and not yet released',
          window: it.window,
          since: life.first,
        })
  }
  return missing.releases > 0 ? found : [...found, ...takenPages(life)]
}

/**
 * A page that others hold while this pool counts it left without page_pool_release_page(). Certain only
 * if the pool's releases are known up to a later time.
 */
function takenPages(life: Life): Contradiction[] {
  const found: Contradiction[] = []
  const { attempts, releaseTop } = life
  for (const { taken, hashed, line, time, cpu } of life.pages.values()) {
    if (taken === undefined || hashed || found.length > MOST_TAKEN) continue
    const isKnown = [attempts.last, releaseTop].some(
      (it) => it !== undefined && surelyBefore(taken, it),
    )
    if (!isKnown) continue
    const by = taken.pool === life.pool ? 'the same pool' : `pool ${taken.pool}`
    found.push({
      check: 'taken',
      where: taken,
      says: `the page held in line ${line} is held again, by ${by}, and was never released`,
      allowed: 'a release of this page first: a page is in one place only',
      window: taken.window,
      since: { line, time, cpu },
    })
  }
  return found
}
const MOST_TAKEN = 8
/** Far enough from the end that a hold printed late would have come. */
const isWellBefore = (a: Where, last: Where): boolean =>
  last.line - a.line > 200 || last.time - a.time > 0.1

function displaced(
  outliers: readonly Outlier[],
  has: (n: number) => boolean,
  name: string,
): Contradiction[] {
  return outliers
    .filter(({ due }) => !has(due))
    .map(({ number, due, where, window }) => ({
      check: 'counter' as const,
      where,
      says: `${name}=${u32(number)} stands where ${name}=${u32(due)} is due: the event after it on this CPU is ${u32(due + 1)}, and ${u32(due)} never comes`,
      allowed: `${name}=${u32(due)}`,
      window,
      // Pages are held one after the other; releases of several CPUs may overtake each other.
      since: name === 'release' || where.cpu < 0 ? where : undefined,
    }))
}

/** A release number that the counter of a freed pool never reached. */
function afterTheEnd({ ended, releases, attempts, releaseTop }: Life): Contradiction[] {
  if (ended?.how !== 'freed' || Number.isNaN(attempts.release)) return []
  if (!isLone(releases, attempts.release)) return []
  return [
    {
      check: 'counter',
      where: releaseTop!,
      says: `release=${u32(releases.top)}, and the pool was freed at release=${u32(attempts.release)} in line ${ended.where.line}`,
      allowed: `no release above ${u32(attempts.release)}`,
      window: [],
      since: releaseTop,
    },
  ]
}

/** A freed pool whose connected id stays, while an id that was never connected goes. */
function ids(life: Life): Contradiction[] {
  if (life.ended === undefined) return []
  const left = [...life.ids].filter(([, it]) => it.connected && it.disconnected === undefined)
  const odd = [...life.ids].find(([, it]) => !it.connected && it.disconnected !== undefined)
  if (left.length === 0 || odd === undefined) return []
  return [
    {
      check: 'id',
      where: odd[1].disconnected!,
      says: `mem_disconnect of mem_id=${odd[0]}, and this pool was connected as mem_id=${left[0]![0]}`,
      allowed: `mem_id=${left[0]![0]}`,
      window: [],
      since: life.first,
    },
  ]
}

function incomplete(
  life: Life,
  { hold, release, missing }: Counts,
  { loss, last }: CaptureEnd,
): string[] {
  const doubts: string[] = []
  if (life.orphans.size > 0)
    doubts.push(
      `${life.orphans.size} pages were released that this pool is not seen to hold: events are missing, or they were released twice`,
    )
  const lost = loss.between(life.first, life.last)
  const why = lost === undefined ? '' : ` (line ${lost.line}: ${lost.says})`
  const late = lateness(life)
  if (late !== undefined) doubts.push(late)
  if (missing.holds > 0)
    doubts.push(`${missing.holds} of ${hold} hold events are not in the capture${why}`)
  if (missing.releases > 0)
    doubts.push(`${missing.releases} of ${release} release events are not in the capture${why}`)
  if (missing.attempts > 0 && late === undefined)
    doubts.push(
      `${missing.attempts} of ${life.attempts.cnts.top} release attempts are not in the capture${why}`,
    )
  const after = life.ended === undefined ? loss.between(life.last, last) : undefined
  if (after !== undefined)
    doubts.push(
      `events were lost after its last one (line ${after.line}: ${after.says}): it may have been freed since`,
    )
  return doubts
}
function lateness(life: Life): string | undefined {
  const { attempts, holds, releases } = life
  if (!attempts.cnts.empty && attempts.cnts.least > 1)
    return `the capture began after the pool was destroyed: the first attempt seen is number ${attempts.cnts.least}`
  if (holds.empty && !releases.empty)
    return 'no page is seen being held: the capture began later, or does not record page_pool_state_hold'
  if (!holds.empty && holds.least > 1)
    return `the capture began when the pool had held ${u32(holds.least - 1)} pages`
  return undefined
}
