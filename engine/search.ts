/** Breadth-first search over stored states: the first trace found to a violation is a shortest one. */
import { Judge, type Rule } from './judge.ts'
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
  readonly found: ReadonlyMap<string, Found>
  readonly exercised: ReadonlySet<string>
}

class Growing {
  private data = new Int32Array(4096)
  length = 0
  push(value: number): void {
    if (this.length === this.data.length) {
      const bigger = new Int32Array(this.data.length * 2)
      bigger.set(this.data)
      this.data = bigger
    }
    this.data[this.length++] = value
  }
  at(index: number): number {
    return this.data[index]!
  }
}

export class Search {
  private readonly table: StateTable
  private readonly parents = new Growing()
  private readonly via = new Growing()
  private readonly judge: Judge
  private readonly pending = new Map<string, { state: number; move: number; detail: string }>()
  private transitions = 0
  private depth = 0
  private readonly system: System

  constructor(system: System, rules: readonly Rule[]) {
    this.system = system
    this.table = new StateTable(system.words.length)
    this.judge = new Judge(system, rules)
  }

  run(bounds: SearchBounds): SearchResult {
    const { system, table } = this
    const deadline = Date.now() + (bounds.milliseconds ?? Number.POSITIVE_INFINITY)
    const wanted = new Set(bounds.until ?? [])
    system.reset()
    table.intern(system.words)
    this.parents.push(-1)
    this.via.push(-1)
    this.judge.judge()
    let levelEnd = 1
    let complete = true
    for (let state = 0; state < table.size; state += 1) {
      if (state === levelEnd) {
        levelEnd = table.size
        this.depth += 1
      }
      const late = (state & 1023) === 0 && Date.now() > deadline
      const satisfied = wanted.size > 0 && [...wanted].every((rule) => this.pending.has(rule))
      if (late || satisfied || table.size >= bounds.states) {
        complete = false
        break
      }
      if (bounds.depth !== undefined && this.depth >= bounds.depth) {
        complete = false
        break
      }
      this.expand(state)
    }
    return this.result(complete)
  }

  private expand(state: number): void {
    const { system, table } = this
    table.load(state, system.words)
    const count = system.enabled()
    const moves = system.moves.slice(0, count)
    let mayRest = true
    for (let i = 0; i < count && mayRest; i += 1) {
      const sort = system.sort(moves[i]!)
      if (sort === 'step' || sort === 'end') mayRest = false
    }
    if (mayRest) {
      for (const violation of this.judge.judgeRest().violations)
        this.keep(violation.rule, state, -1, violation.detail)
      table.load(state, system.words)
    }
    for (let i = 0; i < count; i += 1) {
      const move = moves[i]!
      if (i > 0) table.load(state, system.words)
      system.fire(move)
      this.transitions += 1
      const violations = this.judge.judge()
      for (const violation of violations) this.keep(violation.rule, state, move, violation.detail)
      if (system.reports.length > 0 && this.judge.fatal) continue
      table.intern(system.words)
      if (table.isNew) {
        this.parents.push(state)
        this.via.push(move)
      }
    }
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

  private result(complete: boolean): SearchResult {
    const found = new Map<string, Found>()
    for (const [rule, { state, move, detail }] of this.pending)
      found.set(rule, { trace: this.trace(state, move), detail })
    return {
      states: this.table.size,
      transitions: this.transitions,
      depth: this.depth,
      complete,
      found,
      exercised: this.judge.exercised,
    }
  }
}
