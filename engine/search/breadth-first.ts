/** Breadth-first search over stored states: the first trace found to a violation is a shortest one. */
import { SuccessorGenerator, type How } from './successors.ts'
import { Judge, type Rule } from '../rules/judge.ts'
import { reconstruct, type Found } from './reconstruct.ts'
import { Integers } from '../state/integers.ts'
import { VisitedSet } from '../state/visited-set.ts'
import type { Spot } from '../rules/spots.ts'
import type { System } from '../system.ts'

export interface SearchBounds extends How {
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
  /** Called as soon as a rule is first violated, with a shortest trace; with `spots`, at every spot. */
  readonly onFound?: (rule: string, found: Found) => void
  /** Is nothing new in a violation at this spot, after so many steps? Then it is not told of. */
  readonly skips?: (rule: string, spot: Spot, length: number) => boolean
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
  /** How many states the expanded ones stand for: more than themselves when members are exchanged. */
  readonly standsFor: number
}

/** A violation by the move out of a stored state. */
interface Pending {
  readonly rule: string
  readonly state: number
  readonly move: number
  readonly spot: Spot | undefined
  /** Steps from the initial state. */
  readonly length: number
}

/** States expanded before their successors are looked up together. */
const BATCH = 64

export type { Found } from './reconstruct.ts'

export class BreadthFirstSearch {
  private readonly visited: VisitedSet
  private readonly parents = new Integers()
  private readonly via = new Integers()
  private readonly judge: Judge
  private readonly pending = new Map<string, Pending>()
  /** The same, of every spot: the first met of each. */
  private readonly spots = new Map<string, Pending>()
  /** Spots met of each rule, as they are handed out: most are met again and again. */
  private readonly met = new Map<string, Set<Spot>>()
  private readonly told = new Set<Pending>()
  private transitions = 0
  private symmetric = false
  private keepsSpots = false
  private standsFor = 0
  /** States 0..expanded-1 have been expanded. */
  private expanded = 0
  private nextReport = 0
  private depth = 0
  private readonly system: System
  private numbers = new Int32Array(1024)

  constructor(system: System, rules: readonly Rule[]) {
    this.system = system
    this.visited = new VisitedSet(system.words.length)
    this.judge = new Judge(system, rules)
  }

  run(bounds: SearchBounds): SearchResult {
    const { system, visited } = this
    this.symmetric = bounds.symmetry === true
    this.keepsSpots = bounds.spots === true
    const successors = new SuccessorGenerator(system, this.judge, bounds)
    system.reset()
    if (this.symmetric) system.symmetry?.canonical(system.words)
    visited.intern(system.words)
    this.parents.push(-1)
    this.via.push(-1)
    for (const { rule } of this.judge.judge())
      this.keep({ rule, state: 0, move: -1, spot: { key: '' }, length: 0 })
    const deadline = Date.now() + (bounds.milliseconds ?? Number.POSITIVE_INFINITY)
    let levelEnd = 1
    while (this.expanded < visited.size) {
      if (this.expanded === levelEnd) {
        levelEnd = visited.size
        this.depth += 1
      }
      this.report(bounds)
      const ended = this.ended(bounds, deadline)
      if (ended !== undefined) return this.result(ended)
      const end = Math.min(this.expanded + BATCH, levelEnd)
      for (; this.expanded < end; this.expanded += 1) {
        visited.load(this.expanded, successors.source)
        const state = this.expanded
        this.transitions += successors.expand(state, ({ rule, move, spot }) =>
          this.keep({ rule, state, move, spot, length: this.depth + (move === -1 ? 0 : 1) }),
        )
      }
      this.standsFor = successors.standsFor
      this.lookUp(successors)
      this.tell(bounds)
    }
    return this.result(undefined)
  }

  private ended(bounds: SearchBounds, deadline: number): SearchResult['ended'] {
    if (this.visited.size >= bounds.states) return 'states'
    if (bounds.depth !== undefined && this.depth >= bounds.depth) return 'depth'
    const { until = [] } = bounds
    if (until.length > 0 && until.every((rule) => this.pending.has(rule))) return 'found'
    if (bounds.stop !== undefined && Atomics.load(bounds.stop, 0) !== 0) return 'interrupt'
    if (bounds.bytes !== undefined && this.bytes > bounds.bytes) return 'memory'
    return Date.now() > deadline ? 'time' : undefined
  }

  /** Between batches, when the work space may be used to rebuild a trace. */
  private tell({ onFound, skips }: SearchBounds): void {
    if (onFound === undefined) return
    const kept = this.keepsSpots ? this.spots : this.pending
    if (this.told.size === kept.size) return
    for (const one of kept.values()) {
      if (this.told.has(one)) continue
      this.told.add(one)
      const { rule, spot, length } = one
      if (spot !== undefined && skips?.(rule, spot, length) === true) continue
      onFound(one.rule, this.tellOne(one))
    }
  }

  private get bytes(): number {
    return this.visited.bytes + this.parents.bytes + this.via.bytes
  }

  private report({ onProgress }: SearchBounds): void {
    if (onProgress === undefined || Date.now() < this.nextReport) return
    this.nextReport = Date.now() + 500
    onProgress({
      states: this.visited.size,
      transitions: this.transitions,
      depth: this.depth,
      frontier: this.visited.size - this.expanded,
      bytes: this.bytes,
    })
  }

  /** Stores the successors that are new, in the order they were met. */
  private lookUp(successors: SuccessorGenerator): void {
    successors.settle()
    const { waiting, vectors, hashes, from, by } = successors
    if (this.numbers.length < waiting) this.numbers = new Int32Array(waiting * 2)
    this.visited.internAll(vectors, hashes, waiting, this.numbers)
    for (let i = 0; i < waiting; i += 1)
      if (this.numbers[i]! < 0) {
        this.parents.push(from[i]!)
        this.via.push(by[i]!)
      }
    successors.waiting = 0
  }

  private keep(one: Pending): void {
    if (!this.pending.has(one.rule)) this.pending.set(one.rule, one)
    if (!this.keepsSpots || one.spot === undefined) return
    const met = this.met.get(one.rule) ?? new Set<Spot>()
    if (met.has(one.spot)) return
    this.met.set(one.rule, met.add(one.spot))
    const key = `${one.rule}|${one.spot.key}`
    if (!this.spots.has(key)) this.spots.set(key, one)
  }

  /** The way to a stored state, and one move more unless that is -1. */
  private tellOne({ rule, state, move }: Pending): Found {
    const moves: number[] = move === -1 ? [] : [move]
    for (let at = state; this.parents.at(at) !== -1; at = this.parents.at(at))
      moves.push(this.via.at(at))
    const its = this.judge.rules.find(({ id }) => id === rule)!
    return reconstruct(this.system, its, moves.toReversed(), { symmetry: this.symmetric })
  }

  /** Loads every stored state into the work space, in the order in which they were met. */
  forEach(visit: () => void): void {
    for (let state = 0; state < this.visited.size; state += 1) {
      this.visited.load(state, this.system.words)
      visit()
    }
  }

  private result(ended: SearchResult['ended']): SearchResult {
    const found = new Map<string, Found>()
    for (const [rule, one] of this.pending) found.set(rule, this.tellOne(one))
    return {
      states: this.visited.size,
      transitions: this.transitions,
      depth: this.depth,
      complete: ended === undefined,
      ...(ended === undefined ? {} : { ended }),
      bytes: this.bytes,
      frontier: this.visited.size - this.expanded,
      found,
      exercised: this.judge.exercised,
      standsFor: this.standsFor,
    }
  }
}
