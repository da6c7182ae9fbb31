/** What a life comes to: its counters, what of them was not seen, and how it ended. */
import type { EndState } from '../report/verdict.ts'
import type { Life } from './life.ts'

export interface Counts {
  /** Unwrapped totals, NaN: never told. */
  readonly hold: number
  readonly release: number
  readonly missing: { readonly holds: number; readonly releases: number; readonly attempts: number }
}
export function countsOf(life: Life): Counts {
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

export function endOf(life: Life, { hold, release }: Counts): EndState {
  if (life.ended !== undefined) return life.ended.how
  if (life.attempts.count === 0) return 'alive'
  if (life.drained) return 'freed'
  return ((hold - release) | 0) < 0 || life.attempts.inflight < 0 ? 'negative' : 'stalled'
}

/** In flight at the end, as the kernel computes it; null: nothing tells. */
export function inflightOf({ attempts }: Life, { hold, release }: Counts): number | null {
  if (!Number.isNaN(hold) && !Number.isNaN(release)) return (hold - release) | 0
  return Number.isNaN(attempts.inflight) ? null : attempts.inflight
}
