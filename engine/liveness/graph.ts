/**
 * Every reachable state with the moves between them, in flat arrays. A move is not stored: it is the
 * n-th of the state's enabled ones, and their order is fixed.
 */
import type { Actor } from './fairness.ts'
import type { MoveName } from '../system.ts'

/** Where a move leads after which nothing can be believed. */
export const NOWHERE = -1

/** States are numbered in breadth-first order, 0 the initial one; edges in the order of their states. */
export interface StateGraph {
  readonly states: number
  /** States 0..expanded-1 have their edges; the others were met and not looked at. */
  readonly expanded: number
  readonly edges: number
  /** Edges that lead NOWHERE. */
  readonly cut: number
  /** What ended the building before every state was expanded. */
  readonly ended?: 'states' | 'memory' | 'time'
  /** Edges of state n: first[n]..first[n+1]-1. */
  readonly first: Int32Array
  /** Where each edge leads: a state, or NOWHERE. */
  readonly to: Int32Array
  /** Who takes each edge: an index into `actors`. */
  readonly by: Int32Array
  readonly actors: readonly Actor[]
  /** The state from which each was first reached, and the edge; -1 for the initial one. */
  readonly parent: Int32Array
  readonly via: Int32Array
  /** Moves from the initial state, at least. */
  readonly depth: Int32Array
  readonly bytes: number
  /** Loads a state into the system's work space. */
  load(state: number): void
  /** The names of moves along edges that follow one another. */
  names(edges: readonly number[], from: number): MoveName[]
}
