/** What a view is told about its place, and where it notes what it touches. */

/** What a reference to member 0 of a domain is: 0, or the base of its scalarset. */
export interface Base {
  readonly first: number
  /** How a reference is had from the number of a member, for people. */
  readonly way?: string | undefined
}

/** Bits of the vector that were read or written, word by word. A write counts as a read as well. */
export interface Footprint {
  readonly read: Uint32Array
  readonly written: Uint32Array
}
