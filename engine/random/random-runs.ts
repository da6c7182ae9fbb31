/**
 * fast-check drives a System: commands are picks among the enabled moves, so none is spent on a
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
export function explore<Ledger extends object>(
  system: System,
  ledger: Ledger,
  rules: readonly Rule[],
  bounds: RandomBounds,
  onFound: (found: RandomFound) => void = () => {},
  onRun: (runs: number, steps: number) => void = () => {},
): RandomResult {
  const judge = new Judge(system, rules)
  const { everyStep = false } = bounds
  const known = new Set<string>()
  const keyOf = ({ rule, by }: Wrong): string =>
    everyStep ? `${rule}|${by?.fn}|${by?.step}` : rule
  const isEveryRuleViolated = (): boolean => !everyStep && known.size === rules.length
  const found: RandomFound[] = []
  const deadline = Date.now() + (bounds.milliseconds ?? 2 ** 40)
  let runs = 0
  let steps = 0
  let seed = bounds.seed
  let interrupted = false

  while (runs < bounds.runs && !isEveryRuleViolated()) {
    let target: Wrong | undefined
    let shortest: { trace: Trace; detail: string; by: MoveName | undefined } | undefined
    let shrinks = 0
    const scenario = fc.tuple(
      fc.tuple(...system.activities.map(() => fc.constantFrom(...WEIGHTS))),
      fc.commands([fc.nat(PICKS - 1).map((pick) => new Take<Ledger>(pick))], {
        maxCommands: bounds.commands,
        size: 'max',
      }),
      fc.nat(),
    )
    const once = ([weights, commands, drain]: readonly [
      readonly number[],
      Iterable<fc.Command<Ledger, Run>>,
      number,
    ]): void => {
      if (target === undefined) {
        runs += 1
        onRun(runs, steps)
      } else if ((shrinks += 1) > (bounds.shrinks ?? 400)) return
      system.forget()
      const key = target && keyOf(target)
      const looking = (wrong: Wrong): boolean =>
        key === undefined ? !known.has(keyOf(wrong)) : keyOf(wrong) === key
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
        target ??= error.violation
        const trace = run!.trace()
        if (shortest === undefined || trace.length < shortest.trace.length)
          shortest = { trace, detail: error.violation.detail, by: error.violation.by }
        throw error
      } finally {
        if (target === undefined) steps += run?.moves.length ?? 0
      }
    }
    const { errorInstance } = fc.check(fc.property(scenario, once), {
      seed,
      numRuns: bounds.runs - runs,
      interruptAfterTimeLimit: Math.max(1, deadline - Date.now()),
      skipAllAfterTimeLimit: Math.max(1, deadline - Date.now()),
    })
    if (errorInstance !== null && !(errorInstance instanceof Violated)) throw errorInstance
    seed = (seed + 0x9e37) | 0
    if (target !== undefined && shortest !== undefined) {
      known.add(keyOf(target))
      const one = { rule: target.rule, ...shortest, run: runs }
      found.push(one)
      onFound(one)
    }
    if (Date.now() > deadline) {
      interrupted = true
      break
    }
  }
  return { runs, steps, found, exercised: judge.exercised, interrupted }
}
