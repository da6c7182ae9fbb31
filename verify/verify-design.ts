/** One design against its promises: saved counterexamples first, then the search, then random runs. */
import { isDeepStrictEqual } from 'node:util'
import { randomRuns, type RandomFound } from '../engine/random/random-runs.ts'
import { isAsymmetry } from '../engine/search/equivariance.ts'
import { minimise } from '../engine/counterexample/minimise.ts'
import { BreadthFirstSearch, type SearchResult } from '../engine/search/breadth-first.ts'
import { tidy } from '../engine/counterexample/tidy.ts'
import { replay, type Trace } from '../engine/counterexample/trace.ts'
import { roughWayOf, wayOf } from '../engine/counterexample/ways.ts'
import { printable } from '../files/printable.ts'
import { worldsOf, type Design, type OtherWorld } from '../model/design.ts'
import { machineOf } from '../model/machine.ts'
import { scopes } from '../model/scope/named.ts'
import { isOfWorld, type Scope } from '../model/scope/bounds.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import { asked, factsOf, type Property } from '../properties/property.ts'
import { Benches } from './benches.ts'
import type { Counterexample } from './counterexample.ts'
import { KnownWays } from './known-ways.ts'
import { rulesFor } from './rules.ts'
import { Shelf, type Kept } from './shelf.ts'
import { saveable, type Violating } from './told.ts'
import type { Outcome, SearchedScope, Verdict } from './verdict.ts'
import {
  aloneBy,
  covers,
  isDeclared,
  nameOfWay,
  waysDeclared,
  waysGone,
  type DeclaredWays,
} from './ways.ts'

export interface VerifyOptions {
  readonly seed: number
  /** Random runs per design, and commands per run. */
  readonly runs: number
  readonly commands: number
  /** Wall-clock limit for this design, in milliseconds. */
  readonly milliseconds: number
  /** Folder of saved counterexamples. */
  readonly store: string
  /** Scopes to search to the end, for designs that name none themselves, in place of those of their family. */
  readonly search?: readonly Scope[]
}
export const defaults = {
  seed: 1,
  runs: 400,
  commands: 600,
  milliseconds: 170_000,
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
  /** A file of the store cannot be used: which, why, and the way out. */
  | { readonly type: 'unusable'; readonly design: string; readonly text: string }
  /** A counterexample of this run is gone: one that needs less has taken its place. */
  | { readonly type: 'superseded'; readonly path: string }
  /** A new or shorter counterexample is in the store, or could not be saved. */
  | ({
      readonly type: 'found'
      readonly design: string
      readonly property: string
      readonly counterexample: Counterexample
    } & Kept)

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
  private readonly asEverywhere = new Map<string, string[]>()
  private readonly shelf: Shelf
  private readonly known: KnownWays
  /** Beside the machine that is searching. */
  private readonly benches: Benches
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
    this.shelf = new Shelf(options.store, design.id, world, (text) =>
      emit({ type: 'unusable', design: design.id, text }),
    )
    this.known = new KnownWays(this.shelf)
    const { scopes: family } = design.family
    this.scopes =
      world === undefined
        ? (design.scopes ?? { ...family, searched: options.search ?? family.searched })
        : { searched: [scopes[world]] }
    this.properties = asked(properties, design.family, this.scopes.searched[0]!)
    this.benches = new Benches(design, this.properties)
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
    this.shelf.each(wanted, (it, file) => {
      const text = this.replayOne(it, file)
      this.emit({ type: 'saved', design: this.design.id, property: file, text })
    })
  }
  private replayOne(it: Counterexample, file: string): string {
    if (this.world !== undefined && !isDeepStrictEqual(it.scope, { ...scopes[this.world] }))
      return `is of another ${this.world} than there is now`
    if (this.world === undefined && !this.ownScopes.some((own) => isOfWorld(own, it.scope)))
      return 'is of another world than that of this design, and says nothing about it here'
    const { machine, judge } = this.benches.of(it.scope)
    const replayed = replay(machine, judge, it.property, it.steps as Trace)
    if (replayed.outcome === 'passes') return 'passes now'
    if (replayed.outcome === 'blocked')
      return `blocked at step ${replayed.at + 1} by ${printable(replayed.by)}`
    if (replayed.outcome === 'stopped')
      return `violates no more: at step ${replayed.at + 1} something else goes wrong, after which nothing can be believed (${replayed.by.detail})`
    const steps = it.steps.slice(0, replayed.at + 1)
    const way = wayOf(machine, judge, it.property, steps as Trace)
    this.known.saved(nameOfWay(way!), file, { ...it, steps })
    return steps.length === it.steps.length
      ? 'still violates'
      : `violates at step ${steps.length} of ${it.steps.length} already; what comes after it is not needed`
  }
  private get ownScopes(): readonly Scope[] {
    const { searched, random } = this.scopes
    return random === undefined ? searched : [...searched, random]
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
          by !== undefined && this.isKnown(rule, aloneBy(by), length),
        onFound: (rule, found) =>
          this.propose(rule, { ...found, scope, found: { by: 'search', scope: scope.name } }),
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
    const way = this.propose(rule, { trace: least, scope: random, detail, found })
    if (way !== undefined)
      this.known.metAtRandom(rule, way, { run, shrunk: [trace.length, least.length] })
  }

  /**
   * Keeps the shortest of every way, and saves it the moment it beats what is in the store. Returns the
   * name of the way, or of the known one that accounts for it.
   */
  private propose(rule: string, one: Violating): string | undefined {
    const { machine, judge } = this.benches.of(one.scope)
    const rough = roughWayOf(machine, judge, rule, one.trace)!
    // Violated before already: no way of its own.
    if (rough.length < one.trace.length) return undefined
    if (this.isKnown(rule, nameOfWay(rough), one.trace.length))
      return this.known.covering(rule, nameOfWay(rough))[0]?.way
    const steps = tidy(machine, judge, rule, one.trace)
    const way = nameOfWay(wayOf(machine, judge, rule, steps)!)
    const needsLess = this.known.covering(rule, way).some((it) => it.way !== way)
    if (needsLess || this.isKnown(rule, way, steps.length)) return way
    const isHere = isDeclared(this.declaredHere(rule), way)
    if (!isHere && isDeclared(this.declaredEverywhere(rule), way)) {
      this.asEverywhere.set(rule, [...(this.asEverywhere.get(rule) ?? []), way])
      return way
    }
    const counterexample = saveable(this.design, rule, { ...one, trace: steps })
    const { superseded, ...kept } = this.known.found(way, counterexample)
    for (const path of superseded) this.emit({ type: 'superseded', path })
    this.emit({ type: 'found', design: this.design.id, property: rule, counterexample, ...kept })
    return way
  }
  /** Is there a way that accounts for this one, by a trace of no more steps? */
  private isKnown(rule: string, way: string, length: number): boolean {
    const elsewhere = this.asEverywhere.get(rule) ?? []
    return (
      elsewhere.some((one) => covers(one, way)) ||
      this.known.covering(rule, way).some((it) => it.length <= length)
    )
  }

  private verdict({ id }: Property): Verdict {
    const outcome = this.outcome(id)
    const ways = this.known.verdict(id, (way) => isDeclared(this.declaredHere(id), way))
    const gone = this.isComplete()
      ? waysGone(
          waysDeclared(this.declared.breaks, id),
          ways.map(({ way }) => way),
        )
      : []
    return {
      design: this.design.id,
      property: id,
      ...(this.world === undefined ? {} : { world: this.world, differs: this.differs(id) }),
      outcome,
      expected:
        this.isExpected(id, outcome) && gone.length === 0 && ways.every((it) => it.isDeclared),
      searched: this.searched,
      untaken:
        this.world !== undefined
          ? []
          : [...this.taken].flatMap(([step, taken]) => (taken ? [] : [step])),
      runs: this.runs,
      steps: this.steps,
      seed: this.options.seed,
      exercised: this.exercised.has(id),
      ways,
      gone,
    }
  }
  /** In another world: the ways that are declared for every world, unless it is said to be kept here. */
  private declaredEverywhere(id: string): DeclaredWays {
    if (this.world === undefined || id in (this.declared.keeps ?? {})) return []
    return waysDeclared(this.design.breaks, id)
  }
  private declaredHere(id: string): DeclaredWays {
    return waysDeclared(this.declared.breaks, id)
  }
  private differs(id: string): boolean {
    const { breaks = {}, keeps = {} } = this.declared
    return id in keeps || id in breaks || this.known.has(id)
  }
  private isExpected(id: string, outcome: Outcome): boolean {
    if (this.asEverywhere.has(id) && !this.known.has(id))
      return !(id in (this.declared.breaks ?? {}))
    return id in (this.declared.breaks ?? {}) === (outcome === 'violated')
  }
  private isComplete(): boolean {
    return this.searched.length === this.scopes.searched.length && !this.interrupted
  }
  private outcome(id: string): Outcome {
    if (this.known.has(id) || this.asEverywhere.has(id)) return 'violated'
    if (this.covered.has(id) && this.searched.length === this.scopes.searched.length) return 'holds'
    if (this.interrupted) return 'unknown'
    return this.exercised.has(id) ? 'holds so far' : 'vacuous'
  }
}
