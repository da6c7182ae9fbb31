/** One cell of the verdict table, and what it rests on. */
import type { WorldName } from '../model/scope/worlds.ts'

/**
 * - `holds`: every state of the named scopes was visited, the situation was reached, no violation.
 * - `holds so far`: random runs only.
 * - `violated`: there is a counterexample.
 * - `vacuous`: no violation, and the situation that would make it worth something was never reached.
 * - `unknown`: the budget ended first.
 */
export type Outcome = 'holds' | 'holds so far' | 'violated' | 'vacuous' | 'unknown'

export interface SearchedScope {
  readonly scope: string
  readonly states: number
  /** States they stand for: more than `states` when pages are exchanged. */
  readonly standsFor: number
  readonly depth: number
  /** Searched now, or taken from verdicts.json. */
  readonly from: 'search' | 'record'
}
export interface Verdict {
  readonly design: string
  readonly property: string
  /** The other world it is about; none: the world of every design. */
  readonly world?: WorldName
  readonly outcome: Outcome
  /** Of another world: it is not what the same design does in the world of every design. */
  readonly differs?: boolean
  /** As the design declares: broken where and in the ways it says, unbroken elsewhere. */
  readonly expected: boolean
  /** What was found now, or what verdicts.json has of it; saved counterexamples are replayed in any case. */
  readonly from: 'search' | 'record'
  /** Every scope was searched to the end, and every random run made. */
  readonly complete: boolean
  /** Scopes searched to the end. */
  readonly searched: readonly SearchedScope[]
  /** Steps and events that were met, by a search or a random run, and that no search ever took. */
  readonly untaken: readonly string[]
  /** Random runs made, and the steps they took. */
  readonly runs: number
  readonly steps: number
  readonly seed: number
  readonly exercised: boolean
  /** Every way it is broken in, the shortest first. */
  readonly ways: readonly BrokenWay[]
  /** In another world: ways in which it is broken as it is declared for every world. */
  readonly everywhere: readonly string[]
  /** Ways that are declared and in which nothing was found, after everything was searched. */
  readonly gone: readonly string[]
}
export interface BrokenWay {
  /** As designs declare it, see verify/ways.ts. */
  readonly way: string
  readonly isDeclared: boolean
  /** The saved counterexample and its steps. */
  readonly path: string
  /** Why it is not in that file. */
  readonly unsaved?: string
  readonly length: number
  /** New or shorter than what was saved. */
  readonly fresh: boolean
  /** The run in which random commands met it, if they did. */
  readonly run?: number
  /** Its length when fast-check had shrunk it, and after one-step minimisation. */
  readonly shrunk?: readonly [number, number]
}

/** 0 as expected, 1 something unexpected, 2 not decided, or a scope in which some step is never taken. */
export function exitCode(verdicts: readonly Verdict[]): 0 | 1 | 2 {
  if (verdicts.some((it) => decided(it) && !it.expected)) return 1
  return verdicts.every((it) => decided(it) && it.untaken.length === 0) ? 0 : 2
}
export const decided = ({ outcome }: Verdict): boolean =>
  outcome !== 'unknown' && outcome !== 'vacuous'
