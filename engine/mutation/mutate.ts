/**
 * Single changes to a model: a step left out, done twice, done in the other order. Each operator is
 * aimed at one function by its name and at one of its steps by label (or at a call by the name of the
 * function called) and rewrites that function's generator as it runs. The rewritten generator is as
 * deterministic as the original, so the automaton may run its histories again.
 */
import { originalOf } from '../authoring/made.ts'
import { isCall } from '../program/actions.ts'
import type { Instrument } from '../program/automaton.ts'
import type { Action, CallAction, StepAction, Steps, Value } from '../step.ts'

/** What a mutation is aimed at, and whether a run has come by it. */
export interface Target {
  readonly fn: string
  readonly label: string
  met: boolean
}
/** Made anew for every machine: it remembers which of its targets were met. */
export interface Mutation {
  readonly instrument: Instrument
  readonly targets: readonly Target[]
}
/** The `nth` time the label comes up in one run of the function, counted from 1. */
export interface Nth {
  readonly label: string
  readonly nth: number
}
export const nth = (label: string, nth: number): Nth => ({ label, nth })
export type Label = string | Nth

export type Run = Generator<Action, unknown, unknown>
/** Called with every action of the function and what the actions before it were given back. */
export type Edit = (action: Action, given: readonly Value[]) => Run
/** A part of a function: actions, and the result handed to the function in place of its own step's. */
export type Passage = (
  action: Action,
  given: readonly Value[],
  args: readonly Value[],
) => Steps<unknown>

export const nameOf = (action: Action): string => ('label' in action ? action.label : action.name)
export const isStep = (action: Action): action is StepAction => 'effect' in action

function* through(open: () => Run, edit: Edit): Run {
  const given: Value[] = []
  const run = open()
  let reached = run.next()
  while (reached.done !== true) {
    const result = (yield* edit(reached.value, given)) as Value
    given.push(result)
    reached = run.next(result)
  }
  return reached.value
}

/** `make` is called for every run of the function, so that an edit may remember within one run. */
export function mutation(
  fn: string,
  label: string,
  make: (open: () => Run, target: Target, args: readonly Value[]) => Edit,
): Mutation {
  const target: Target = { fn, label, met: false }
  return {
    targets: [target],
    instrument: (name, open, args) =>
      name === fn ? through(open, make(open, target, args)) : open(),
  }
}

/** The general form: `passage` stands where the step stood. */
export function around(fn: string, label: Label, passage: Passage): Mutation {
  const wanted = typeof label === 'string' ? { label, nth: undefined } : label
  return mutation(fn, wanted.label, (_, target, args) => {
    let seen = 0
    return function* (action, given) {
      if (action.kind === 'again') seen = 0
      if (nameOf(action) !== wanted.label) return yield action
      seen += 1
      if (wanted.nth !== undefined && seen !== wanted.nth) return yield action
      target.met = true
      return yield* passage(action, given, args) as unknown as Run
    }
  })
}

/** The step is skipped; the function is handed `result` in its place. */
export const drop = (fn: string, label: Label, result: Value = undefined): Mutation =>
  around(fn, label, function* () {
    return result
  })

/** The step stands there twice; the function goes on with the second result. */
export const twice = (fn: string, label: Label): Mutation =>
  around(fn, label, function* (action) {
    yield action
    return yield action
  })

/** The function goes on as if the answer had been the opposite. */
export const negate = (fn: string, label: Label): Mutation =>
  answer(fn, label, (answer) => {
    if (typeof answer !== 'boolean')
      throw new Error(`mutate: ${fn} › ${nameIn(label)} returned no truth value to negate`)
    return !answer
  })

/** The step is taken as it is; the function is handed something else. */
export const answer = (fn: string, label: Label, change: (answer: Value) => Value): Mutation =>
  around(fn, label, function* (action) {
    return change((yield action) as Value)
  })

/** Another step in its place. */
export const replace = (
  fn: string,
  label: Label,
  change: (action: Action, given: readonly Value[], args: readonly Value[]) => Action,
): Mutation =>
  around(fn, label, function* (action, given, args) {
    return yield change(action, given, args)
  })

/**
 * Another effect in its place; `original` is the effect it had, `given` what earlier steps returned,
 * `args` the arguments of the function.
 */
export const effect = <W>(
  fn: string,
  label: Label,
  change: (
    world: W,
    original: () => Value,
    given: readonly Value[],
    args: readonly Value[],
  ) => Value | void,
): Mutation =>
  replace(fn, label, (action, given, args) => {
    if (!isStep(action)) throw new Error(`mutate: ${fn} › ${nameIn(label)} is a call, not a step`)
    const before = [...given]
    return {
      ...action,
      effect: ((world: W, choice: Value) =>
        change(
          world,
          () => action.effect(world as never, choice),
          before,
          args,
        )) as StepAction['effect'],
    }
  })

/** The step waits until the guard holds; where it waited before, it waits for this instead. */
export const waits = <W>(fn: string, label: Label, guard: (world: W) => boolean): Mutation =>
  replace(fn, label, (action) => {
    if (!isStep(action)) throw new Error(`mutate: ${fn} › ${nameIn(label)} is a call, not a step`)
    return { ...action, kind: 'when', guard }
  })

/** Another function is called in its place, with the same arguments or others made from them. */
export const callInstead = (
  fn: string,
  callee: Label,
  other: (...args: never[]) => Steps<unknown>,
  args: (args: readonly Value[]) => readonly Value[] = (args) => args,
): Mutation =>
  replace(fn, callee, (action) => ({
    ...asCall(fn, callee, action),
    name: other.name,
    fn: originalOf(other),
    args: args(asCall(fn, callee, action).args),
  }))

/** The same function is called with other arguments. */
export const withArguments = (
  fn: string,
  callee: Label,
  args: (args: readonly Value[]) => readonly Value[],
): Mutation =>
  replace(fn, callee, (action) => {
    const call = asCall(fn, callee, action)
    return { ...call, args: args(call.args) }
  })

/** What `passage` does comes first. */
export const before = (fn: string, label: Label, passage: Passage): Mutation =>
  around(fn, label, function* (action, given, args) {
    yield* passage(action, given, args) as unknown as Run
    return yield action
  })

/** What `passage` does comes right after. */
export const after = (fn: string, label: Label, passage: Passage): Mutation =>
  around(fn, label, function* (action, given, args) {
    const own = yield action
    yield* passage(action, given, args) as unknown as Run
    return own
  })

/** The steps of `callee` become steps of `fn`. For functions that do without `this`. */
export const inline = (fn: string, callee: Label): Mutation =>
  around(fn, callee, function* (action) {
    const { fn: body, args } = asCall(fn, callee, action)
    return yield* body(...(args as never[])) as unknown as Run
  })

/** Several mutations as one; the later ones see what the earlier ones made. */
export const chain = (...mutations: readonly Mutation[]): Mutation => ({
  targets: mutations.flatMap((one) => one.targets),
  instrument: (name, open, args) =>
    mutations.reduce<() => Run>((inner, one) => () => one.instrument(name, inner, args), open)(),
})

/** Throws when a target was never met: a mutant that mutates nothing is a mistake of its author. */
export function expectMet(targets: readonly Target[], which: 'some' | 'every'): void {
  const unmet = targets.filter((target) => !target.met)
  if (unmet.length === 0 || (which === 'some' && unmet.length < targets.length)) return
  const names = unmet.map(({ fn, label }) => `${fn} › ${label}`).join(', ')
  throw new Error(`mutate: never met: ${names}. Does a function or step still have that name?`)
}

const nameIn = (label: Label): string => (typeof label === 'string' ? label : label.label)
function asCall(fn: string, callee: Label, action: Action): CallAction {
  if (!isCall(action)) throw new Error(`mutate: ${fn} › ${nameIn(callee)} is a step, not a call`)
  return action
}
