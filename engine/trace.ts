/** A behaviour, step by step, and how to run one again. */
import type { Judge, Violation } from './judge.ts'
import type { MoveName, System } from './system.ts'

export type Trace = readonly MoveName[]

/** `at` is the index of the step, -1 for the state a trace begins in. */
export type Replayed =
  | { readonly outcome: 'violates'; readonly at: number; readonly detail: string }
  | { readonly outcome: 'passes' }
  | { readonly outcome: 'blocked'; readonly at: number; readonly by: string }

/** Called with each move before it is fired and again after. */
export interface Witness {
  before?(step: number): void
  after?(step: number): void
}

/**
 * Runs a trace exactly. A step that is not possible stops the replay: the model has changed under
 * the counterexample. So does a fatal report of another kind, after which nothing can be believed.
 */
export function replay(
  system: System,
  judge: Judge,
  rule: string,
  trace: Trace,
  witness: Witness = {},
): Replayed {
  system.reset()
  let violated: { at: number; detail: string } | undefined
  const keep = (at: number, found: readonly Violation[]): void => {
    const mine = found.find((violation) => violation.rule === rule)
    if (mine !== undefined) violated ??= { at, detail: mine.detail }
  }
  keep(-1, judge.judge())
  for (const [i, name] of trace.entries()) {
    const found = system.find(name)
    if ('blocked' in found)
      return violated === undefined
        ? { outcome: 'blocked', at: i, by: found.blocked }
        : { outcome: 'violates', ...violated }
    witness.before?.(i)
    system.fire(found.move)
    keep(i, judge.judge())
    witness.after?.(i)
    if (violated === undefined && judge.fatal) return { outcome: 'passes' }
  }
  if (violated === undefined) keep(trace.length - 1, judge.judgeRest().violations)
  return violated === undefined ? { outcome: 'passes' } : { outcome: 'violates', ...violated }
}

/**
 * Runs what is possible of a trace and leaves out the rest, up to the violation. The shortened trace
 * when the rule is still violated, and first by the step `by` where that is given, else undefined. `judge` false-positives cannot arise: the result
 * is an exact trace of its own.
 */
export function replayLoosely(
  system: System,
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
