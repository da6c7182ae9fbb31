/** What a reader wants to see beside a step of a behaviour. */
import type { Slot, SlotValue } from '../../engine/state/layout.ts'
import type { Value } from '../../engine/step.ts'
import type { MoveName, MoveSort } from '../../engine/system.ts'
import type { Read } from './outcome.ts'

/** One call of a function: two calls of the same function have different ids. */
export interface Call {
  readonly fn: string
  readonly id: number
}
/** A scalar that a step changed. */
export interface Change {
  readonly slot: Slot
  readonly from: SlotValue
  readonly to: SlotValue
}
export interface Moment {
  readonly name: MoveName
  /** Index into `contexts`. */
  readonly context: number
  readonly sort: MoveSort
  /** Calls the step stands in, outermost first; empty for a start. */
  readonly stack: readonly Call[]
  /** Counts the starts of this context: steps of one activity share it. */
  readonly activity: number
  /** The context is idle after this step. */
  readonly last: boolean
  readonly returned: Value
  /** What came out of it: what a test said, what a read found, who won. */
  readonly outcome: string | undefined
  /** Calls that ended with this step, by id, and what each returned. */
  readonly results: ReadonlyMap<number, string>
  readonly reads: readonly Read[]
  readonly changed: readonly Change[]
  readonly reports: readonly string[]
}
