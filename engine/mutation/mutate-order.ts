/**
 * Mutations that change the order of steps, or what can come in between two of them. They look ahead
 * by running the function's history again, never by advancing the run that is under way.
 */
import { chain, isStep, mutation, nameOf, type Mutation, type Run, type Target } from './mutate.ts'
import type { Action, Value } from '../step.ts'

/** The action the function takes after those `given` and one more result, if it takes one. */
function ahead(open: () => Run, given: readonly Value[], result: Value): Action | undefined {
  const run = open()
  run.next()
  for (const value of given) run.next(value)
  const reached = run.next(result)
  return reached.done === true ? undefined : reached.value
}

/** `b` is done before its neighbour `a`. What `a` returns must be nothing: `b` cannot know it yet. */
export const swap = (fn: string, a: string, b: string): Mutation =>
  mutation(fn, `${a}; ${b}`, (open, target) => {
    let early: { readonly result: unknown } | undefined
    return function* (action, given) {
      if (early !== undefined) {
        const { result } = early
        early = undefined
        return result
      }
      const next = nameOf(action) === a ? ahead(open, given, undefined) : undefined
      if (next === undefined || nameOf(next) !== b) return yield action
      target.met = true
      early = { result: yield next }
      const late = yield action
      if (late !== undefined)
        throw new Error(`mutate: swap in ${fn}: "${a}" returns a value, "${b}" may need it first`)
      return undefined
    }
  })

/** `what` is done before everything from `over[0]` on; its neighbours are named in their order. */
export const hoist = (fn: string, what: string, ...over: readonly string[]): Mutation =>
  chain(...over.toReversed().map((a) => swap(fn, a, what)))

interface Both {
  readonly first: Value
  readonly second?: { readonly result: Value }
}
/** Two neighbouring steps become one: nobody can come in between. */
export const merge = (fn: string, a: string, b: string): Mutation => {
  const outcomes: Both[] = []
  const outcome = (both: Both): number => {
    const known = outcomes.findIndex(
      ({ first, second }) =>
        first === both.first &&
        (second === undefined) === (both.second === undefined) &&
        second?.result === both.second?.result,
    )
    return known === -1 ? outcomes.push(both) - 1 : known
  }
  return mutation(fn, `${a}; ${b}`, (open, target) => {
    let done: { readonly result: Value } | undefined
    return function* (action, given) {
      if (done !== undefined) {
        const { result } = done
        done = undefined
        return result
      }
      if (nameOf(action) !== a) return yield action
      const both =
        outcomes[(yield joined(action, b, continued(open, given), outcome, target)) as number]!
      done = both.second
      return both.first
    }
  })
}
/** What follows each result of the step in hand; remembered, as the joined step runs in many states. */
function continued(
  open: () => Run,
  given: readonly Value[],
): (result: Value) => Action | undefined {
  const so = [...given]
  const known = new Map<Value, Action | undefined>()
  return (result) => {
    if (!known.has(result)) known.set(result, ahead(open, so, result))
    return known.get(result)
  }
}
function joined(
  action: Action,
  b: string,
  next: (result: Value) => Action | undefined,
  outcome: (both: Both) => number,
  target: Target,
): Action {
  if (!isStep(action))
    throw new Error(`mutate: merge: ${nameOf(action)} is no step; inline() it first`)
  return {
    ...action,
    label: `${action.label}; ${b}`,
    effect: (world, choice) => {
      const first = action.effect(world, choice)
      const second = next(first)
      if (second === undefined || nameOf(second) !== b) return outcome({ first })
      if (!isStep(second) || second.kind !== 'step')
        throw new Error(
          `mutate: merge: "${b}" waits or chooses, or is a call: it cannot come second`,
        )
      target.met = true
      return outcome({ first, second: { result: second.effect(world, undefined) } })
    },
  }
}
