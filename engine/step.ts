/**
 * The words a model is written in. A kernel function is a generator; every `yield*` is one atomic
 * step, and between two steps any other context may run. A generator may use its arguments and the
 * values its steps returned, nothing else: state is read and written inside steps only.
 *
 * Each word makes a step; `yield*` takes it. One that is made and not taken is a misuse, which whoever
 * runs the function says (engine/authoring/made.ts).
 */
import { generatorsOf, made, originalOf, standsFor, taken, type Made } from './authoring/made.ts'
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
  readonly kind: 'call'
  readonly name: string
  readonly fn: (...args: never[]) => Steps<unknown>
  readonly args: readonly Value[]
}
/** The head of a loop: not a step. */
export interface AgainAction {
  readonly kind: 'again'
  readonly label: string
}
/** A question to the scope: not a step. */
export interface HasAction {
  readonly kind: 'has'
  readonly label: string
}
export type Action = StepAction | CallAction | AgainAction | HasAction

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
function called(fn: unknown, args: readonly unknown[]): Made {
  if (typeof fn !== 'function')
    throw new Misuse(
      `call() is given ${fn === undefined ? 'undefined' : 'something that is no function'}. Name a function without calling it, as in call(this.release, dev); a name that is misspelt is undefined.`,
    )
  const { name, length } = fn as { name: string; length: number }
  if (name === '')
    throw new Misuse(
      'call() is given a function without a name. A trace names its functions: write function* name() {...} or a method.',
    )
  if (args.length < length)
    throw new Misuse(
      `${name}() is called with ${args.length} of its ${length} arguments. The others would be undefined.`,
    )
  if (args.some((it) => typeof it === 'object' && it !== null))
    throw new Misuse(
      `${name}() is called with an object. Arguments are plain values (a reference, a number, a flag): two calls are the same when those are. Pass its parts, as in ${name}(...list).`,
    )
  return made(`${name}()`)
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

/**
 * Has the scope this detail? Not a step: the answer is the same wherever it is asked. The machine is asked
 * (`has` of its spec); without an answer of its own a scope has every detail.
 */
export const has = (detail: string): Steps<boolean> =>
  take<boolean>({ kind: 'has', label: detail }, labelled('has', detail, []))

/**
 * Stands first in the body of a loop and is no step. Each round starts from what the function knew when
 * it came here first: what it learnt in a round is forgotten, so that rounds are not told apart by their
 * number. A variable that a round changes for the next is a misuse.
 */
export const again = (label: string): Steps =>
  take<void>({ kind: 'again', label }, labelled('again', label, []))

/** Calls a function. Only its result enters the caller's history, so states that differ in detail merge. */
export const call = <A extends readonly Value[], R>(fn: Procedure<A, R>, ...args: A): Steps<R> => {
  const its = originalOf(fn)
  const it = called(its, args)
  return take<R>({ kind: 'call', name: its.name, fn: its as unknown as CallAction['fn'], args }, it)
}

/** A function whose invocation is a call: a frame of its own, and only its result is remembered. */
type Callable<F> = F extends (this: infer _, ...args: infer A) => infer R
  ? (...args: A) => R
  : never
/**
 * Functions of the model that belong to nobody, by name: `yield* f(a)` calls them, with the design as
 * their `this`.
 */
export const functions = <T extends Readonly<Record<string, (...args: never[]) => Steps<unknown>>>>(
  them: T,
): { readonly [K in keyof T]: Callable<T[K]> } =>
  Object.fromEntries(Object.entries(them).map(([name, fn]) => [name, callable(fn)])) as never

/** Functions whose invocation is a call. */
const calls = new WeakSet<object>()
function callable(fn: (...args: never[]) => Steps<unknown>): (...args: Value[]) => Steps<unknown> {
  const its = standsFor((...args: Value[]): Steps<unknown> => call(fn as never, ...args), fn)
  calls.add(its)
  return its
}

/**
 * Makes every function of steps of an object, those of the classes it is of included, one that is called:
 * `this.f(a)` is a call, while `super.f(a)` stays a part of the function that says it.
 */
export function callFunctions(self: object): void {
  for (const name of new Set(generatorsOf(self).map((fn) => fn.name))) {
    const fn = (self as Record<string, unknown>)[name]
    if (typeof fn !== 'function' || calls.has(fn)) continue
    Object.defineProperty(self, name, {
      value: callable(fn as never),
      enumerable: false,
      writable: true,
      configurable: true,
    })
  }
}
