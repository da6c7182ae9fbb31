/** A proposal: what it changes, where it was made, and what it is known to break. */
import type { Fields } from '../../engine/layout.ts'
import type { Scope } from '../scope.ts'

export interface Design {
  /** Names the file, the counterexample folder and the row of the verdict table; never changes. */
  readonly id: string
  readonly title: string
  /** Mail subject and date, message id, or commit. */
  readonly source: string
  readonly family: 'pool' | 'numa' | 'registration'
  /** Fields it adds to struct page_pool. */
  readonly fields: (scope: Scope) => Fields
  /** What it is verified in, where that is not what every design is verified in. */
  readonly scopes?: { readonly searched: readonly Scope[]; readonly random: Scope }
  /** Makes the object whose methods are the kernel functions of this design. */
  readonly functions: (scope: Scope) => object
  /** Properties it is expected to break, each with why and who said so. */
  readonly breaks: Readonly<Record<string, string>>
  /** Promises about the end (properties/liveness) it is expected to break, each with why. */
  readonly neverEnds?: Readonly<Record<string, string>>
}
