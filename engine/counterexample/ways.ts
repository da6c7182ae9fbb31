/**
 * The way in which a rule comes to be violated: what is done wrong, in which function, and what others
 * were in the middle of when it could no longer be avoided. A trace is one instance of a way; a rule can
 * be broken in several.
 */
import type { Judge, Violation } from '../rules/judge.ts'
import { pointOfNoReturn, walk } from './point-of-no-return.ts'
import type { Describe, Explore } from '../system.ts'
import type { Trace } from './trace.ts'

export interface Way {
  /** The function and step that report it; undefined: it is a state that is wrong, by whatever step. */
  readonly by?: { readonly fn: string; readonly step: string }
  /** What is reported, or what is said of the state that is wrong, without its numbers. */
  readonly kind: string
  /** Functions that others stood in, in alphabetical order. */
  readonly amid: readonly string[]
  /** Steps up to the violation. */
  readonly length: number
}

/**
 * How `trace` first comes to violate `rule`, `amid` being all functions that were ever interrupted on the
 * way; undefined when it does not violate it, or is not possible.
 */
export function roughWayOf(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
): Way | undefined {
  const met = new Set<string>()
  const way = (it: Violation, length: number): Way => ({
    kind: it.kind,
    amid: [...met].sort(),
    length,
  })
  const its = (found: readonly Violation[]) => found.find((it) => it.rule === rule)
  system.reset()
  const first = its(judge.judge())
  if (first !== undefined) return way(first, 0)
  for (const [i, { context, fn, step }] of trace.entries()) {
    const found = system.find(trace[i]!)
    if ('blocked' in found) return undefined
    for (const other of standing(system, context)) met.add(other)
    system.fire(found.move)
    const violation = its(judge.judge())
    if (violation !== undefined)
      return { ...way(violation, i + 1), ...(violation.reported ? { by: { fn, step } } : {}) }
    if (judge.fatal) return undefined
  }
  const atRest = its(judge.judgeRest().violations)
  return atRest && way(atRest, trace.length)
}

/**
 * The same, `amid` being the functions that others stood in at the point of no return.
 * @param noReturn the point of no return, where it is known already
 */
export function wayOf(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
  noReturn?: number,
): Way | undefined {
  const rough = roughWayOf(system, judge, rule, trace)
  if (rough === undefined || rough.amid.length === 0) return rough
  const steps = trace.slice(0, rough.length)
  const last = noReturn ?? pointOfNoReturn(system, judge, rule, steps)
  if (last === undefined) return rough
  system.words.set([...walk(system, steps.slice(0, last + 1))].at(-1)!)
  return { ...rough, amid: [...new Set(standing(system, steps[last]!.context))].sort() }
}

/** The functions in which contexts other than this one are in the middle of something. */
const standing = (system: Explore & Describe, context: string): readonly string[] =>
  system.contexts.flatMap((other, index) =>
    other === context ? [] : (system.stack(index)[0]?.name ?? []),
  )
