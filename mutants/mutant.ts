/** A mutant: one change that breaks what some promise is about, so that the promise must see it. */
import type { Mutation } from '../engine/mutation/mutate.ts'
import type { KernelId } from '../conformance/recording.ts'
import type { MutantScope } from './scopes.ts'

export interface Mutant {
  /** Kebab case, at most 21 characters; never changes. */
  readonly id: string
  /** What it changes, in a line of at most 36 characters. */
  readonly says: string
  /** The design it is made from. Without the change, that design keeps the promise in this scope. */
  readonly design: string
  /** Made anew for every machine. */
  readonly change: () => Mutation
  readonly expected: Expected
  /** Searched one after the other until it is caught; none when it is held against recordings. */
  readonly scopes: readonly MutantScope[]
}

/**
 * - `violates`: the property that must catch it.
 * - `differs`: recorded behaviour of this kernel must tell it from the model.
 * - `loses`: a known violation of the design that must no longer be found, because the change hides
 *   it: it makes steps more atomic, or the world kinder than it is.
 * - `nothing`: it is equivalent, and why. It is searched all the same.
 */
export type Expected =
  | { readonly violates: string }
  | { readonly differs: KernelId }
  | { readonly loses: string }
  | { readonly nothing: string }
