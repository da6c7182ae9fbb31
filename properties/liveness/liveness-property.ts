/** What a promise about the end is made of: from here, every fair run gets there. */
import type { Actor, Fairness } from '../../engine/liveness/fairness.ts'
import type { Family } from '../../model/family.ts'
import type { Facts } from '../property.ts'

export interface LivenessProperty {
  /** A sentence in kebab case that never changes. */
  readonly id: string
  readonly says: string
  /** The kernel function, commit or mail that makes it a rule. */
  readonly because: string
  readonly families: readonly Family[]
  /** Who is assumed to go on, in words: what a verdict rests on. */
  readonly assumes: string
  /** The same for the explorer. New work need never arrive, whatever is said here. */
  readonly fair: (actor: Actor) => Fairness
  readonly from: (facts: Facts) => boolean
  readonly until: (facts: Facts) => boolean
  /** When given, a run breaks the promise only if it lets one of these act for ever. */
  readonly endless?: (actor: Actor) => boolean
  /** What is still owed in a state where the promise is open; shown with a counterexample. */
  readonly owes: (facts: Facts) => string
  /** The situation that must have been reached, or the verdict is vacuous. */
  readonly exercisedBy: { readonly says: string; readonly when: (facts: Facts) => boolean }
}
