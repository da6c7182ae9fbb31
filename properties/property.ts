/** What a promise is made of. Promises read the ledger and the machine, never a design's own books. */
import type { Family } from '../model/family.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { truth } from '../model/ledger/truth.ts'
import type { ReportKind } from '../model/world/reports.ts'
import type { World } from '../model/world/world.ts'

const PARTS = ['page', 'task', 'dev', 'driver', 'stack', 'mem', 'rxq', 'napi'] as const
/** What is true, as far as properties may look. A world has the parts that its family names, and no other. */
export type Facts = Pick<World, 'scope' | 'numa_mem_id' | (typeof PARTS)[number]> & {
  readonly ledger: ReturnType<typeof truth>
}
export const factsOf = (w: World): Facts =>
  ({
    ...Object.fromEntries(PARTS.flatMap((part) => (part in w ? [[part, w[part]]] : []))),
    scope: w.scope,
    get numa_mem_id() {
      return w.numa_mem_id
    },
    ledger: truth(w),
  }) as Facts

export interface Property {
  /** A sentence in kebab case that never changes: counterexamples and pins refer to it. */
  readonly id: string
  readonly says: string
  /** The kernel function, commit or mail that makes it a rule. */
  readonly because: string
  readonly families: readonly Family[]
  /** Left out, a promise is asked in every scope; this one only where what it is about is followed. */
  readonly asked?: (scope: Scope) => boolean
  /** Why it is listed apart: a worse or a milder form of what another promise is about. */
  readonly apart?: string
  /** Reports that must never appear; the others are those that end a path and that no promise of the family and scope names. */
  readonly never?: readonly ReportKind[] | 'the others'
  /** What is wrong with this state, if anything. */
  readonly always?: (facts: Facts) => string | undefined
  /** What is wrong when everything that was begun has ended; `stuck` names contexts that wait for ever. */
  readonly rest?: (facts: Facts, stuck: readonly string[]) => string | undefined
  /** The situation that must have been reached, or the verdict is vacuous. */
  readonly exercisedBy: { readonly says: string; readonly when: (facts: Facts) => boolean }
}

/** The promises that are asked of a design of this family in this scope. */
export const asked = (
  properties: readonly Property[],
  family: Family,
  scope: Scope,
): readonly Property[] =>
  properties.filter((it) => it.families.includes(family) && it.asked?.(scope) !== false)
