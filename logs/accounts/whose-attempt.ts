/** Does an attempt belong to the life that is known, or was the pool freed and its address used again, unseen? */
import type { TraceEvent } from '../text/event.ts'
import { surelyBefore } from '../text/where.ts'
import { tooSoon } from './attempt-number.ts'
import type { Life } from './life.ts'
import { serial } from './numbers.ts'

export type Whose = 'same' | 'another'

interface Asked {
  readonly life: Life
  readonly e: TraceEvent
  /** No events are known to be missing from the beginning of the life on. */
  readonly isLossless: boolean
  /** What is printed is the difference of the two counters. */
  readonly adds: boolean
}

export function whoseAttempt(life: Life, e: TraceEvent, isLossless: boolean): Whose {
  const adds = ((e.hold - e.release) | 0) === e.inflight
  const asked = { life, e, isLossless, adds }
  return SIGNS.find(([, holds]) => holds(asked))?.[0] ?? 'another'
}

/** The first that holds; if none does, it is another pool's. */
const SIGNS: readonly (readonly [Whose, (asked: Asked) => boolean])[] = [
  ['another', (asked) => asked.adds && readsLess(asked)],
  ['same', ({ life }) => life.attempts.count === 0],
  ['another', (asked) => asked.adds && runsDown(asked)],
  ['same', isNextNumber],
  [
    'same',
    ({ life, e }) => !life.attempts.cnts.has(e.cnt) && !surelyBefore(life.attempts.last!, e),
  ],
  ['same', (asked) => asked.isLossless && readsTop(asked)],
  ['same', ({ life, e }) => tooSoon(life, life.attempts.last!, e, e.cnt - 1)],
]
/** It reads fewer pages held than were held already, by more than one that may be printed wrong. */
function readsLess({ life: { holds }, e }: Asked): boolean {
  if (holds.empty) return false
  const h = holds.unwrap(e.hold)
  return h < holds.top && holds.above(h) > 1
}
/** A counter is less than it was at the last attempt. */
const runsDown = ({ life: { attempts }, e }: Asked): boolean =>
  surelyBefore(attempts.last!, e) &&
  (serial(attempts.hold, e.hold) < 0 || serial(attempts.release, e.release) < 0)
function isNextNumber({ life, e }: Asked): boolean {
  const { cnts } = life.attempts
  return Number.isNaN(e.cnt) || cnts.empty || e.cnt > cnts.top
}
const readsTop = ({ life: { holds }, e }: Asked): boolean =>
  !holds.empty && holds.unwrap(e.hold) === holds.top
