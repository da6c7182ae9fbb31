/** What is told while a design is verified. */
import type { Counterexample } from './counterexample.ts'
import type { Kept } from './shelf.ts'

export type VerifyEvent =
  | { readonly type: 'status'; readonly design: string; readonly text: string }
  /** A counterexample saved by an earlier run was replayed. */
  | {
      readonly type: 'saved'
      readonly design: string
      readonly property: string
      readonly text: string
    }
  /** A file of the store cannot be used: which, why, and the way out. */
  | { readonly type: 'unusable'; readonly design: string; readonly text: string }
  /** The record was not taken for the verdicts of this design: everything is searched. */
  | {
      readonly type: 'unlike-record'
      readonly design: string
      /** What it says that is not so, as the end of a sentence; none where it is about other counterexamples. */
      readonly wrong?: string
    }
  /** A counterexample of this run is gone: one that needs less has taken its place. */
  | { readonly type: 'superseded'; readonly path: string }
  /** A new or shorter counterexample is in the store, or could not be saved. */
  | ({
      readonly type: 'found'
      readonly design: string
      readonly property: string
      readonly counterexample: Counterexample
    } & Kept)
