/**
 * The words a model is written in. A kernel function is a generator; every `yield*` is one atomic
 * step, and between two steps any other context may run. A generator may use its arguments and the
 * values its steps returned, nothing else: state is read and written inside steps only.
 *
 * Each word makes a step; `yield*` takes it. One that is made and not taken is a misuse, which whoever
 * runs the function says (engine/authoring/made.ts).
 */
import { made, taken, type Made } from './authoring/made.ts'
import { Misuse } from './authoring/misuse.ts'

/** What a step may hand back to its function: plain values, so that equal histories are equal. */
export type Value = undefined | null | boolean | number | string
export type Steps<R = void> = Generator<Action, R, never>

export interface StepAction {
  readonly kind: 'step' | 'when' | 'choose'
  readonly label: string
  /** Touches nothing that another context looks at. */
  readonly local?: true
  readonly guard?: (world: never) => boolean
  readonly options?: (world: never) => readonly Value[]
  readonly effect: (world: never, choice: Value) => Value
}
export interface CallAction {
  readonly kind: 'call' | 'loop'
  readonly name: string
  readonly fn: (...args: never[]) => Steps<unknown>
  readonly args: readonly Value[]
}
export type Action = StepAction | CallAction

/** A function of the model: `this` is the design under test. */
type Procedure<A extends readonly Value[], R> = (...args: A) => Steps<R>
const nothing = (): undefined => undefined

function* take<R>(action: Action, it: Made): Steps<R> {
  taken(it)
  return (yield action) as R
}
/** The first argument of every step is its label, and what it does are functions. */
function labelled(word: string, label: unknown, functions: readonly unknown[]): Made {
  if (typeof label !== 'string' || label.trim() === '')
    throw new Misuse(
      `${word}() has ${label === '' ? 'an empty label' : `the label ${JSON.stringify(label) ?? 'undefined'}`}. A trace names its steps: label it with the kernel statement it stands for, as in ${word}('dev->count++', ...).`,
    )
  if (functions.some((fn) => typeof fn !== 'function'))
    throw new Misuse(
      `${word}('${label}') is given something that is no function. What a step does is written as (w) => ..., or it would be done before the step is taken.`,
    )
  return made(`${word}('${label}')`)
}
function called(word: string, fn: unknown, args: readonly unknown[]): Made {
  if (typeof fn !== 'function')
    throw new Misuse(
      `${word}() is given ${fn === undefined ? 'undefined' : 'something that is no function'}. Name a function without calling it, as in ${word}(this.release, dev); a name that is misspelt is undefined.`,
    )
  const { name, length } = fn as { name: string; length: number }
  if (name === '')
    throw new Misuse(
      `${word}() is given a function without a name. A trace names its functions: write function* name() {...} or a method.`,
    )
  if (args.length < length)
    throw new Misuse(
      `${word}(${name}) passes ${args.length} of its ${length} arguments. The others would be undefined.`,
    )
  if (args.some((it) => typeof it === 'object' && it !== null))
    throw new Misuse(
      `${word}(${name}) passes an object. Arguments are plain values (a reference, a number, a flag): two calls are the same when those are. Pass its parts, as in ${word}(${name}, ...list).`,
    )
  return made(`${word}(${name})`)
}

/** One atomic step. */
export const step = <W, R extends Value | void>(label: string, effect: (world: W) => R): Steps<R> =>
  take<R>(
    { kind: 'step', label, effect: effect as StepAction['effect'] },
    labelled('step', label, [effect]),
  )

/**
 * A step that touches only what no other context looks at meanwhile: its own variables, or what it owns
 * alone. A fused search takes it together with the step before. Whether it is local is not believed:
 * see test/engine/search/fusion.ts.
 */
export const local = <W, R extends Value | void>(
  label: string,
  effect: (world: W) => R,
): Steps<R> =>
  take<R>(
    { kind: 'step', label, local: true, effect: effect as StepAction['effect'] },
    labelled('local', label, [effect]),
  )

/** A step that waits: disabled until the guard holds, then guard and effect are one atomic step. */
export const when = <W, R extends Value | void = void>(
  label: string,
  guard: (world: W) => boolean,
  effect: (world: W) => R = nothing as () => R,
): Steps<R> =>
  take<R>(
    { kind: 'when', label, guard, effect: effect as StepAction['effect'] },
    labelled('when', label, [guard, effect]),
  )

/**
 * A step whose outcome the environment picks (does this call fail, which request completes). Each
 * option is a successor. An empty list of options disables the step.
 */
export const choose = <W, O extends Value, R extends Value | void = O>(
  label: string,
  options: readonly O[] | ((world: W) => readonly O[]),
  effect: (world: W, choice: O) => R = ((_: W, choice: O) => choice) as never,
): Steps<R> =>
  take<R>(
    {
      kind: 'choose',
      label,
      options: typeof options === 'function' ? options : () => options,
      effect: effect as unknown as StepAction['effect'],
    },
    labelled('choose', label, [effect]),
  )

/** Calls a function. Only its result enters the caller's history, so states that differ in detail merge. */
export const call = <A extends readonly Value[], R>(fn: Procedure<A, R>, ...args: A): Steps<R> => {
  const it = called('call', fn, args)
  return take<R>({ kind: 'call', name: fn.name, fn: fn as unknown as CallAction['fn'], args }, it)
}

/** Calls a function again and again while it returns true. Each round starts with an empty history. */
export const loop = <A extends readonly Value[]>(
  fn: Procedure<A, boolean>,
  ...args: A
): Steps<void> => {
  const it = called('loop', fn, args)
  return take<void>(
    { kind: 'loop', name: fn.name, fn: fn as unknown as CallAction['fn'], args },
    it,
  )
}
