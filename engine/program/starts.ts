/** The events of a machine: which context each begins in, which can happen, and where its function begins. */
import { DONE, type Automaton, type Crossing, type Node } from './automaton.ts'
import type { Start } from './machine-spec.ts'
import { guarded, STARTS, type Guarded } from './move-numbers.ts'

export class Starts<W> {
  readonly all: readonly Start<W>[]
  /** Indices of the starts of each context. */
  readonly of: readonly (readonly number[])[]
  /** By context: lists the starts whose guards hold. */
  readonly enabled: readonly Guarded<W>[]
  /** How often each was taken. */
  readonly begun: number[]
  /** Contexts, then events by name: what can be more or less likely in a run. */
  readonly activities: readonly string[]
  private readonly activityOf: readonly number[]
  /** Starts that call the same function with the same arguments begin in the same place: the first of them. */
  private readonly sameAs: readonly number[]
  /** What beginning by each crosses, where that is anything. */
  readonly crossed: (readonly Crossing[] | undefined)[] = []
  private readonly entered: (Node | typeof DONE | undefined)[]
  private readonly automaton: Automaton

  constructor(contexts: readonly string[], starts: readonly Start<W>[], automaton: Automaton) {
    this.automaton = automaton
    this.all = starts
    this.of = contexts.map((_, context) =>
      starts.flatMap((start, index) => (start.context === context ? [index] : [])),
    )
    this.enabled = this.of.map((indices) =>
      guarded(
        indices.map((index) => starts[index]!.guard),
        indices.map((index) => STARTS + index),
      ),
    )
    const names = [...new Set(starts.map((start) => start.name))]
    this.activities = [...contexts, ...names]
    this.activityOf = starts.map((start) => contexts.length + names.indexOf(start.name))
    this.sameAs = starts.map(({ fn, args }) =>
      starts.findIndex((other) => other.fn === fn && other.args.join() === args.join()),
    )
    this.entered = starts.map(() => undefined)
    this.begun = starts.map(() => 0)
  }

  /** An index into `activities`. */
  activity(start: number): number {
    return this.activityOf[start]!
  }
  /** The first step of its function, or DONE when it has none. */
  first(start: number): Node | typeof DONE {
    const known = this.entered[start]
    if (known !== undefined) return known
    const index = this.sameAs[start]!
    const { journal } = this.automaton
    if (this.entered[index] === undefined)
      if (journal === undefined) this.learn(index)
      else journal.record(~index, undefined)
    this.crossed[start] = this.crossed[index]
    return (this.entered[start] = this.entered[index]!)
  }
  /** Finds out where a start leads; false when that was known. */
  learn(start: number): boolean {
    if (this.entered[start] !== undefined) return false
    const { fn, args } = this.all[start]!
    const first = this.automaton.enter(fn, args)
    if (first !== DONE) first.origin = { start }
    this.entered[start] = first
    const { crossedAtEntry } = this.automaton
    if (crossedAtEntry.length > 0) this.crossed[start] = crossedAtEntry
    return true
  }
  /** Control states are about to be numbered anew. */
  forget(): void {
    this.entered.fill(undefined)
  }
}
