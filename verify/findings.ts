/** The ways in which one design breaks its properties in one world: those saved, and those that are found. */
import { isDeepStrictEqual } from 'node:util'
import { tidy } from '../engine/counterexample/tidy.ts'
import { replay, type Trace } from '../engine/counterexample/trace.ts'
import { roughWayOf, wayOf } from '../engine/counterexample/ways.ts'
import { printable } from '../files/printable.ts'
import type { Design } from '../model/design.ts'
import { scopes } from '../model/scope/named.ts'
import { isOfWorld, type Scope } from '../model/scope/bounds.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import type { Property } from '../properties/property.ts'
import type { Benches } from './benches.ts'
import type { Counterexample } from './counterexample.ts'
import type { Declared } from './expected.ts'
import { KnownWays } from './known-ways.ts'
import { Shelf } from './shelf.ts'
import { saveable, type Violating } from './told.ts'
import type { BrokenWay } from './verdict.ts'
import type { VerifyEvent } from './event.ts'
import { covers, isDeclared, nameOfWay } from './ways.ts'

interface Of {
  readonly design: Design
  readonly world: WorldName | undefined
  readonly declared: Declared
  /** Beside the machine that is searching. */
  readonly benches: Benches
  /** Folder of saved counterexamples. */
  readonly store: string
  readonly emit: (event: VerifyEvent) => void
}

export class Findings {
  /** Broken in another world as `breaks` says it is in every one: nothing new, and not saved. */
  private readonly asEverywhere = new Map<string, readonly string[]>()
  private readonly shelf: Shelf
  private readonly known: KnownWays
  private readonly of: Of

  constructor(of: Of) {
    const { design, world, store, emit } = of
    this.of = of
    this.shelf = new Shelf(store, design.id, world, (text) =>
      emit({ type: 'unusable', design: design.id, text }),
    )
    this.known = new KnownWays(this.shelf)
  }

  /** Broken in a way of its own. */
  has(property: string): boolean {
    return this.known.has(property)
  }
  ways(property: string): readonly BrokenWay[] {
    const declared = this.of.declared.here(property)
    return this.known.verdict(property, (way) => isDeclared(declared, way))
  }
  /** Ways in which it is broken as in every world. */
  everywhere(property: string): readonly string[] {
    return this.asEverywhere.get(property) ?? []
  }
  isAsEverywhere(property: string, ways: readonly string[]): void {
    this.asEverywhere.set(property, ways)
  }

  /** @param ownScopes those of the world of every design: a counterexample is of that world or says nothing. */
  replaySaved(properties: readonly Property[], ownScopes: readonly Scope[]): void {
    const { design, emit } = this.of
    const wanted = new Set(properties.map(({ id }) => id))
    this.shelf.each(wanted, (it, file) => {
      const text = this.replayOne(it, file, ownScopes)
      emit({ type: 'saved', design: design.id, property: file, text })
    })
  }
  private replayOne(it: Counterexample, file: string, ownScopes: readonly Scope[]): string {
    const { world, benches } = this.of
    if (world !== undefined && !isDeepStrictEqual(it.scope, { ...scopes[world] }))
      return `is of another ${world} than there is now`
    if (world === undefined && !ownScopes.some((own) => isOfWorld(own, it.scope)))
      return 'is of another world than that of this design, and says nothing about it here'
    const { machine, judge } = benches.of(it.scope)
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

  /**
   * Keeps the shortest of every way, and saves it the moment it beats what is in the store. Returns the
   * name of the way, or of the known one that accounts for it.
   */
  propose(rule: string, one: Violating): string | undefined {
    const { machine, judge } = this.of.benches.of(one.scope)
    const rough = roughWayOf(machine, judge, rule, one.trace)!
    // Violated before already: no way of its own.
    if (rough.length < one.trace.length) return undefined
    if (this.isKnown(rule, nameOfWay(rough), one.trace.length))
      return this.known.covering(rule, nameOfWay(rough))[0]?.way
    const steps = tidy(machine, judge, rule, one.trace)
    const way = nameOfWay(wayOf(machine, judge, rule, steps)!)
    const needsLess = this.known.covering(rule, way).some((it) => it.way !== way)
    if (needsLess || this.isKnown(rule, way, steps.length)) return way
    const { declared } = this.of
    if (!isDeclared(declared.here(rule), way) && isDeclared(declared.everywhere(rule), way)) {
      this.asEverywhere.set(rule, [...this.everywhere(rule), way])
      return way
    }
    this.save(rule, way, { ...one, trace: steps })
    return way
  }
  private save(property: string, way: string, violating: Violating): void {
    const { design, emit } = this.of
    const counterexample = saveable(design, property, violating)
    const { superseded, ...kept } = this.known.found(way, counterexample)
    for (const path of superseded) emit({ type: 'superseded', path })
    emit({ type: 'found', design: design.id, property, counterexample, ...kept })
  }
  /** Is there a way that accounts for this one, by a trace of no more steps? */
  isKnown(rule: string, way: string, length: number): boolean {
    return (
      this.everywhere(rule).some((one) => covers(one, way)) ||
      this.known.covering(rule, way).some((it) => it.length <= length)
    )
  }
  /** How random runs came by it. */
  metAtRandom(rule: string, way: string, met: Pick<BrokenWay, 'run' | 'shrunk'>): void {
    this.known.metAtRandom(rule, way, met)
  }
}
