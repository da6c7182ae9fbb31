/** `cnt=` of an attempt: destroy_cnt counts the release attempts of a pool, and they are a second apart. */
import type { Check } from '../report/finding.ts'
import type { TraceEvent } from '../text/event.ts'
import { surelyBefore, type Where } from '../text/where.ts'
import type { Life, Window } from './life.ts'
import { follow, runsBack } from './sequence.ts'

/** Something of the attempt contradicts what is known of the pool. */
export type Wrong = (check: Check, says: string, allowed: string, since?: Where, at?: Where) => void

/** Attempts come at least this long after each other (`DEFER_TIME` is 1 s; less, for odd clocks), in seconds. */
const SHORTEST_RETRY = 0.75

/** Fewer seconds passed than that many attempts take. Only where the unit of the clock is certain, and time has not run back. */
export const tooSoon = (life: Life, from: Where, e: TraceEvent, attempts: number): boolean =>
  (e.seconds || life.inSeconds) &&
  e.time > from.time &&
  attempts * SHORTEST_RETRY > e.time - from.time

export function attemptNumber(life: Life, e: TraceEvent, wrong: Wrong, window: Window): void {
  const { cnts, last } = life.attempts
  runsBack(life, e.cnt < life.cntTail.number, e)
  if (e.cnt === (cnts.empty ? 2 : cnts.top + 1) && isSecond(e.time - (last?.time ?? NaN)))
    life.inSeconds = true
  ODD.find(({ when }) => when(life, e))?.tell(life, e, wrong)
  follow(life.cntTail, e.cnt, e, life.cntOutliers, cnts.empty, window)
  cnts.add(e.cnt)
}
/** What two attempts are apart, on a clock that counts seconds. */
const isSecond = (passed: number): boolean => passed > 0.9 && passed < 2

interface Odd {
  readonly when: (life: Life, e: TraceEvent) => boolean
  readonly tell: (life: Life, e: TraceEvent, wrong: Wrong) => void
}
/** What is odd about a number; the first that holds. */
const ODD: readonly Odd[] = [
  {
    when: (_, e) => e.cnt > 1 && e.hold === 0 && e.release === 0,
    tell: (_, e, wrong) =>
      wrong(
        'counter',
        `cnt=${e.cnt} with hold=0: a pool that never held a page is freed at the first attempt`,
        'cnt=1',
      ),
  },
  {
    when: (_, e) => e.cnt < 1,
    tell: (_, _e, wrong) =>
      wrong(
        'counter',
        'cnt=0: destroy_cnt is raised before the pool is looked at',
        'cnt=1 or more',
      ),
  },
  {
    when: (life, e) => isKnown(life, e) && isCopy(life, e),
    tell: (life, e) =>
      life.doubts.push(
        `cnt=${e.cnt} comes again in line ${e.line}, ${e.stamped ? 'with a time that was over' : 'and all of the line is the same'}: the text is there twice`,
      ),
  },
  {
    when: (life, e) => isKnown(life, e) || runsDown(life, e),
    tell: ({ attempts: { cnts, last } }, e, wrong) =>
      wrong(
        'counter',
        `cnt=${e.cnt} after cnt=${cnts.top}: destroy_cnt counts the release attempts of a pool`,
        `cnt=${cnts.top + 1}`,
        last,
      ),
  },
  {
    when: (life, e) => {
      const from = beforeFirst(life)
      return life.attempts.cnts.empty && from !== undefined && tooSoon(life, from, e, e.cnt - 1)
    },
    tell: (life, e, wrong) => {
      const from = beforeFirst(life)!
      wrong(
        'counter',
        `cnt=${e.cnt}, ${passed(from, e)} s after ${from === life.after ? 'another pool was freed at this address' : 'the last page was held'}: attempts come a second apart`,
        'cnt=1',
      )
    },
  },
  {
    when: (life, e) => {
      const { cnts, last } = life.attempts
      return !cnts.empty && e.cnt > cnts.top + 1 && tooSoon(life, last!, e, e.cnt - cnts.top)
    },
    tell: ({ attempts: { cnts, last } }, e, wrong) =>
      wrong(
        'counter',
        `cnt=${e.cnt}, ${passed(last!, e)} s after cnt=${cnts.top}: attempts come a second apart`,
        `cnt=${cnts.top + 1}`,
      ),
  },
]
const isKnown = ({ attempts }: Life, e: TraceEvent): boolean => attempts.cnts.has(e.cnt)
/** The text is there twice. */
const isCopy = (life: Life, e: TraceEvent): boolean =>
  e.time <= life.attempts.last!.time ||
  (!e.stamped && e.cnt === life.attempts.cnt && saysTheSame(life, e))
const runsDown = ({ attempts: { cnts, last } }: Life, e: TraceEvent): boolean =>
  !cnts.empty && e.cnt < cnts.top && surelyBefore(last!, e)
/** No page is held after the first attempt; and the pool that was here before was freed. */
const beforeFirst = ({ holdTop, after }: Life): Where | undefined => holdTop ?? after
const passed = (from: Where, to: Where): string => (to.time - from.time).toFixed(3)

/** Does it say what the attempt before it said? */
const saysTheSame = ({ attempts, holds, releases }: Life, e: TraceEvent): boolean =>
  e.inflight === attempts.inflight &&
  holds.unwrap(e.hold) === attempts.hold &&
  releases.unwrap(e.release) === attempts.release
