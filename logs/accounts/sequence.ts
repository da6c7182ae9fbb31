/** Numbers of one counter in the order of the lines: what one of them shows by its neighbours. */
import type { TraceEvent } from '../text/event.ts'
import { placeOf } from '../text/where.ts'
import type { Contradiction, Life, Outlier, Tail, Window } from './life.ts'

const MOST_OUTLIERS = 8

/** Where no CPU is printed: a counter that never does runs back. One wrong number makes one such step. */
export function runsBack(life: Life, isBack: boolean, e: TraceEvent): void {
  if (isBack && e.cpu < 0) life.stepsBack += 1
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
    outliers.length < MOST_OUTLIERS
  )
    outliers.push({ number, due: before + 1, where, window: window() })
  if (isFirst) tail.before = 0
  else tail.before = number
  // In step, nothing needs to be remembered of where it was.
  tail.where = n === tail.before + 1 && !isFirst ? undefined : placeOf(e)
  tail.number = n
}
