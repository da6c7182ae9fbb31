/** The ways in which one design breaks its properties in one world, each with its counterexample. */
import type { Counterexample } from './counterexample.ts'
import type { Kept, Shelf } from './shelf.ts'
import type { BrokenWay } from './verdict.ts'
import { covers, wrongOf } from './ways.ts'

interface Known {
  readonly way: string
  readonly counterexample: Counterexample
  /** Its file, without folder and ending. */
  readonly file: string
  readonly fresh: boolean
}
type Met = Pick<BrokenWay, 'run' | 'shrunk'>

export class KnownWays {
  private readonly known = new Map<string, Known[]>()
  private readonly met = new Map<string, Met>()
  /** Files that hold a counterexample which still violates. */
  private readonly files = new Set<string>()
  private readonly shelf: Shelf

  constructor(shelf: Shelf) {
    this.shelf = shelf
  }

  has(property: string): boolean {
    return this.known.has(property)
  }
  private of(property: string): readonly Known[] {
    return this.known.get(property) ?? []
  }

  /** A counterexample that was saved by an earlier run and still violates. */
  saved(way: string, file: string, counterexample: Counterexample): void {
    this.put({ way, file, counterexample, fresh: false })
  }

  /** Those that need no more than this way does, and the steps of their counterexamples. */
  covering(
    property: string,
    way: string,
  ): readonly { readonly way: string; readonly length: number }[] {
    return this.of(property)
      .filter((it) => covers(it.way, way))
      .map((it) => ({ way: it.way, length: it.counterexample.steps.length }))
  }

  /**
   * Saves it, in the place of one of this run that needs more than it does if there is one; others of the kind
   * are removed, and their paths returned. What an earlier run saved is replaced by what is no longer than it.
   */
  found(
    way: string,
    counterexample: Counterexample,
  ): Kept & { readonly superseded: readonly string[] } {
    const { property } = counterexample
    const mine = this.of(property)
    const isBetter = (it: Known): boolean =>
      covers(way, it.way) &&
      (it.fresh || counterexample.steps.length <= it.counterexample.steps.length)
    const replaced = mine.find((it) => it.way === way) ?? mine.find(isBetter)
    const file = replaced?.file ?? this.freeFile(property, way)
    const superseded = mine
      .filter((it) => it.fresh && it.file !== file && covers(way, it.way))
      .map(({ file: gone }) => {
        this.files.delete(gone)
        return this.shelf.remove(gone)
      })
    this.put({ way, file, counterexample, fresh: true })
    return { ...this.shelf.put(counterexample, file), superseded }
  }
  /** How random runs came by it. */
  metAtRandom(property: string, way: string, met: Met): void {
    const key = `${property} ${way}`
    if (!this.met.has(key)) this.met.set(key, met)
  }

  private put(one: Known): void {
    this.files.add(one.file)
    const { property } = one.counterexample
    const others = this.of(property).filter((it) => !covers(one.way, it.way))
    this.known.set(property, [...others, one])
  }
  /** The first way has the name of its property; others add what is done wrong. */
  private freeFile(property: string, way: string): string {
    if (!this.files.has(property)) return property
    const words = wrongOf(way).match(/\w+/g) ?? []
    const name = `${property}.${words.join('-').slice(0, 80)}`
    for (let n = 2; ; n += 1) {
      const file = n === 2 ? name : `${name}-${n}`
      if (!this.files.has(file)) return file
    }
  }

  /** Every way a property is broken in, the shortest counterexample first. */
  verdict(property: string, isDeclared: (way: string) => boolean): readonly BrokenWay[] {
    return this.of(property)
      .map(({ way, file, counterexample, fresh }) => ({
        way,
        isDeclared: isDeclared(way),
        ...this.shelf.whereIs(file),
        length: counterexample.steps.length,
        fresh,
        ...this.met.get(`${property} ${way}`),
      }))
      .toSorted((a, b) => a.length - b.length || (a.way < b.way ? -1 : 1))
  }
}
