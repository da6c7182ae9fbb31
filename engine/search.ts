/** Breadth-first search over stored states: the first trace found to a violation is a shortest one. */
import { Judge, type Rule } from './judge.ts'
import { mayRest } from './rest.ts'
import { StateTable } from './state-table.ts'
import type { MoveName, System } from './system.ts'
import type { Trace } from './trace.ts'

export interface SearchBounds {
  /** Stop after this many stored states. */
  readonly states: number
  /** Do not go deeper than this many steps. */
  readonly depth?: number
  /** Wall-clock limit in milliseconds. */
  readonly milliseconds?: number
  /** Stop as soon as each of these rules is violated. */
  readonly until?: readonly string[]
  /** Stop when the search holds this many bytes. */
  readonly bytes?: number
  /** Called as soon as a rule is first violated, with a shortest trace. */
  readonly onFound?: (rule: string, found: Found) => void
  /** The search ends when another thread sets the first element to something else than 0. */
  readonly stop?: Int32Array
  /** Called about twice a second. */
  readonly onProgress?: (progress: SearchProgress) => void
}
export interface SearchProgress {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** States stored and not yet expanded. */
  readonly frontier: number
  readonly bytes: number
}
export interface Found {
  readonly trace: Trace
  readonly detail: string
}
export interface SearchResult {
  readonly states: number
  readonly transitions: number
  /** The longest shortest path walked. */
  readonly depth: number
  /** Every reachable state was visited. */
  readonly complete: boolean
  /** What ended it when it is not complete. */
  readonly ended?: 'states' | 'depth' | 'time' | 'memory' | 'found' | 'interrupt'
  /** Bytes held at the end: vectors, table, parents and moves. */
  readonly bytes: number
  /** States stored and not expanded. */
  readonly frontier: number
  readonly found: ReadonlyMap<string, Found>
  readonly exercised: ReadonlySet<string>
}

/** A growing array of 32-bit integers in chunks, so that growing never copies. */
class Growing {
  private readonly chunks: Int32Array[] = []
  length = 0
  push(value: number): void {
    const { length } = this
    if ((length & 0xffff) === 0) this.chunks.push(new Int32Array(0x10000))
    this.chunks[length >>> 16]![length & 0xffff] = value
    this.length = length + 1
  }
  at(index: number): number {
    return this.chunks[index >>> 16]![index & 0xffff]!
  }
  get bytes(): number {
    return this.chunks.length * 0x40000
  }
}

/** States expanded before their successors are looked up together. */
const BATCH = 64

export class Search {
  private readonly table: StateTable
  private readonly parents = new Growing()
  private readonly via = new Growing()
  private readonly judge: Judge
  private readonly pending = new Map<string, { state: number; move: number; detail: string }>()
  private readonly told = new Set<string>()
  private transitions = 0
  /** States 0..expanded-1 have been expanded. */
  private expanded = 0
  private nextReport = 0
  private depth = 0
  private readonly system: System
  private readonly source: Uint32Array
  /** Successors of the batch, waiting to be looked up: vectors, parents, moves. */
  private vectors: Uint32Array
  private numbers = new Int32Array(1024)
  private from = new Int32Array(1024)
  private by = new Int32Array(1024)
  private waiting = 0

  constructor(system: System, rules: readonly Rule[]) {
    this.system = system
    this.source = new Uint32Array(system.words.length)
    this.vectors = new Uint32Array(system.words.length * 1024)
    this.table = new StateTable(system.words.length)
    this.judge = new Judge(system, rules)
  }

  run(bounds: SearchBounds): SearchResult {
    const { system, table } = this
    system.reset()
    table.intern(system.words)
    this.parents.push(-1)
    this.via.push(-1)
    for (const { rule, detail } of this.judge.judge()) this.keep(rule, 0, -1, detail)
    const deadline = Date.now() + (bounds.milliseconds ?? Number.POSITIVE_INFINITY)
    let levelEnd = 1
    while (this.expanded < table.size) {
      if (this.expanded === levelEnd) {
        levelEnd = table.size
        this.depth += 1
      }
      this.report(bounds)
      const ended = this.ended(bounds, deadline)
      if (ended !== undefined) return this.result(ended)
      const end = Math.min(this.expanded + BATCH, levelEnd)
      for (; this.expanded < end; this.expanded += 1) this.expand(this.expanded)
      this.lookUp()
      this.tell(bounds)
    }
    return this.result(undefined)
  }

  private ended(bounds: SearchBounds, deadline: number): SearchResult['ended'] {
    if (this.table.size >= bounds.states) return 'states'
    if (bounds.depth !== undefined && this.depth >= bounds.depth) return 'depth'
    const { until = [] } = bounds
    if (until.length > 0 && until.every((rule) => this.pending.has(rule))) return 'found'
    if (bounds.stop !== undefined && Atomics.load(bounds.stop, 0) !== 0) return 'interrupt'
    if (bounds.bytes !== undefined && this.bytes > bounds.bytes) return 'memory'
    return Date.now() > deadline ? 'time' : undefined
  }

  /** Between batches, when the work space may be used to rebuild a trace. */
  private tell({ onFound }: SearchBounds): void {
    if (onFound === undefined || this.told.size === this.pending.size) return
    for (const [rule, { state, move, detail }] of this.pending) {
      if (this.told.has(rule)) continue
      this.told.add(rule)
      onFound(rule, { trace: this.trace(state, move), detail })
    }
  }

  private get bytes(): number {
    return this.table.bytes + this.parents.bytes + this.via.bytes
  }

  private report({ onProgress }: SearchBounds): void {
    if (onProgress === undefined || Date.now() < this.nextReport) return
    this.nextReport = Date.now() + 500
    onProgress({
      states: this.table.size,
      transitions: this.transitions,
      depth: this.depth,
      frontier: this.table.size - this.expanded,
      bytes: this.bytes,
    })
  }

  private expand(state: number): void {
    const { system, source, judge } = this
    const { words } = system
    this.table.load(state, source)
    for (let n = 0; n < source.length; n += 1) words[n] = source[n]!
    const count = system.enabled()
    if (mayRest(system, count)) {
      for (const violation of judge.judgeRest().violations)
        this.keep(violation.rule, state, -1, violation.detail)
      words.set(source)
      system.enabled()
    }
    this.reserve(count)
    for (let i = 0; i < count; i += 1) this.by[this.waiting + i] = system.moves[i]!
    const first = this.waiting
    for (let i = 0; i < count; i += 1) {
      const move = this.by[first + i]!
      if (i > 0) for (let n = 0; n < source.length; n += 1) words[n] = source[n]!
      system.fire(move)
      if (judge.watches || system.reports.length > 0)
        for (const violation of judge.judge())
          this.keep(violation.rule, state, move, violation.detail)
      if (system.reports.length > 0 && judge.fatal) continue
      const at = this.waiting++
      this.from[at] = state
      this.by[at] = move
      const to = at * source.length
      for (let n = 0; n < source.length; n += 1) this.vectors[to + n] = words[n]!
    }
    this.transitions += count
  }

  private reserve(count: number): void {
    if (this.waiting + count <= this.by.length) return
    const bigger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array((this.waiting + count) * 2)
      grown.set(old)
      return grown
    }
    this.by = bigger(this.by)
    this.from = bigger(this.from)
    this.numbers = bigger(this.numbers)
    const vectors = new Uint32Array(this.by.length * this.source.length)
    vectors.set(this.vectors)
    this.vectors = vectors
  }

  /** Stores the successors that are new, in the order they were met. */
  private lookUp(): void {
    this.table.internAll(this.vectors, this.waiting, this.numbers)
    for (let i = 0; i < this.waiting; i += 1)
      if (this.numbers[i]! < 0) {
        this.parents.push(this.from[i]!)
        this.via.push(this.by[i]!)
      }
    this.waiting = 0
  }

  private keep(rule: string, state: number, move: number, detail: string): void {
    if (!this.pending.has(rule)) this.pending.set(rule, { state, move, detail })
  }

  /** The moves from the initial state to a stored one, by name. */
  trace(state: number, last = -1): MoveName[] {
    const moves: number[] = last === -1 ? [] : [last]
    for (let at = state; this.parents.at(at) !== -1; at = this.parents.at(at))
      moves.push(this.via.at(at))
    moves.reverse()
    this.system.reset()
    return moves.map((move) => {
      const name = this.system.name(move)
      const found = this.system.find(name)
      if ('blocked' in found)
        throw new Error(
          `engine: the search took ${name.fn} › ${name.step}, a replay cannot (${found.blocked}). A guard or effect reads something outside the state vector.`,
        )
      this.system.fire(move)
      return name
    })
  }

  private result(ended: SearchResult['ended']): SearchResult {
    const found = new Map<string, Found>()
    for (const [rule, { state, move, detail }] of this.pending)
      found.set(rule, { trace: this.trace(state, move), detail })
    return {
      states: this.table.size,
      transitions: this.transitions,
      depth: this.depth,
      complete: ended === undefined,
      ...(ended === undefined ? {} : { ended }),
      bytes: this.bytes,
      frontier: this.table.size - this.expanded,
      found,
      exercised: this.judge.exercised,
    }
  }
}
