/** A System made of contexts: each runs one function at a time, one step at a time. */
import type { Automaton, Journal } from './automaton.ts'
import { Coverage } from './coverage.ts'
import { Interpreter } from './interpreter.ts'
import { refuseMistakes, type MachineSpec } from './machine-spec.ts'
import { CHOICES, STARTS } from './move-numbers.ts'
import { Naming, type StackFrame } from './naming.ts'
import type { Parts } from './parts.ts'
import { symmetryOf } from './symmetry-of-machine.ts'
import { TransitionCache } from './transition-cache.ts'
import { trapClocks } from '../authoring/clocks.ts'
import type { Fields, Footprint, Layout } from '../state/layout.ts'
import type { Value } from '../step.ts'
import type { Symmetry } from '../symmetry/canonical.ts'
import type { MoveName, MoveSort, Report, System } from '../system.ts'

export type { MachineSpec, Start } from './machine-spec.ts'
export type { StackFrame } from './naming.ts'

/** Control states kept across runs: wide values (a 32-bit counter) make new ones in every run. */
const REMEMBERED = 1 << 18

export class Machine<F extends Fields, W> implements System {
  readonly layout: Layout<Fields>
  readonly words: Uint32Array
  readonly world: W
  readonly reports: Report[]
  readonly moves: Int32Array
  readonly automaton: Automaton
  readonly contexts: readonly string[]
  readonly activities: readonly string[]
  readonly symmetry: Symmetry | undefined
  caching = false
  private readonly interpreter: Interpreter<F, W>
  private readonly parts: Parts<W, F>
  private readonly naming: Naming<W, F>
  private readonly counted: Coverage
  private readonly first: Uint32Array
  private cache: TransitionCache

  constructor(spec: MachineSpec<F, W>) {
    trapClocks()
    refuseMistakes(spec)
    this.interpreter = new Interpreter(spec)
    const { parts, enabled, reports } = this.interpreter
    this.parts = parts
    this.layout = spec.layout as unknown as Layout<Fields>
    this.words = parts.words
    this.world = parts.world
    this.automaton = parts.automaton
    this.contexts = spec.contexts
    this.activities = parts.starts.activities
    this.reports = reports
    this.moves = enabled.moves
    this.naming = new Naming(parts, enabled)
    this.counted = new Coverage(parts.automaton)
    this.cache = new TransitionCache(this.interpreter)
    spec.initial(this.world)
    this.first = this.words.slice()
    this.symmetry = symmetryOf({
      layout: this.layout,
      slots: parts.control.slots,
      starts: spec.starts,
      automaton: parts.automaton,
      first: (start) => parts.starts.first(start),
    })
  }

  reset(): void {
    this.reports.length = 0
    this.words.set(this.first)
  }
  forget(): void {
    if (this.automaton.size < REMEMBERED) return
    this.counted.forget()
    this.automaton.forget()
    this.parts.starts.forget()
    this.cache = new TransitionCache(this.interpreter)
  }

  /** From now on this machine numbers its control states as the journal says; before the first step. */
  share(journal: Journal): void {
    this.automaton.journal = journal
  }
  /** Goes where an entry of the journal leads; false when this machine had been there. */
  learn(key: number, result: Value): boolean {
    return key < 0
      ? this.parts.starts.learn(~key)
      : this.automaton.learn(this.automaton.node(key), result)
  }

  enabled(): number {
    const { contexts, moves, cache } = this
    const { enabled } = this.interpreter
    let count = 0
    for (let context = 0; context < contexts.length; context += 1)
      count = this.caching ? cache.moves(context, count) : enabled.of(context, count, false)
    if (count > moves.length)
      throw new Error(
        `engine: ${count} moves are enabled in one state, ${moves.length} at most. Make the scope smaller.`,
      )
    return count
  }
  fire(move: number): void {
    const { reports } = this
    if (reports.length > 0) reports.length = 0
    if (this.caching) this.cache.fire(move)
    else this.interpreter.workOut(move, false)
  }
  succeed(index: number, into: Uint32Array, at: number): boolean {
    return this.caching && this.cache.succeed(index, into, at)
  }

  /** What the last step that was run returned to its function; undefined after a start. */
  get returned(): Value {
    return this.interpreter.returned
  }
  /**
   * Fires a move and says which bits its guard and effect read, and which they wrote; what is looked at after
   * every step is left out.
   */
  observe(move: number): Footprint {
    return this.interpreter.observe(move)
  }
  /** The bits that a question to the world reads. */
  looksAt(question: (world: W) => void): Uint32Array {
    return this.interpreter.looksAt(question)
  }

  get fused(): boolean {
    return this.interpreter.fuses
  }
  set fused(fused: boolean) {
    // A fused step does more than the same step alone.
    if (fused !== this.interpreter.fuses) this.cache = new TransitionCache(this.interpreter)
    this.interpreter.fuses = fused
  }
  localAfter(move: number): number | undefined {
    const context = this.interpreter.contextOf(move)
    return this.interpreter.local.mayTake(context, this.world) ? context * CHOICES : undefined
  }
  standsBeforeLocal(): boolean {
    return this.contexts.some((_, context) => this.interpreter.local.isNext(context))
  }

  name(move: number): MoveName {
    return this.naming.name(move)
  }
  find(wanted: MoveName): { move: number } | { blocked: string } {
    return this.naming.find(wanted, this.enabled())
  }
  stack(context: number): readonly StackFrame[] {
    return this.naming.stack(context)
  }
  sort(move: number): MoveSort {
    return move >= STARTS ? this.parts.starts.all[move - STARTS]!.sort : 'step'
  }
  activity(move: number): number {
    return move >= STARTS ? this.parts.starts.activity(move - STARTS) : (move / CHOICES) | 0
  }
  coverage(): ReadonlyMap<string, number> {
    const { all, begun } = this.parts.starts
    return this.counted.all(all, begun)
  }
  busy(): readonly string[] {
    return this.contexts.filter((_, context) => this.parts.control.at(context) !== 0)
  }
  controls(vector: Uint32Array): string {
    return this.parts.control.textOf(vector)
  }
}
