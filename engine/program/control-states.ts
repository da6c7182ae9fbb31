/** What a control state is made of: frames, histories, heads of loops. */
import type { Action, CallAction, StepAction, Value } from '../step.ts'

/** A generator being run, or `undefined` when another history has taken it further. */
export type Live = Generator<Action, unknown, unknown> | undefined
export interface Frame {
  /** The kernel function this frame runs. */
  readonly name: string
  readonly args: readonly Value[]
  /** The call this frame returns to; null for the function a context started with. */
  readonly caller: Call | null
  readonly open: () => Generator<Action, unknown, unknown>
}
export interface Point {
  readonly frame: Frame
  readonly history: readonly Value[]
  /** The loops of the function that it came to the head of. */
  readonly heads: readonly Head[]
  live: Live
}
export interface Call extends Point {
  readonly action: CallAction
  readonly returned: Map<Value, Arrival>
}
/** The head of a loop, and what every round of it begins with. */
export interface Head {
  readonly label: string
  first: string
  arrival: Arrival | undefined
}
/** A function that is observed was entered, or left with a result. */
export interface Crossing {
  readonly fn: string
  readonly args: readonly Value[]
  /** Undefined when it was entered. */
  readonly left: { readonly result: Value } | undefined
}
/** Where a thread comes to stand, and the functions it entered and left on the way. */
export interface Arrival {
  readonly next: Node | Done
  readonly crossed: readonly Crossing[]
}
export const NOTHING_CROSSED: readonly Crossing[] = []
/** A thread standing before a step. */
export interface Node extends Point {
  readonly id: number
  readonly action: StepAction
  readonly next: Map<Value, Node | Done>
  /** What is crossed on the way to a successor; without an entry nothing is. */
  readonly crossed: Map<Value, readonly Crossing[]>
  /** How often the step was taken. */
  taken: number
  /** Where its name lies for other threads to read; 0 until somebody listens. */
  named: number
  /** How it was first reached: the node before it, or the index of the start, and what led on. */
  origin: { readonly before: Node; readonly result: Value } | { readonly start: number } | undefined
  /** The last successor asked for: most steps have one. */
  lastResult: Value
  lastNext: Node | Done | undefined
}
/** The function a context started with has returned. */
export const DONE = 'done'
export type Done = typeof DONE

/** Rewrites what a function does, by name: how a mutant is made. */
export type Instrument = (
  name: string,
  open: () => Generator<Action, unknown, unknown>,
  args: readonly Value[],
) => Generator<Action, unknown, unknown>

/**
 * Where machines in several threads agree on the numbers of control states: `record` sees to it that
 * the machine learns where the entry leads, after all that was recorded before it anywhere.
 */
export interface Journal {
  /** The control state a result leads on from, or the complement of the index of a start. */
  record(key: number, result: Value): void
}

export interface AutomatonOptions {
  readonly instrument?: Instrument | undefined
  /** Named in front of everything that is said: whose functions these are. */
  readonly of?: string | undefined
  /** Has the scope a detail of this name? */
  readonly has?: ((detail: string) => boolean) | undefined
  /** Functions whose entries and returns are told. */
  readonly observed?: ReadonlySet<string> | undefined
}

/** A point and what it stands before. */
export type At = Point & { readonly action: Action }
export type Run = Generator<Action, unknown, unknown>
export type Reached = IteratorResult<Action, unknown>
