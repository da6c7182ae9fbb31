/** A behaviour, step by step, and how to run one again. */
import type { Judge, Violation } from '../rules/judge.ts'
import type { Describe, Explore, MoveName, Report } from '../system.ts'

export type Trace = readonly MoveName[]

/**
 * `at` is the index of the step, -1 for the state a trace begins in. What a trace has after its violation is
 * not run.
 */
export type Replayed =
  | { readonly outcome: 'violates'; readonly at: number; readonly detail: string }
  | { readonly outcome: 'passes' }
  | { readonly outcome: 'blocked'; readonly at: number; readonly by: string }
  /** A fatal report that the rule does not forbid: nothing after it can be believed. */
  | { readonly outcome: 'stopped'; readonly at: number; readonly by: Report }

/** Called with each move before it is fired and again after. */
export interface Witness {
  before?(step: number): void
  after?(step: number): void
  /** Called when another rule than the one asked is violated: by this step, or at rest after it. */
  other?(step: number, violation: Violation): void
}

/**
 * Runs a trace exactly, up to the violation. A step that is not possible stops the replay: the model has
 * changed under the counterexample. So does a fatal report of another kind. Rules for rest are asked wherever
 * the trace comes to rest.
 */
export function replay(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
  witness: Witness = {},
): Replayed {
  const asksRest = judge.rules.some(
    ({ id, rest }) => rest !== undefined && (id === rule || witness.other !== undefined),
  )
  const mineOf = (at: number, found: readonly Violation[]): Replayed | undefined => {
    const mine = found.find((violation) => violation.rule === rule)
    for (const violation of found) if (violation.rule !== rule) witness.other?.(at, violation)
    return mine === undefined ? undefined : { outcome: 'violates', at, detail: mine.detail }
  }
  /** What ends the replay in the state that the step led to, if anything does. */
  const endedBy = (at: number): Replayed | undefined => {
    const violated = mineOf(at, judge.judge())
    if (violated !== undefined) return violated
    const by = system.reports.find(({ fatal }) => fatal)
    if (by !== undefined) return { outcome: 'stopped', at, by }
    return asksRest ? mineOf(at, judge.judgeRest().violations) : undefined
  }
  system.reset()
  let ended = endedBy(-1)
  for (let i = 0; i < trace.length && ended === undefined; i += 1) {
    const found = system.find(trace[i]!)
    if ('blocked' in found) return { outcome: 'blocked', at: i, by: found.blocked }
    witness.before?.(i)
    system.fire(found.move)
    ended = endedBy(i)
    witness.after?.(i)
  }
  return ended ?? { outcome: 'passes' }
}

/** Goes on from the state in the work space: the first step that is not possible, if there is one. */
export function firstBlocked(
  system: Explore & Describe,
  trace: Trace,
): { at: number; by: string } | undefined {
  for (const [at, name] of trace.entries()) {
    const found = system.find(name)
    if ('blocked' in found) return { at, by: found.blocked }
    system.fire(found.move)
  }
  return undefined
}

/**
 * Runs what is possible of a trace and leaves out the rest, up to the violation. The shortened trace
 * when the rule is still violated, and first by the step `by` where that is given, else undefined. `judge` false-positives cannot arise: the result
 * is an exact trace of its own.
 */
export function replayLoosely(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
  by?: MoveName,
): Trace | undefined {
  system.reset()
  const taken: MoveName[] = []
  if (judge.judge().some((violation) => violation.rule === rule)) return taken
  for (const name of trace) {
    const found = system.find(name)
    if ('blocked' in found) continue
    system.fire(found.move)
    taken.push(name)
    if (judge.judge().some((violation) => violation.rule === rule))
      return by === undefined || (by.fn === name.fn && by.step === name.step) ? taken : undefined
    if (judge.fatal) return undefined
  }
  return judge.judgeRest().violations.some((v) => v.rule === rule) ? taken : undefined
}
