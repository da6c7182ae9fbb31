/** One design against its promises: saved counterexamples first, then the search, then random runs. */
import { isDeepStrictEqual } from 'node:util'
import { explore, type RandomFound } from '../engine/commands.ts'
import { isAsymmetry } from '../engine/equivariance.ts'
import { Judge } from '../engine/judge.ts'
import { minimise } from '../engine/minimise.ts'
import { Search, type SearchResult } from '../engine/search.ts'
import { replay, type Trace } from '../engine/trace.ts'
import { worldsOf, type Design, type OtherWorld } from '../model/designs/design.ts'
import { machineOf } from '../model/machine.ts'
import { scopes, type Scope, type WorldName } from '../model/scope.ts'
import { asked, factsOf, type Property } from '../properties/property.ts'
import type { Counterexample } from './counterexample.ts'
import { rulesFor } from './rules.ts'
import { load, pathOf, save, saved } from './store.ts'
import { counterexampleOf, type Violating } from './told.ts'
import type { Outcome, SearchedScope, Verdict } from './verdict.ts'

export interface VerifyOptions {
  readonly seed: number
  /** Random runs per design, and commands per run. */
  readonly runs: number
  readonly commands: number
  /** Wall-clock limit for this design, in milliseconds. */
  readonly milliseconds: number
  /** Folder of saved counterexamples. */
  readonly store: string
  /** Scopes to search to the end, for designs that name none themselves. */
  readonly search: readonly Scope[]
}
export const defaults = {
  seed: 1,
  runs: 1000,
  commands: 600,
  milliseconds: 170_000,
  search: [scopes.corner, scopes.medium],
} as const

export type VerifyEvent =
  | { readonly type: 'status'; readonly design: string; readonly text: string }
  /** A counterexample saved by an earlier run was replayed. */
  | {
      readonly type: 'saved'
      readonly design: string
      readonly property: string
      readonly text: string
    }
  /** A new or shorter counterexample is in the store. */
  | {
      readonly type: 'found'
      readonly design: string
      readonly property: string
      readonly path: string
    }

export function verifyDesign(
  design: Design,
  properties: readonly Property[],
  options: VerifyOptions,
  emit: (event: VerifyEvent) => void = () => {},
): readonly Verdict[] {
  const everywhere = design.scopes?.searched.length === 0 ? [] : [undefined]
  return [...everywhere, ...worldsOf(design)].flatMap((world) =>
    new Verification(design, properties, options, emit, world).run(),
  )
}

class Verification {
  private readonly design: Design
  private readonly properties: readonly Property[]
  private readonly options: VerifyOptions
  private readonly emit: (event: VerifyEvent) => void
  private readonly deadline: number
  private readonly world: WorldName | undefined
  private readonly scopes: { readonly searched: readonly Scope[]; readonly random?: Scope }
  /** Broken in another world as `breaks` says it is in every one: nothing new, and not saved. */
  private readonly asEverywhere = new Set<string>()
  private readonly best = new Map<string, Violating>()
  private readonly kept = new Map<string, Counterexample>()
  private readonly fresh = new Set<string>()
  private readonly met = new Map<string, { run: number; shrunk: readonly [number, number] }>()
  private readonly exercised = new Set<string>()
  private readonly searched: SearchedScope[] = []
  /** Exercised in a search that ran to its end. */
  private readonly covered = new Set<string>()
  /** Every step met, and whether a search took it. */
  private readonly taken = new Map<string, boolean>()
  private interrupted = false
  private runs = 0
  private steps = 0

  constructor(
    design: Design,
    properties: readonly Property[],
    options: VerifyOptions,
    emit: (event: VerifyEvent) => void,
    world?: WorldName,
  ) {
    this.design = design
    this.options = options
    this.emit = emit
    this.deadline = Date.now() + options.milliseconds
    this.world = world
    this.scopes =
      world === undefined
        ? (design.scopes ?? { searched: options.search, random: scopes.random })
        : { searched: [scopes[world]] }
    this.properties = asked(properties, design.family, this.scopes.searched[0]!)
  }

  run(): readonly Verdict[] {
    this.replaySaved()
    for (const scope of this.scopes.searched) this.searchScope(scope)
    this.randomRuns()
    return this.properties
      .map((property) => this.verdict(property))
      .filter(({ property, outcome }) => this.world === undefined || this.counts(property, outcome))
  }

  /** In another world a promise that is not about it is not reached: nothing to say, unless it was declared. */
  private counts(property: string, outcome: Outcome): boolean {
    const { breaks = {}, keeps = {} } = this.declared
    return outcome !== 'vacuous' || property in breaks || property in keeps
  }
  private get declared(): OtherWorld {
    return this.world === undefined ? this.design : (this.design.worlds?.[this.world] ?? {})
  }

  private status(text: string): void {
    this.emit({ type: 'status', design: this.design.id, text })
  }
  private left(): number {
    return this.deadline - Date.now()
  }

  private replaySaved(): void {
    const wanted = new Set(this.properties.map(({ id }) => id))
    for (const id of saved(this.options.store, this.design.id, this.world)) {
      if (!wanted.has(id)) continue
      const it = load(this.options.store, this.design.id, id, this.world)
      if (it === undefined) continue
      const text = this.replayOne(it)
      this.emit({ type: 'saved', design: this.design.id, property: id, text })
    }
  }
  private replayOne(it: Counterexample): string {
    if (this.world !== undefined && !isDeepStrictEqual(it.scope, { ...scopes[this.world] }))
      return `is of another ${this.world} than there is now`
    const machine = machineOf(this.design, it.scope)
    const judge = new Judge(machine, rulesFor(machine, this.design, this.properties))
    const replayed = replay(machine, judge, it.property, it.steps as Trace)
    if (replayed.outcome === 'passes') return 'passes now'
    if (replayed.outcome === 'blocked')
      return `blocked at step ${replayed.at + 1} by ${replayed.by}`
    this.kept.set(it.property, it)
    return 'still violates'
  }

  private searchScope(scope: Scope): void {
    if (this.left() <= 0) {
      this.interrupted = true
      return
    }
    this.status(`search ${scope.name}`)
    this.takeSearch(scope, this.searchExchanging(scope, scope.pages > 1))
  }
  /** With pages exchanged where the design lets them be. */
  private searchExchanging(scope: Scope, symmetry: boolean): SearchResult {
    const machine = machineOf(this.design, scope)
    try {
      const result = new Search(machine, rulesFor(machine, this.design, this.properties)).run({
        states: 20_000_000,
        milliseconds: this.left(),
        symmetry,
        onFound: (rule, { trace, detail }) =>
          this.propose(rule, { trace, scope, detail, found: { by: 'search', scope: scope.name } }),
      })
      for (const [step, times] of machine.coverage())
        this.taken.set(step, this.taken.get(step) === true || times > 0)
      return result
    } catch (error) {
      if (!symmetry || !isAsymmetry(error)) throw error
      return this.searchExchanging(scope, false)
    }
  }
  private takeSearch(scope: Scope, result: SearchResult): void {
    const { states, depth, standsFor } = result
    if (result.complete) {
      this.searched.push({ scope: scope.name, states, standsFor, depth })
      for (const id of result.exercised) this.covered.add(id)
    } else this.interrupted = true
    for (const id of result.exercised) this.exercised.add(id)
  }

  private randomRuns(): void {
    const { seed, runs, commands } = this.options
    if (this.left() <= 0) {
      this.interrupted = true
      return
    }
    const { random } = this.scopes
    if (random === undefined) return
    const machine = machineOf(this.design, random)
    const rules = rulesFor(machine, this.design, this.properties)
    const result = explore(
      machine,
      factsOf(machine.world).ledger,
      rules,
      { seed, runs, commands, milliseconds: this.left() },
      (found) => this.takeRandom(found, random),
      (made, steps) => {
        if (made % 50 === 0) this.status(`random runs ${made}/${runs}, ${steps} steps`)
      },
    )
    for (const step of machine.coverage().keys())
      if (!this.taken.has(step)) this.taken.set(step, false)
    this.runs = result.runs
    this.steps = result.steps
    if (result.interrupted) this.interrupted = true
    for (const id of result.exercised) this.exercised.add(id)
  }
  private takeRandom({ rule, detail, trace, run }: RandomFound, random: Scope): void {
    const machine = machineOf(this.design, random)
    const judge = new Judge(machine, rulesFor(machine, this.design, this.properties))
    const least = minimise(machine, judge, rule, trace)
    this.met.set(rule, { run, shrunk: [trace.length, least.length] })
    this.propose(rule, {
      trace: least,
      scope: random,
      detail,
      found: { by: 'random', seed: this.options.seed, run },
    })
  }

  /** Keeps the shortest, and saves it the moment it beats what is in the store. */
  private propose(rule: string, one: Violating): void {
    if (this.world !== undefined && this.isEverywhere(rule)) {
      this.asEverywhere.add(rule)
      return
    }
    const known = this.best.get(rule)
    if (known !== undefined && known.trace.length <= one.trace.length) return
    this.best.set(rule, one)
    const kept = this.kept.get(rule)
    if (kept !== undefined && kept.steps.length <= one.trace.length) return
    const counterexample = counterexampleOf(this.design, this.properties, rule, one)
    const path = save(this.options.store, counterexample, this.world)
    this.emit({ type: 'found', design: this.design.id, property: rule, path })
    this.kept.set(rule, counterexample)
    this.fresh.add(rule)
  }

  private verdict({ id }: Property): Verdict {
    const kept = this.kept.get(id)
    const outcome = this.outcome(id)
    return {
      design: this.design.id,
      property: id,
      ...(this.world === undefined
        ? {}
        : { world: this.world, differs: this.differs(id, outcome) }),
      outcome,
      expected: this.isExpected(id, outcome),
      searched: this.searched,
      untaken:
        this.world !== undefined
          ? []
          : [...this.taken].flatMap(([step, taken]) => (taken ? [] : [step])),
      runs: this.runs,
      steps: this.steps,
      seed: this.options.seed,
      exercised: this.exercised.has(id),
      ...(kept === undefined
        ? {}
        : {
            counterexample: {
              path: pathOf(this.options.store, this.design.id, id, this.world),
              length: kept.steps.length,
              fresh: this.fresh.has(id),
              ...this.met.get(id),
            },
          }),
    }
  }
  /** Broken in every world, and nothing is said about it in this one. */
  private isEverywhere(rule: string): boolean {
    const { breaks = {}, keeps = {} } = this.declared
    return rule in this.design.breaks && !(rule in breaks) && !(rule in keeps)
  }
  private differs(id: string, outcome: Outcome): boolean {
    const { keeps = {} } = this.declared
    return id in keeps || (outcome !== 'holds' && !this.asEverywhere.has(id))
  }
  private isExpected(id: string, outcome: Outcome): boolean {
    if (this.asEverywhere.has(id)) return true
    return id in (this.declared.breaks ?? {}) === (outcome === 'violated')
  }
  private outcome(id: string): Outcome {
    if (this.kept.has(id) || this.asEverywhere.has(id)) return 'violated'
    if (this.covered.has(id) && this.searched.length === this.scopes.searched.length) return 'holds'
    if (this.interrupted) return 'unknown'
    return this.exercised.has(id) ? 'holds so far' : 'vacuous'
  }
}
