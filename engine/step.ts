/**
 * The words a model is written in. A kernel function is a generator; every `yield*` is one atomic
 * step, and between two steps any other context may run. A generator may use its arguments and the
 * values its steps returned, nothing else: state is read and written inside steps only.
 */

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

function* take<R>(action: Action): Steps<R> {
  return (yield action) as R
}

/** One atomic step. */
export const step = <W, R extends Value | void>(label: string, effect: (world: W) => R): Steps<R> =>
  take<R>({ kind: 'step', label, effect: effect as StepAction['effect'] })

/**
 * A step that touches only what no other context looks at meanwhile: its own variables, or what it owns
 * alone. A fused search takes it together with the step before. Whether it is local is not believed:
 * see engine/fusion.ts.
 */
export const local = <W, R extends Value | void>(
  label: string,
  effect: (world: W) => R,
): Steps<R> => take<R>({ kind: 'step', label, local: true, effect: effect as StepAction['effect'] })

/** A step that waits: disabled until the guard holds, then guard and effect are one atomic step. */
export const when = <W, R extends Value | void = void>(
  label: string,
  guard: (world: W) => boolean,
  effect: (world: W) => R = nothing as () => R,
): Steps<R> => take<R>({ kind: 'when', label, guard, effect: effect as StepAction['effect'] })

/**
 * A step whose outcome the environment picks (does this call fail, which request completes). Each
 * option is a successor. An empty list of options disables the step.
 */
export const choose = <W, O extends Value, R extends Value | void = O>(
  label: string,
  options: readonly O[] | ((world: W) => readonly O[]),
  effect: (world: W, choice: O) => R = ((_: W, choice: O) => choice) as never,
): Steps<R> =>
  take<R>({
    kind: 'choose',
    label,
    options: typeof options === 'function' ? options : () => options,
    effect: effect as unknown as StepAction['effect'],
  })

/** Calls a function. Only its result enters the caller's history, so states that differ in detail merge. */
export const call = <A extends readonly Value[], R>(fn: Procedure<A, R>, ...args: A): Steps<R> =>
  take<R>({ kind: 'call', name: fn.name, fn: fn as unknown as CallAction['fn'], args })

/** Calls a function again and again while it returns true. Each round starts with an empty history. */
export const loop = <A extends readonly Value[]>(
  fn: Procedure<A, boolean>,
  ...args: A
): Steps<void> =>
  take<void>({ kind: 'loop', name: fn.name, fn: fn as unknown as CallAction['fn'], args })
