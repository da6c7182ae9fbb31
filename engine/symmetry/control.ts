/** What a symmetry asks of whoever keeps the control states. */
import type { Slot } from '../state/layout.ts'

/** For each scalarset, in the order of the layout: which member each becomes. */
export type Exchange = readonly Uint8Array[]

/** What a context's control state says about members. */
export interface Control {
  /** Where each context keeps it; undefined: it has none. */
  readonly slots: readonly (Slot | undefined)[]
  /** The members a control state mentions, each once, in an order that an exchange keeps. */
  mentions(id: number): readonly number[]
  /** The control state in which the members are exchanged. */
  image(id: number, exchange: Exchange): number
}
