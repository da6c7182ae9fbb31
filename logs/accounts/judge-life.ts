/** The end of a pool's life: what does not add up, what was missing, what remains. */
import { holdersOf } from '../holders/outstanding.ts'
import type { Check, Finding, Place } from '../report/finding.ts'
import type { PoolReport } from '../report/pool.ts'
import type { EndState } from '../report/verdict.ts'
import type { Loss } from '../text/loss.ts'
import type { Where } from '../text/where.ts'
import { atTheEnd } from './at-the-end.ts'
import { countsOf, endOf, inflightOf, type Counts } from './counts.ts'
import { incomplete, type CaptureEnd } from './incomplete.ts'
import type { Contradiction, Life } from './life.ts'
import { u32 } from './numbers.ts'

export function judgeLife(life: Life, end: CaptureEnd): PoolReport {
  const counts = countsOf(life)
  const { certain, doubts } = weighed(life, counts, end)
  const state = endOf(life, counts)
  return {
    pool: life.pool,
    verdict: certain.length > 0 ? 'impossible' : doubts.length > 0 ? 'cannot tell' : 'consistent',
    end: state,
    first: place(life.first),
    last: place(life.last),
    hold: number(counts.hold),
    release: number(counts.release),
    inflight: inflightOf(life, counts),
    seen: { holds: life.held, releases: life.released, attempts: life.attempts.count },
    missing: counts.missing,
    ...attemptsOf(life),
    memIds: [...life.ids.keys()],
    disconnected: [...life.ids.values()].some(({ disconnected }) => disconnected !== undefined),
    impossible: certain.map(findingOf),
    doubts,
    holders:
      OPEN.has(state) && life.pages.size > 0 ? holdersOf([...life.pages.values()], end.last) : null,
  }
}
const OPEN: ReadonlySet<EndState> = new Set(['stalled', 'alive', 'negative'])

type OfAttempts = Pick<PoolReport, 'attempts' | 'cnt' | 'firstAttempt' | 'lastAttempt'>
const attemptsOf = ({ attempts: { runs, cnts, first, last } }: Life): OfAttempts => ({
  attempts: runs.map(({ inflight, times, from }) => ({ inflight, times, from: place(from) })),
  cnt: cnts.empty ? null : cnts.top,
  firstAttempt: first === undefined ? null : place(first),
  lastAttempt: last === undefined ? null : place(last),
})

/** Contradictions that nothing excuses; the others are doubts. */
function weighed(
  life: Life,
  counts: Counts,
  end: CaptureEnd,
): { certain: readonly Contradiction[]; doubts: readonly string[] } {
  const doubts = [...life.doubts]
  const found: Contradiction[] = [...life.contradictions, ...atTheEnd(life, counts, end.last)]
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
  return { certain, doubts }
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

const place = ({ line, time, cpu }: Where): Place => ({
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
