/** One design in one world against its promises: saved counterexamples first, then the search, then random runs. */
import { randomRuns, type RandomFound } from '../engine/random/random-runs.ts'
import { isAsymmetry } from '../engine/search/equivariance.ts'
import { minimise } from '../engine/counterexample/minimise.ts'
import { BreadthFirstSearch, type SearchResult } from '../engine/search/breadth-first.ts'
import type { Design } from '../model/design.ts'
import { machineOf } from '../model/machine.ts'
import { scopes } from '../model/scope/named.ts'
import type { Scope } from '../model/scope/bounds.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import { asked, factsOf, type Property } from '../properties/property.ts'
import { Benches } from './benches.ts'
import type { VerifyEvent } from './event.ts'
import { Declared } from './expected.ts'
import { Findings } from './findings.ts'
import type { VerifyOptions } from './options.ts'
import { differentScope, hasTheSameWays } from './record/differences.ts'
import type { RecordedWorld } from './record/record.ts'
import { rulesFor } from './rules.ts'
import type { Outcome, SearchedScope, Verdict } from './verdict.ts'
import { aloneBy, waysGone } from './ways.ts'

/** Why a record is not taken for the verdicts. */
export interface Differs {
  /** What it says that is not so, as the end of a sentence; none where it is about other counterexamples. */
  readonly wrong?: string
}

export class Verification {
  private readonly design: Design
  private readonly properties: readonly Property[]
  private readonly options: VerifyOptions
  private readonly emit: (event: VerifyEvent) => void
  private readonly deadline: number
  private readonly world: WorldName | undefined
  private readonly declared: Declared
  private readonly scopes: { readonly searched: readonly Scope[]; readonly random?: Scope }
  private readonly benches: Benches
  private readonly findings: Findings
  private readonly exercised = new Set<string>()
  private readonly searched: SearchedScope[] = []
  /** Exercised in a search that ran to its end. */
  private readonly covered = new Set<string>()
  /** Every step met, and whether a search took it. */
  private readonly taken = new Map<string, boolean>()
  private interrupted = false
  private isRecorded = false
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
    this.declared = new Declared(design, world)
    const { scopes: family } = design.family
    this.scopes =
      world === undefined
        ? (design.scopes ?? { ...family, searched: options.search ?? family.searched })
        : { searched: [scopes[world]] }
    this.properties = asked(properties, design.family, this.scopes.searched[0]!)
    this.benches = new Benches(design, this.properties)
    const { declared, benches } = this
    this.findings = new Findings({ design, world, declared, benches, store: options.store, emit })
  }

  run(): readonly Verdict[] {
    this.replaySaved()
    for (const scope of this.scopes.searched) this.searchScope(scope)
    this.randomRuns()
    return this.verdicts()
  }
  /**
   * Replays what is saved, and takes from the record what else there is to know.
   * @param again search the first scope nevertheless, and hold the record against it
   */
  recheck(recorded: RecordedWorld, again: boolean): readonly Verdict[] | Differs {
    this.replaySaved()
    if (!this.isAlike(recorded)) return {}
    if (again) this.searchScope(this.scopes.searched[0]!)
    const wrong = this.contradicted(recorded)
    if (wrong !== undefined) return { wrong }
    if (this.left() <= 0) this.interrupted = true
    if (!this.interrupted) this.adopt(recorded)
    return this.verdicts()
  }

  private verdicts(): readonly Verdict[] {
    return this.properties
      .map((property) => this.verdict(property))
      .filter(({ property, outcome }) => this.declared.counts(property, outcome))
  }

  private status(text: string): void {
    this.emit({ type: 'status', design: this.design.id, text })
  }
  private left(): number {
    return this.deadline - Date.now()
  }
  private replaySaved(): void {
    const { searched, random } = this.scopes
    const own = random === undefined ? searched : [...searched, random]
    this.findings.replaySaved(this.properties, own)
  }

  /** Is the record one of these scopes, these properties and these counterexamples? */
  private isAlike(recorded: RecordedWorld): boolean {
    const ids = this.properties.map(({ id }) => id)
    const names = this.scopes.searched.map(({ name }) => name)
    return (
      names.join() === recorded.searched.map(({ scope }) => scope).join() &&
      Object.keys(recorded.verdicts).every((id) => ids.includes(id)) &&
      (this.world !== undefined || ids.every((id) => Object.hasOwn(recorded.verdicts, id))) &&
      hasTheSameWays(recorded, ids, (id) => this.findings.ways(id))
    )
  }
  /** What the search that was made anew found, where the record says otherwise. */
  private contradicted(recorded: RecordedWorld): string | undefined {
    for (const scope of this.searched) {
      const wrong = differentScope(recorded, scope)
      if (wrong !== undefined) return wrong
    }
    const fresh = this.properties.find(({ id }) => {
      const its = recorded.verdicts[id]
      const isNew = this.findings.ways(id).some((it) => it.fresh)
      return isNew || this.findings.everywhere(id).some((way) => !its?.everywhere.includes(way))
    })
    if (fresh !== undefined)
      return `does not have every way in which ${fresh.id} is broken, or a longer counterexample`
    const missed = this.properties.find(
      ({ id }) => this.exercised.has(id) && recorded.verdicts[id]?.exercised !== true,
    )
    return missed === undefined
      ? undefined
      : `says that the situation of ${missed.id} is never reached, and it is`
  }
  private adopt({ searched, runs, steps, verdicts }: RecordedWorld): void {
    const now = this.searched.length
    this.searched.push(...searched.slice(now).map((it) => ({ ...it, from: 'record' as const })))
    for (const [id, { outcome, exercised, everywhere }] of Object.entries(verdicts)) {
      if (outcome === 'holds') this.covered.add(id)
      if (exercised) this.exercised.add(id)
      if (everywhere.length > 0) this.findings.isAsEverywhere(id, everywhere)
    }
    this.taken.clear()
    this.runs = runs
    this.steps = steps
    this.isRecorded = true
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
    const rules = rulesFor(machine, this.design, this.properties)
    const search = (preemption: boolean): SearchResult =>
      new BreadthFirstSearch(machine, rules).run({
        states: 20_000_000,
        milliseconds: this.left(),
        symmetry,
        preemption,
        spots: true,
        skips: (rule, { by }, length) =>
          by !== undefined && this.findings.isKnown(rule, aloneBy(by), length),
        onFound: (rule, found) => {
          const by = { by: 'search', scope: scope.name } as const
          this.findings.propose(rule, { ...found, scope, found: by })
        },
      })
    try {
      // What needs no race first: it accounts for everything that goes wrong by the same step in one.
      search(false)
      const result = search(true)
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
      this.searched.push({ scope: scope.name, states, standsFor, depth, from: 'search' })
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
    const result = randomRuns(
      machine,
      factsOf(machine.world).ledger,
      rules,
      { seed, runs, commands, milliseconds: this.left(), everyStep: true },
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
  private takeRandom({ rule, by, detail, trace, run }: RandomFound, random: Scope): void {
    const { machine, judge } = this.benches.of(random)
    const least = minimise(machine, judge, rule, trace, by)
    const found = { by: 'random', seed: this.options.seed, run } as const
    const way = this.findings.propose(rule, { trace: least, scope: random, detail, found })
    if (way !== undefined)
      this.findings.metAtRandom(rule, way, { run, shrunk: [trace.length, least.length] })
  }

  private verdict({ id }: Property): Verdict {
    const { design, world, findings, declared } = this
    const outcome = this.outcome(id)
    const ways = findings.ways(id)
    const everywhere = findings.everywhere(id)
    const complete = this.searched.length === this.scopes.searched.length && !this.interrupted
    const names = ways.map(({ way }) => way)
    const gone = complete ? waysGone(declared.here(id), names) : []
    const onlyAsEverywhere = everywhere.length > 0 && ways.length === 0
    const isExpected = declared.expects(id, outcome, onlyAsEverywhere)
    return {
      design: design.id,
      property: id,
      ...(world === undefined ? {} : { world, differs: declared.differs(id, ways.length > 0) }),
      outcome,
      expected: isExpected && gone.length === 0 && ways.every((it) => it.isDeclared),
      from: this.isRecorded ? 'record' : 'search',
      complete,
      searched: this.searched,
      untaken:
        world !== undefined
          ? []
          : [...this.taken].flatMap(([step, taken]) => (taken ? [] : [step])),
      runs: this.runs,
      steps: this.steps,
      seed: this.options.seed,
      exercised: this.exercised.has(id),
      ways,
      everywhere,
      gone,
    }
  }
  private outcome(id: string): Outcome {
    if (this.findings.has(id) || this.findings.everywhere(id).length > 0) return 'violated'
    if (this.covered.has(id) && this.searched.length === this.scopes.searched.length) return 'holds'
    if (this.interrupted) return 'unknown'
    return this.exercised.has(id) ? 'holds so far' : 'vacuous'
  }
}
