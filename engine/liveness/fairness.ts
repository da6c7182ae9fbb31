/**
 * Who is assumed to go on. An actor is a context (all its steps together) or one event with its
 * arguments. A scheduler that starves somebody for ever proves nothing about a design, so promises
 * about what happens in the end are asked of fair runs only.
 */
import type { Describe, Explore, MoveSort } from '../system.ts'
import type { Value } from '../step.ts'

export interface Actor {
  /** A context, or the name of an event. */
  readonly name: string
  /** `step` for a context, the event's sort otherwise. */
  readonly sort: MoveSort
  /** An event's arguments, as a counterexample shows them. */
  readonly choice?: Value
}

/**
 * - `strong`: who can move again and again does move again and again. Right for contexts: queued
 *   spin locks and a fair scheduler let everybody in whose turn comes round again and again.
 * - `weak`: who can move without interruption from some point on does move.
 * - `none`: need never move. New work is always this, whatever a property says.
 */
export type Fairness = 'strong' | 'weak' | 'none'

/** A promise about the end of every fair run, bound to one system. The predicates read the work space. */
export interface Eventually {
  readonly id: string
  /** From every reachable state where this holds... */
  readonly from: () => boolean
  /** ...every fair run reaches one where this holds. */
  readonly until: () => boolean
  /**
   * When given, only a run that lets one of these act for ever breaks the promise; one that merely
   * stops, or goes on without them, does not.
   */
  readonly endless?: (actor: Actor) => boolean
  readonly fair: (actor: Actor) => Fairness
  /** Has the situation that makes this promise worth something been reached? Asked in every state. */
  readonly exercised: () => boolean
}

export const fairnessOf = (property: Pick<Eventually, 'fair'>, actor: Actor): Fairness =>
  actor.sort === 'work' ? 'none' : property.fair(actor)

/** Who makes this move of the state in the work space; `key` is equal for equal actors of one system. */
export function actorOf(
  system: Pick<Explore, 'sort'> & Describe,
  move: number,
): { readonly key: string; readonly actor: Actor } {
  const sort = system.sort(move)
  const activity = system.activity(move)
  const name = system.activities[activity]!
  const choice = sort === 'step' ? undefined : system.name(move).choice
  const actor = choice === undefined ? { name, sort } : { name, sort, choice }
  return { key: `${activity} ${String(choice)}`, actor }
}
