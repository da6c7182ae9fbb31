/** One thread's part of a search: takes segments of the frontier, expands them, stores what is new. */
import { SuccessorGenerator, type How } from '../successors.ts'
import { hashVector } from '../../state/visited-set.ts'
import { Judge } from '../../rules/judge.ts'
import type { SearchBounds, SearchResult } from '../breadth-first.ts'
import type { System } from '../../system.ts'
import { Chunks } from './chunks.ts'
import {
  BLOCKS,
  CLEAR,
  DEPTH,
  END,
  end,
  EXPANDED,
  INSERT,
  meet,
  PAUSE,
  PHASE,
  SEGMENTS,
  SIDE,
  STATES,
  TAKEN,
} from './control.ts'
import { SharedJournal } from './journal.ts'
import { bytesOf, MOST_WAITING, SPREAD, type Memory } from './memory.ts'
import { decide } from './decide.ts'
import { SharedVisitedSet } from './shared-visited-set.ts'
import type { Built } from './source.ts'

/** A violation as a thread meets it; a later one of the same rule is sent only if it is shorter. */
export interface Met {
  readonly rule: string
  /** Steps from the initial state. */
  readonly length: number
  readonly state: number
  /** The move that violates, or -1: the state itself does, at rest. */
  readonly move: number
}
export type PlainBounds = Pick<
  SearchBounds,
  'states' | 'depth' | 'until' | 'bytes' | 'stop' | keyof How
> & {
  /** When to stop, by the clock. */
  readonly deadline: number
}

/** States expanded before their successors are looked up together. */
const BATCH = 64

export class Explorer {
  readonly judge: Judge
  private readonly system: System
  private readonly memory: Memory
  private readonly control: Int32Array
  private readonly chunks: Chunks
  private readonly visited: SharedVisitedSet
  private readonly journal: SharedJournal
  private readonly rules: readonly string[]
  private readonly until: readonly number[]
  private readonly thread: number
  private readonly bounds: PlainBounds
  private readonly met: (violation: Met) => void
  private readonly shortest = new Map<string, number>()
  private depth = 0
  /** What is left of the segment at hand. */
  private at = 0
  private end = 0
  readonly successors: SuccessorGenerator

  constructor(
    { system, rules }: Built,
    memory: Memory,
    thread: number,
    bounds: PlainBounds,
    met: (violation: Met) => void,
  ) {
    this.system = system
    this.memory = memory
    this.control = memory.control
    this.thread = thread
    this.bounds = bounds
    this.met = met
    this.judge = new Judge(system, rules)
    this.rules = rules.map(({ id }) => id)
    // A rule nobody asks about is never violated: the word after the last stays 0.
    const known = (rule: string): number => this.rules.indexOf(rule)
    this.until = (bounds.until ?? []).map((rule) =>
      known(rule) === -1 ? rules.length : known(rule),
    )
    this.journal = new SharedJournal(memory.journal, system)
    this.chunks = new Chunks(memory)
    this.visited = new SharedVisitedSet(memory, this.chunks)
    this.successors = new SuccessorGenerator(system, this.judge, bounds)
  }

  run(): void {
    const { control, memory, visited } = this
    if (this.thread === 0) this.begin()
    for (;;) {
      visited.flush()
      meet(control, memory.threads, () => decide(memory))
      const phase = control[PHASE]!
      if (phase === END) return
      if (phase === CLEAR) visited.clear()
      else if (phase === INSERT) visited.insert()
      else this.work()
    }
  }

  private begin(): void {
    const { system } = this
    system.reset()
    for (const { rule } of this.judge.judge()) this.keep({ rule, length: 0, state: 0, move: -1 })
    if (this.bounds.symmetry === true) system.symmetry?.canonical(system.words)
    const none = Int32Array.of(-1)
    const hashes = Int32Array.of(hashVector(system.words, 0, system.words.length))
    this.visited.internAll({
      vectors: system.words.slice(),
      hashes,
      from: none,
      by: none,
      waiting: 1,
    })
  }

  /** Expands what there is in this level, until it is used up or everybody is called to a meeting. */
  private work(): void {
    const { control } = this
    this.journal.catchUp()
    this.depth = control[DEPTH]!
    while (Atomics.load(control, PAUSE) === 0) {
      if (this.at === this.end && !this.take()) return
      const why = this.ended()
      if (why === undefined) this.batch()
      else end(control, why)
    }
  }

  private take(): boolean {
    const { control, memory } = this
    const side = control[SIDE]!
    const index = Atomics.add(control, TAKEN, 1)
    if (index >= control[SEGMENTS + side]!) return false
    this.at = memory.frontiers[side]![index * 2]!
    this.end = this.at + memory.frontiers[side]![index * 2 + 1]!
    return true
  }

  private ended(): SearchResult['ended'] {
    const { bounds, control, memory, until } = this
    if (Atomics.load(control, STATES) >= bounds.states) return 'states'
    if (bounds.depth !== undefined && this.depth >= bounds.depth) return 'depth'
    if (until.length > 0 && until.every((rule) => Atomics.load(memory.violated, rule) !== 0))
      return 'found'
    if (bounds.stop !== undefined && Atomics.load(bounds.stop, 0) !== 0) return 'interrupt'
    if (bounds.bytes !== undefined && bytesOf(memory) > bounds.bytes) return 'memory'
    // Every thread may yet take a block for what it is about to store.
    if (Atomics.load(control, BLOCKS) + memory.threads * 2 > memory.blocks) return 'memory'
    return Date.now() > bounds.deadline ? 'time' : undefined
  }

  private batch(): void {
    const { control, memory, system, successors } = this
    const first = this.at
    const most = Math.min(this.end, first + BATCH)
    let fired = 0
    while (this.at < most && successors.waiting + system.moves.length <= MOST_WAITING) {
      const state = this.at++
      this.chunks.load(state, successors.source)
      fired += successors.expand(state, ({ rule, move }) =>
        this.keep({ rule, length: this.depth + (move === -1 ? 0 : 1), state, move }),
      )
    }
    successors.settle()
    this.visited.internAll(successors)
    successors.waiting = 0
    memory.transitions[this.thread * SPREAD]! += fired
    Atomics.add(control, EXPANDED, this.at - first)
  }

  private keep(violation: Met): void {
    const known = this.shortest.get(violation.rule)
    if (known !== undefined && known <= violation.length) return
    this.shortest.set(violation.rule, violation.length)
    Atomics.store(this.memory.violated, this.rules.indexOf(violation.rule), 1)
    this.met(violation)
  }
}
