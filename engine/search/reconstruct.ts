/**
 * Counterexample reconstruction, the reductions undone: from moves by number, as a search stores them, to a trace that replays. A search may have taken one
 * state for all that differ by an exchange of members, and a step together with the local steps after
 * it; the trace is told of the states as they are, one step at a time.
 */
import { Judge, type Rule } from '../rules/judge.ts'
import type { MoveName, System } from '../system.ts'
import type { Trace } from '../counterexample/trace.ts'
import { gone, notTheSame } from '../counterexample/undetermined.ts'

export interface Found {
  readonly trace: Trace
  readonly detail: string
}
export interface Reduction {
  /** Were members exchanged? */
  readonly symmetry?: boolean
}

/**
 * @param moves from the initial state to the one that violates the rule (the last step, or the state it
 * leads to, at rest), each as it is numbered in the state the search stored.
 */
export function reconstruct(
  system: System,
  rule: Rule,
  moves: readonly number[],
  { symmetry: exchanged = false }: Reduction,
): Found {
  const way = new Reconstruction(system, rule, exchanged)
  const fused = system.fused
  try {
    for (const move of moves) way.take(move)
    return way.found()
  } finally {
    system.fused = fused
  }
}

class Reconstruction {
  private readonly trace: MoveName[] = []
  private readonly system: System
  private readonly rule: Rule
  private readonly judge: Judge
  private readonly symmetry: System['symmetry']
  /** The state as it is, and as the search stored it. */
  private readonly here: Uint32Array
  private readonly stored: Uint32Array
  private detail: string | undefined
  private readonly fused: boolean

  constructor(system: System, rule: Rule, exchanged: boolean) {
    this.system = system
    this.rule = rule
    this.judge = new Judge(system, [rule])
    this.symmetry = exchanged ? system.symmetry : undefined
    this.fused = system.fused
    system.reset()
    this.here = system.words.slice()
    this.symmetry?.canonical(system.words)
    this.stored = system.words.slice()
    this.note()
  }
  private note(): boolean {
    this.detail ??= this.judge.judge()[0]?.detail
    return this.detail !== undefined
  }

  take(move: number): void {
    const { system, stored, symmetry } = this
    system.words.set(stored)
    system.fire(move)
    const kinds = this.kinds()
    symmetry?.canonical(system.words)
    stored.set(system.words)
    this.step(symmetry === undefined ? move : this.counterpart(kinds, move))
  }
  private kinds(): string {
    return this.system.reports.map(({ kind }) => kind).join()
  }

  /** The move that leads from the state as it is to one that the search took for the same. */
  private counterpart(kinds: string, taken: number): number {
    const { system, stored, here, symmetry } = this
    system.words.set(here)
    for (const move of system.moves.slice(0, system.enabled())) {
      system.words.set(here)
      system.fire(move)
      if (this.kinds() !== kinds) continue
      symmetry!.canonical(system.words)
      if (stored.every((word, i) => word === system.words[i])) return move
    }
    throw new Error(
      `engine: the search took move ${taken}, and no move leads to that state with members exchanged. The members are not interchangeable.`,
    )
  }

  /** Takes a step, and the local steps that were taken with it. */
  private step(move: number): void {
    const { system, here } = this
    system.words.set(here)
    system.fused = false
    for (let next: number | undefined = move; next !== undefined;) {
      const name = system.name(next)
      const found = system.find(name)
      if ('blocked' in found)
        throw notTheSame(name, `the search took it, and a replay is held up by ${found.blocked}`)
      system.fire(next)
      this.trace.push(name)
      if (this.note() || !this.fused) break
      next = system.localAfter(next)
    }
    system.fused = this.fused
    here.set(system.words)
  }

  found(): Found {
    const { system, rule, judge } = this
    system.words.set(this.here)
    const detail =
      this.detail ?? judge.judgeRest().violations.find((it) => it.rule === rule.id)?.detail
    if (detail === undefined) throw gone(system, rule.id, this.trace)
    return { trace: this.trace, detail }
  }
}
