/**
 * A number came twice. Either somebody printed a wrong number, or the pool was freed and another one is
 * at its address, unseen. The next numbers tell; until then the events of that address wait.
 */
import type { TraceEvent } from '../text/event.ts'
import type { Contradiction, Life } from './life.ts'
import type { Loss } from '../text/loss.ts'
import { placeOf } from '../text/where.ts'
import { u32, type Numbers } from './numbers.ts'
import { cutOf } from './sequence.ts'

/** No pool is freed, and another made at its address, in less than this, in seconds. */
const REBIRTH = 0.001

export interface Fork {
  readonly kind: 'hold' | 'release'
  /** Unwrapped: the number that came twice, and the greatest that had come. */
  readonly number: number
  readonly top: number
  readonly events: TraceEvent[]
  readonly window: readonly string[]
}
/** `same`: a wrong number in one pool. `another`: the first of the next pool. */
export type Decided = 'same' | 'another'

/** An event of a number that this pool has had: from here on two stories are possible. */
export function forkOf(life: Life, e: TraceEvent, window: readonly string[]): Fork {
  const kind = e.kind as Fork['kind']
  const numbers = kind === 'hold' ? life.holds : life.releases
  return { kind, number: numbers.unwrap(e[kind]), top: numbers.top, events: [{ ...e }], window }
}

/** What the event says about it, if anything. */
export function decide(fork: Fork, life: Life, e: TraceEvent, loss: Loss): Decided | undefined {
  const numbers = seen(fork, life)
  if (e.kind === 'attempt') {
    const counter = fork.kind === 'hold' ? e.hold : e.release
    if (Number.isNaN(counter)) return undefined
    return numbers.unwrap(counter) >= fork.top ? 'same' : 'another'
  }
  if (e.kind !== fork.kind || Number.isNaN(e[fork.kind])) return undefined
  const n = numbers.unwrap(e[fork.kind])
  if (n > fork.top) return goesOn(fork, life, n, e, loss) ? 'same' : 'another'
  if (numbers.has(n)) return 'another'
  return fork.number === 1 && n === 2 ? 'another' : undefined
}
/** Nothing more comes. */
export function decideAtEnd(fork: Fork, life: Life, loss: Loss): Decided {
  const numbers = seen(fork, life)
  const isWhole = numbers.stretches === 1 && numbers.least === 1
  const isLossless = loss.between(life.first, fork.events[0]!) === undefined
  return fork.number > 1 && isWhole && isLossless ? 'same' : 'another'
}
const seen = ({ kind }: Fork, life: Life): Numbers => (kind === 'hold' ? life.holds : life.releases)

/**
 * Do the numbers go on where they were before the odd one? A pool of which all was seen so far would have
 * to lose its end and another its beginning just there; of one of which not all was seen this is not so
 * odd, unless there was no time for a pool to be freed and another to be made.
 */
function goesOn(fork: Fork, life: Life, n: number, e: TraceEvent, loss: Loss): boolean {
  // The first number seen stands where 1 is due: 2 follows.
  if (seen(fork, life).count === 1 && fork.number === 2) return true
  const isWhole = [life.holds, life.releases].every(
    (it) => it.empty || (it.least === 1 && it.stretches <= 2),
  )
  if (isWhole && !life.holds.empty && loss.between(life.first, e) === undefined) return true
  return n <= fork.top + 2 && e.time - life.last.time < REBIRTH
}

/** It was one pool, and the number is wrong. */
export const twice = ({ kind, number, top, window }: Fork, first: TraceEvent): Contradiction => ({
  check: 'counter',
  where: placeOf(first),
  says: `${kind}=${u32(number)} for the second time: the counter only goes up`,
  allowed: `${kind}=${u32(top + 1)}`,
  window,
  since: undefined,
  of: kind,
  cut: cutOf(first.text, first[kind], u32(top + 1)),
})
