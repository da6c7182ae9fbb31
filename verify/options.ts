/** How a design is verified. */
import type { Scope } from '../model/scope/bounds.ts'

export interface VerifyOptions {
  readonly seed: number
  /** Random runs per design, and commands per run. */
  readonly runs: number
  readonly commands: number
  /** Wall-clock limit for this design, in milliseconds. */
  readonly milliseconds: number
  /** Folder of saved counterexamples. */
  readonly store: string
  /** Scopes to search to the end, for designs that name none themselves, in place of those of their family. */
  readonly search?: readonly Scope[]
}
export const defaults = {
  seed: 1,
  runs: 400,
  commands: 600,
  milliseconds: 900_000,
} as const
