/**
 * Stateful property-based testing: fast-check drives a System; commands are picks among the enabled moves, so none is spent on a
 * move that cannot happen; each run has its own weights (swarm testing). The fast-check model is the
 * ledger of what is true, the fast-check real is the system under test; the rules compare them after
 * every command.
 */
import fc from 'fast-check'
import { Judge, type Rule } from '../rules/judge.ts'
import { PICKS, Run, Violated, type Wrong } from './run.ts'
import type { MoveName, System } from '../system.ts'
import type { Trace } from '../counterexample/trace.ts'

class Take<Ledger extends object> implements fc.Command<Ledger, Run> {
  private readonly pick: number
  constructor(pick: number) {
    this.pick = pick
  }
  check(): boolean {
    return true
  }
  run(_ledger: Ledger, run: Run): void {
    run.take(this.pick)
  }
  toString(): string {
    return `take ${this.pick}`
  }
}

export interface RandomBounds {
  readonly seed: number
  readonly runs: number
  /** Commands per run, at most; what they leave unfinished is drained. */
  readonly commands: number
  /** Wall-clock limit in milliseconds; when it is reached `interrupted` is set. */
  readonly milliseconds?: number
  /** Stop after this many shrink attempts per violation. */
  readonly shrinks?: number
  /** Go on looking for violations of a rule by other steps than those known (off by default). */
  readonly everyStep?: boolean
}
export interface RandomFound {
  readonly rule: string
  /** The step that did it; undefined: it was found at rest. */
  readonly by?: MoveName | undefined
  readonly detail: string
  readonly trace: Trace
  /** The run, counted from 1, in which it was first met. */
  readonly run: number
}
export interface RandomResult {
  readonly runs: number
  readonly steps: number
  readonly found: readonly RandomFound[]
  readonly exercised: ReadonlySet<string>
  readonly interrupted: boolean
}

const WEIGHTS = [0, 1, 1, 2, 4, 16, 64]

/**
 * Random runs until every rule is violated or `runs` are made. Each violation is shrunk by
 * fast-check and then taken out of what is looked for, so that one rule does not hide another; with
 * `everyStep`, nor one step that violates it another one.
 */
export function randomRuns<Ledger extends object>(
  system: System,
  ledger: Ledger,
  rules: readonly Rule[],
  bounds: RandomBounds,
  onFound: (found: RandomFound) => void = () => {},
  onRun: (runs: number, steps: number) => void = () => {},
): RandomResult {
  return new RandomRuns(system, ledger, rules, bounds, onRun).run(onFound)
}

/** What fast-check makes up: the weights of a run, its commands, and how what they leave is drained. */
type Scenario<Ledger extends object> = readonly [
  readonly number[],
  Iterable<fc.Command<Ledger, Run>>,
  number,
]
/** A violation being shrunk: every run is held against it, and the shortest that shows it is kept. */
interface Shrinking {
  readonly target: Wrong
  shortest: Pick<RandomFound, 'trace' | 'detail' | 'by'>
  attempts: number
}

class RandomRuns<Ledger extends object> {
  private runs = 0
  private steps = 0
  /** Violations that are no longer looked for. */
  private readonly known = new Set<string>()
  private shrinking: Shrinking | undefined
  private readonly judge: Judge
  private readonly deadline: number
  private readonly system: System
  private readonly ledger: Ledger
  private readonly rules: readonly Rule[]
  private readonly bounds: RandomBounds
  private readonly onRun: (runs: number, steps: number) => void

  constructor(
    system: System,
    ledger: Ledger,
    rules: readonly Rule[],
    bounds: RandomBounds,
    onRun: (runs: number, steps: number) => void,
  ) {
    this.system = system
    this.ledger = ledger
    this.rules = rules
    this.bounds = bounds
    this.onRun = onRun
    this.judge = new Judge(system, rules)
    this.deadline = Date.now() + (bounds.milliseconds ?? 2 ** 40)
  }

  run(onFound: (found: RandomFound) => void): RandomResult {
    const found: RandomFound[] = []
    let { seed } = this.bounds
    let interrupted = false
    while (!interrupted && this.runs < this.bounds.runs && !this.isEveryRuleViolated()) {
      const one = this.next(seed)
      seed = (seed + 0x9e37) | 0
      if (one !== undefined) {
        found.push(one)
        onFound(one)
      }
      interrupted = Date.now() > this.deadline
    }
    const { runs, steps } = this
    return { runs, steps, found, exercised: this.judge.exercised, interrupted }
  }
  private isEveryRuleViolated(): boolean {
    return this.bounds.everyStep !== true && this.known.size === this.rules.length
  }
  private keyOf({ rule, by }: Wrong): string {
    return this.bounds.everyStep === true ? `${rule}|${by?.fn}|${by?.step}` : rule
  }

  /** Runs until something is violated that is looked for; shrunk. Undefined when nothing is. */
  private next(seed: number): RandomFound | undefined {
    const left = Math.max(1, this.deadline - Date.now())
    const { errorInstance } = fc.check(
      fc.property(this.scenarios(), (scenario) => this.once(scenario)),
      {
        seed,
        numRuns: this.bounds.runs - this.runs,
        interruptAfterTimeLimit: left,
        skipAllAfterTimeLimit: left,
      },
    )
    if (errorInstance !== null && !(errorInstance instanceof Violated)) throw errorInstance
    const { shrinking } = this
    this.shrinking = undefined
    if (shrinking === undefined) return undefined
    this.known.add(this.keyOf(shrinking.target))
    return { rule: shrinking.target.rule, ...shrinking.shortest, run: this.runs }
  }
  private scenarios(): fc.Arbitrary<Scenario<Ledger>> {
    const take = fc.nat(PICKS - 1).map((pick) => new Take<Ledger>(pick))
    return fc.tuple(
      fc.tuple(...this.system.activities.map(() => fc.constantFrom(...WEIGHTS))),
      fc.commands([take], { maxCommands: this.bounds.commands, size: 'max' }),
      fc.nat(),
    )
  }

  /** Throws Violated when what is looked for is violated. */
  private once([weights, commands, drain]: Scenario<Ledger>): void {
    if (this.isGivenUp()) return
    const { system, judge, ledger } = this
    system.forget()
    const looking = this.lookedFor()
    let run: Run | undefined
    try {
      fc.modelRun(() => {
        run = new Run(system, judge, looking, weights)
        run.begin()
        return { model: ledger, real: run }
      }, commands)
      run!.drain(drain)
    } catch (error) {
      if (!(error instanceof Violated)) throw error
      this.keep(error.violation, run!.trace())
      throw error
    } finally {
      if (this.shrinking === undefined) this.steps += run?.moves.length ?? 0
    }
  }
  /** Counts the run, or the attempt to shrink one; is it one too many? */
  private isGivenUp(): boolean {
    if (this.shrinking !== undefined) {
      this.shrinking.attempts += 1
      return this.shrinking.attempts > (this.bounds.shrinks ?? 400)
    }
    this.runs += 1
    this.onRun(this.runs, this.steps)
    return false
  }
  private lookedFor(): (wrong: Wrong) => boolean {
    if (this.shrinking === undefined) return (wrong) => !this.known.has(this.keyOf(wrong))
    const key = this.keyOf(this.shrinking.target)
    return (wrong) => this.keyOf(wrong) === key
  }
  private keep(violation: Wrong, trace: Trace): void {
    const { detail, by } = violation
    const one = { trace, detail, by }
    if (this.shrinking === undefined)
      this.shrinking = { target: violation, shortest: one, attempts: 0 }
    else if (trace.length < this.shrinking.shortest.trace.length) this.shrinking.shortest = one
  }
}
