/**
 * Where a violating trace could no longer be saved: the first step after which every way to rest
 * violates the rule, however the contexts are scheduled, as long as no new work arrives.
 */
import type { Judge } from '../rules/judge.ts'
import { VisitedSet } from '../state/visited-set.ts'
import type { Describe, Explore } from '../system.ts'
import type { Trace } from './trace.ts'

/** States visited per question, at most; beyond it the answer is unknown. */
const BUDGET = 200_000

/** Index of the step, or undefined when the search for it ran out of budget. */
export function pointOfNoReturn(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
): number | undefined {
  const states = [...walk(system, trace)]
  let saved = 0
  let lost = trace.length
  while (lost - saved > 1) {
    const middle = (saved + lost) >> 1
    const escapes = canEscape(system, judge, rule, states[middle]!)
    if (escapes === undefined) return undefined
    if (escapes) saved = middle
    else lost = middle
  }
  return lost - 1
}

/** The state before each step. */
export function* walk(system: Explore & Describe, trace: Trace): Generator<Uint32Array> {
  system.reset()
  for (const name of trace) {
    yield system.words.slice()
    const found = system.find(name)
    if ('blocked' in found)
      throw new Error(`engine: the trace cannot be replayed: ${found.blocked}`)
    system.fire(found.move)
  }
}

/** Is there a way from this state to rest that does not violate the rule? */
function canEscape(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  from: Uint32Array,
): boolean | undefined {
  const visited = new VisitedSet(from.length)
  const open = [visited.intern(from)]
  const violates = (violations: readonly { rule: string }[]): boolean =>
    violations.some((violation) => violation.rule === rule)
  while (open.length > 0) {
    if (visited.size > BUDGET) return undefined
    const state = open.pop()!
    visited.load(state, system.words)
    const { rest, violations } = judge.judgeRest()
    if (rest && !violates(violations)) return true
    const count = system.enabled()
    const moves = system.moves.slice(0, count).filter((move) => system.sort(move) !== 'work')
    for (const move of moves) {
      visited.load(state, system.words)
      system.fire(move)
      if (violates(judge.judge()) || judge.fatal) continue
      const next = visited.intern(system.words)
      if (visited.isNew) open.push(next)
    }
  }
  return false
}
