/** Events of a pool that is freed already: other CPUs print theirs late. */
import type { TraceEvent } from '../text/event.ts'
import type { Life } from './life.ts'
import { ANOTHER_CLOCK } from '../text/where.ts'

/** What was printed is not 0, but both counters stand where the last hold and release left them. */
export const isEmpty = ({ holds, releases }: Life, e: TraceEvent): boolean =>
  e.hold === e.release &&
  !holds.empty &&
  !releases.empty &&
  holds.unwrap(e.hold) === holds.top &&
  releases.unwrap(e.release) === releases.top

/** By its time it happened while the pool that is freed now was there, and before the next one was. */
export const isLate = (past: Life, life: Life | undefined, e: TraceEvent): boolean =>
  e.time >= past.first.time &&
  e.time < past.ended!.where.time &&
  !(life !== undefined && e.time >= life.first.time)

/** A release of the freed pool that is printed late: its number is still missing there. */
export function isStraggler(past: Life, life: Life | undefined, e: TraceEvent): boolean {
  if (past.ended!.how !== 'freed' || Number.isNaN(e.release) || life?.pages.has(e.page) === true)
    return false
  const n = past.releases.unwrap(e.release)
  if (past.releases.has(n) || !(n <= past.attempts.release)) return false
  // Between the counter and its event a task may be preempted, but not for long.
  if (e.time > past.ended!.where.time + ANOTHER_CLOCK) return false
  return (
    past.pages.has(e.page) ||
    ((Number.isNaN(e.page) || isLate(past, life, e)) && life === undefined)
  )
}
