/** Places in a capture, and what can be said of their order. */

/** Where in the capture something stands. */
export interface Where {
  /** Counted from 1. */
  readonly line: number
  /** Seconds of the trace clock, or NaN where the text has none. */
  readonly time: number
  /** -1 where the text does not say. */
  readonly cpu: number
}
/** Time that runs back further than this is another capture's, in seconds. */
export const ANOTHER_CLOCK = 1
/** Clocks of two CPUs agree to this, in seconds. */
export const SKEW = 0.01

/** The place alone, of what else stands there. */
export const placeOf = ({ line, time, cpu }: Where): Where => ({ line, time, cpu })

/** By time where both have one, else by line. */
export const isBefore = (a: Where, b: Where): boolean =>
  Number.isNaN(a.time) || Number.isNaN(b.time) ? a.line < b.line : a.time < b.time

/**
 * Did `a` happen before `b`? Lines of one CPU are in order; lines of two are if their times say so by
 * more than the clocks may differ.
 */
export const surelyBefore = (a: Where, b: Where): boolean =>
  a.line < b.line && (a.cpu >= 0 && a.cpu === b.cpu ? !(a.time > b.time) : a.time + SKEW < b.time)
