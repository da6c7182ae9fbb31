/** One random run: moves are picked among the enabled ones, by the weights of this run. */
import type { Judge, Violation } from '../rules/judge.ts'
import type { Describe, Explore, MoveName, MoveSort } from '../system.ts'
import type { Trace } from '../counterexample/trace.ts'

/** A violation, and the step that did it; none: it was found at rest, or where the run began. */
export interface Wrong extends Violation {
  readonly by?: MoveName
}
/** Thrown out of a run when something that is looked for is violated. */
export class Violated extends Error {
  readonly violation: Wrong
  constructor(violation: Wrong) {
    super(`${violation.rule}: ${violation.detail}`)
    this.violation = violation
  }
}

/** Picks are numbers below this. */
export const PICKS = 1 << 16
const DRAIN_LIMIT = 4000

export class Run {
  readonly moves: number[] = []
  private dead = false
  /** Only the first violation of a rule counts: what comes after it may be a consequence. */
  private readonly violated = new Set<string>()
  private readonly system: Explore & Describe
  private readonly judge: Judge
  private readonly wanted: (wrong: Wrong) => boolean
  private readonly weights: readonly number[]

  /**
   * @param wanted is this a violation that ends the run? Others are passed over
   * @param weights how likely each activity of the system is in this run (a swarm subset has zeros)
   */
  constructor(
    system: Explore & Describe,
    judge: Judge,
    wanted: (wrong: Wrong) => boolean,
    weights: readonly number[],
  ) {
    this.system = system
    this.judge = judge
    this.wanted = wanted
    this.weights = weights
    system.reset()
  }

  /** Judges the state the run starts from. */
  begin(): void {
    this.refuse(this.judge.judge())
  }

  /** Takes one enabled move, chosen by `pick` (0..PICKS-1). Does nothing when nothing is enabled. */
  take(pick: number): void {
    if (this.dead) return
    const count = this.system.enabled()
    if (count > 0) this.fire(this.weigh(pick, count))
  }

  /**
   * Lets everything come to an end: no new work, every held packet is released, every function
   * returns. Then the rules for rest are asked.
   */
  drain(seed: number): void {
    let state = seed | 1
    for (let n = 0; n < DRAIN_LIMIT && !this.dead; n += 1) {
      const going = this.ending()
      if (going.length === 0) {
        const { rest, violations } = this.judge.judgeRest()
        this.refuse(violations)
        if (rest) return
      }
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      const moves = going.length === 0 ? this.retries() : going
      if (moves.length === 0) return
      this.fire(moves[(state >>> 8) % moves.length]!)
    }
  }

  private ending(): number[] {
    return this.enabledOf((sort) => sort === 'step' || sort === 'end')
  }
  private retries(): number[] {
    return this.enabledOf((sort) => sort === 'retry')
  }
  private enabledOf(keep: (sort: MoveSort) => boolean): number[] {
    const { system } = this
    const count = system.enabled()
    const kept: number[] = []
    for (let i = 0; i < count; i += 1)
      if (keep(system.sort(system.moves[i]!))) kept.push(system.moves[i]!)
    return kept
  }

  private weigh(pick: number, count: number): number {
    const { system, weights } = this
    let total = 0
    for (let i = 0; i < count; i += 1) total += weights[system.activity(system.moves[i]!)]!
    if (total === 0) return system.moves[pick % count]!
    let left = Math.floor((pick * total) / PICKS)
    for (let i = 0; i < count; i += 1) {
      left -= weights[system.activity(system.moves[i]!)]!
      if (left < 0) return system.moves[i]!
    }
    return system.moves[count - 1]!
  }

  private fire(move: number): void {
    this.moves.push(move)
    const by = this.system.name(move)
    this.system.fire(move)
    this.refuse(this.judge.judge(), by)
    if (this.system.reports.length > 0 && this.judge.fatal) this.dead = true
  }

  private refuse(violations: readonly Violation[], by?: MoveName): void {
    for (const violation of violations) {
      if (this.violated.has(violation.rule)) continue
      this.violated.add(violation.rule)
      const wrong = by === undefined ? violation : { ...violation, by }
      if (this.wanted(wrong)) throw new Violated(wrong)
    }
  }

  /** The moves of this run by name. Runs them again. */
  trace(): Trace {
    this.system.reset()
    return this.moves.map((move) => {
      this.system.enabled()
      const name = this.system.name(move)
      this.system.fire(move)
      return name
    })
  }
}
