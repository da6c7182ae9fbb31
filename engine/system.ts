/**
 * What every explorer stands on: a state vector, the moves enabled in it, and firing one. Nobody
 * re-implements a step. It has three parts, and whoever needs one asks for that one.
 */
import type { Layout, Fields } from './state/layout.ts'
import type { Value } from './step.ts'
import type { Symmetry } from './symmetry/canonical.ts'

/** Something a mechanism saw go wrong while a step ran, as a sanitizer would print it. */
export interface Report {
  readonly kind: string
  readonly detail: string
  /** Nothing after this can be believed (memory is corrupt): the explorers stop here. */
  readonly fatal: boolean
}

/**
 * The kind of report that a step makes which cannot be carried out: what it throws is its detail. A rule
 * has to name it; where none does, no rule could be decided (engine/rules/judge.ts).
 */
export const BROKE_OFF = 'step-broke-off'

/** A move by name: what a counterexample stores and a replay looks up again. */
export interface MoveName {
  /** The context that moves (`CPU 0 softirq`, `kworker`...). */
  readonly context: string
  /** The kernel function the step belongs to, or the event that starts one. */
  readonly fn: string
  /** The step's label; for a start, the word `start`. */
  readonly step: string
  /** What the environment picked, for a step with a choice; the arguments, for a start. */
  readonly choice?: Value
}

/** What every explorer needs: it loads a vector into the work space, fires, and reads the successor out of it. */
export interface Explore {
  /** The work space. */
  readonly words: Uint32Array
  /** What the last fired step reported. */
  readonly reports: readonly Report[]
  /** The enabled moves of the last `enabled()`, in a fixed order; valid up to the returned count. */
  readonly moves: Int32Array
  /** Loads the initial state. */
  reset(): void
  /** Lists the moves enabled in the work space and returns how many there are. */
  enabled(): number
  /** Fires a move listed by `enabled()` for the state now in the work space. */
  fire(move: number): void
  /** What a move is to the environment: what counts as rest. */
  sort(move: number): MoveSort
  /** Contexts that stand inside a function: at rest, those that are stuck. */
  busy(): readonly string[]
}

/** What people, traces and random runs need: moves by name and by kind, and where everybody stands. */
export interface Describe {
  readonly layout: Layout<Fields>
  readonly contexts: readonly string[]
  /** Names a move of the state now in the work space. */
  name(move: number): MoveName
  /** The enabled move of that name, or why there is none. */
  find(name: MoveName): { move: number } | { blocked: string }
  /** An index into `activities` for the context that makes this move, or the event it is: for swarm weights. */
  activity(move: number): number
  readonly activities: readonly string[]
  /** The functions a context stands in, innermost first; empty when it is idle. */
  stack(context: number): readonly { readonly name: string }[]
  /** Where every context stands in a state vector, as text to tell one from another. */
  controls(vector: Uint32Array): string
  /** Every step and event reached so far, and how often it was taken (0: reached, never enabled). */
  coverage(): ReadonlyMap<string, number>
}

/** What makes a search faster or smaller; what is found of a rule does not depend on it. */
export interface Accelerate {
  /** Cache transitions: find again what moves there were and what they did, rather than ask the model. */
  caching: boolean
  /**
   * Writes at `at` the successor by the move `index` of those just listed, if it is cached and reports
   * nothing; the work space stays. Otherwise false, and the move is to be fired.
   */
  succeed(index: number, into: Uint32Array, at: number): boolean
  /** Fuse transitions: take local steps together with the step before them. */
  fused: boolean
  /** The local step that the context of this move, which was just fired, stands before now, if any. */
  localAfter(move: number): number | undefined
  /** Does any context stand before a local step? */
  standsBeforeLocal(): boolean
  /** How states can be exchanged for one another; undefined when nothing is interchangeable. */
  readonly symmetry?: Symmetry | undefined
  /**
   * Lets the system drop what it remembers of control states, when that has grown large. Only between
   * runs: no vector that was read out before may be loaded again.
   */
  forget(): void
}

export interface System extends Explore, Describe, Accelerate {}

/**
 * - `step`: a context goes on with its function.
 * - `work`: the environment brings something new (a packet arrives).
 * - `end`: the environment lets something end (a packet is consumed, the driver is unbound).
 * - `retry`: housekeeping that starts itself again and again (a delayed work).
 */
export type MoveSort = 'step' | 'work' | 'end' | 'retry'
