/**
 * The successor generator: fires what is enabled, has every step judged, and gathers what may be new
 * until it is looked up. Every search stands on it.
 */
import { Equivariance } from './equivariance.ts'
import { hashVector } from '../state/visited-set.ts'
import type { Judge, Violation } from '../rules/judge.ts'
import { mayRest } from '../rules/rest.ts'
import { Spots, type Spot } from '../rules/spots.ts'
import type { Symmetry } from '../symmetry/canonical.ts'
import type { System } from '../system.ts'

/** Bytes of successors remembered: what fits beside the rest in a processor's second-level cache. */
const RECENT_BYTES = 1 << 19

/** How a search works; what it finds of a rule does not depend on it. */
export interface How {
  /**
   * Take states that differ by an exchange of interchangeable members for one (off by default). Throws
   * an error that `isAsymmetry` knows when the members turn out not to be interchangeable.
   */
  readonly symmetry?: boolean
  /** Fuse transitions: take local steps together with the step before them (off by default): see engine/program/local-steps.ts. */
  readonly fusion?: boolean
  /**
   * May a context be interrupted by another one while it could go on (on by default)? Without, everything
   * that is begun runs until it ends or waits: what goes wrong then needs no race.
   */
  readonly preemption?: boolean
  /** Tell of every violation its spot (off by default): see engine/rules/spots.ts. */
  readonly spots?: boolean
  /** Cache transitions: find what steps did again instead of working it out (on by default). */
  readonly caching?: boolean
}

export interface Broken {
  readonly rule: string
  /** The move that violates it, or -1: the state itself does, at rest. */
  readonly move: number
  /** When spots are asked for: undefined also when the state before was as wrong. */
  readonly spot?: Spot | undefined
}

export class SuccessorGenerator {
  /** Successors waiting to be looked up: vectors one after another, their hashes, parents and moves. */
  vectors: Uint32Array<ArrayBuffer>
  hashes = new Int32Array(1024)
  from = new Int32Array(1024)
  by = new Int32Array(1024)
  waiting = 0
  /** How many states those expanded stand for: themselves, and all that differ by an exchange. */
  standsFor = 0
  /** The state being expanded; whoever expands loads it here. */
  readonly source: Uint32Array
  private readonly system: System
  private readonly judge: Judge
  private readonly symmetry: Symmetry | undefined
  private readonly width: number
  /** Successors met lately. Most are met again soon, by another order of the same steps. */
  private readonly recent: Uint32Array
  private readonly recentMask: number
  private readonly equivariance: Equivariance | undefined
  private readonly preemption: boolean
  private readonly spots: Spots | undefined

  constructor(system: System, judge: Judge, how: How) {
    const { symmetry = false, fusion, caching = true, preemption = true, spots = false } = how
    this.system = system
    this.preemption = preemption
    if (spots) this.spots = new Spots(system, (rule) => judge.isWrong(rule))
    this.judge = judge
    system.caching = caching
    if (fusion !== undefined) system.fused = fusion
    this.symmetry = symmetry ? system.symmetry : undefined
    if (this.symmetry !== undefined)
      this.equivariance = new Equivariance(system, this.symmetry, judge.rules)
    this.width = system.words.length
    this.source = new Uint32Array(this.width)
    this.vectors = new Uint32Array(this.width * 1024)
    let slots = 1024
    while (slots * 2 * this.width * 4 <= RECENT_BYTES) slots *= 2
    this.recentMask = slots - 1
    this.recent = new Uint32Array(slots * this.width)
    this.spoilZeros()
  }

  /**
   * An untouched slot looks like the vector of zeros, which is looked for in one slot only. There a vector
   * is put that is looked for elsewhere, so that no vector is taken for met before it was.
   */
  private spoilZeros(): void {
    const { recentMask, width } = this
    if (width === 0) return
    const vector = new Uint32Array(width)
    const slotOf = (): number => hashVector(vector, 0, width) & recentMask
    const slot = slotOf()
    do vector[0]! += 1
    while (slotOf() === slot)
    this.recent.set(vector, slot * width)
  }

  /** Gathers the successors of the state in `source`; returns how many there are. */
  expand(state: number, broken: (violation: Broken) => void): number {
    const { system, source, judge, width } = this
    const { words } = system
    for (let n = 0; n < width; n += 1) words[n] = source[n]!
    this.equivariance?.check()
    this.standsFor += this.symmetry?.orbitSize(words) ?? 1
    const count = system.enabled()
    if (mayRest(system, count)) this.judgeRest(broken)
    if (this.waiting + count > this.by.length) this.grow(count)
    const first = this.waiting
    for (let i = 0; i < count; i += 1) this.by[first + i] = system.moves[i]!
    const onlySteps = !this.preemption && this.someStep(count)
    for (let i = 0; i < count; i += 1) {
      const move = this.by[first + i]!
      if (onlySteps && system.sort(move) !== 'step') continue
      const known = system.succeed(i, this.vectors, this.waiting * width)
      if ((!known || judge.watches) && this.isFatal(move, known, broken)) continue
      this.from[this.waiting] = state
      this.by[this.waiting] = move
      this.waiting += 1
    }
    return count
  }
  /** The rules for rest are asked of the state in `source`; its moves are listed anew. */
  private judgeRest(broken: (violation: Broken) => void): void {
    const { system, judge, source } = this
    for (const violation of judge.judgeRest().violations) broken(this.broken(violation, -1))
    system.words.set(source)
    system.enabled()
  }
  /**
   * Has a move judged, and puts what it leads to behind what waits if it is not there, being known; true
   * when nothing after it can be believed.
   */
  private isFatal(move: number, known: boolean, broken: (violation: Broken) => void): boolean {
    const { system, source, vectors, width } = this
    const { words } = system
    const to = this.waiting * width
    if (known) for (let n = 0; n < width; n += 1) words[n] = vectors[to + n]!
    else system.fire(move)
    const isFatal = this.judgeStep(move, broken)
    if (!isFatal) for (let n = 0; n < width; n += 1) vectors[to + n] = words[n]!
    for (let n = 0; n < width; n += 1) words[n] = source[n]!
    return isFatal
  }
  private broken(violation: Violation, move: number): Broken {
    const { rule } = violation
    return { rule, move, spot: this.spots?.of(violation, move, this.source) }
  }
  /** Of the moves just listed, is one a step of somebody who has begun? */
  private someStep(count: number): boolean {
    const { system } = this
    for (let i = 0; i < count; i += 1) if (system.sort(system.moves[i]!) === 'step') return true
    return false
  }
  /** Has the step that led to the state in the work space judged; true when nothing after it can be believed. */
  private judgeStep(move: number, broken: (violation: Broken) => void): boolean {
    const { system, judge } = this
    if (!judge.watches && system.reports.length === 0) return false
    for (const violation of judge.judge()) broken(this.broken(violation, move))
    return system.reports.length > 0 && judge.fatal
  }

  /**
   * Makes what waits ready to be looked up: members put in order, hashed, and what was met lately left
   * out. In loops of their own, so that the processor has many cache misses under way at once.
   */
  settle(): void {
    const { width, vectors, hashes, waiting, symmetry } = this
    for (let i = 0; i < waiting; i += 1) hashes[i] = hashVector(vectors, i * width, width)
    let kept = 0
    for (let i = 0; i < waiting; i += 1) if (!this.isRecent(i)) this.move(i, kept++)
    if (symmetry !== undefined) kept = this.leastOf(kept, symmetry)
    this.waiting = kept
  }
  /** Of the first `count`, the least that differ from them by an exchange; those met lately are left out. */
  private leastOf(count: number, symmetry: Symmetry): number {
    const { width, vectors, hashes, source } = this
    let kept = 0
    for (let i = 0; i < count; i += 1) {
      const at = i * width
      for (let n = 0; n < width; n += 1) source[n] = vectors[at + n]!
      if (symmetry.canonical(source)) {
        for (let n = 0; n < width; n += 1) vectors[at + n] = source[n]!
        hashes[i] = hashVector(vectors, at, width)
        if (this.isRecent(i)) continue
      }
      this.move(i, kept++)
    }
    return kept
  }
  /** Was this one met lately? It is from now on. */
  private isRecent(index: number): boolean {
    const { recent, vectors, width } = this
    const slot = (this.hashes[index]! & this.recentMask) * width
    const at = index * width
    let n = 0
    while (n < width && recent[slot + n] === vectors[at + n]) n += 1
    if (n === width) return true
    for (; n < width; n += 1) recent[slot + n] = vectors[at + n]!
    return false
  }
  private move(index: number, to: number): void {
    if (index === to) return
    const { width, vectors } = this
    for (let n = 0; n < width; n += 1) vectors[to * width + n] = vectors[index * width + n]!
    this.hashes[to] = this.hashes[index]!
    this.from[to] = this.from[index]!
    this.by[to] = this.by[index]!
  }

  private grow(count: number): void {
    const size = (this.waiting + count) * 2
    const longer = <T extends Int32Array | Uint32Array>(old: T, length: number): T => {
      const grown = new (old.constructor as new (length: number) => T)(length)
      grown.set(old)
      return grown
    }
    this.by = longer(this.by, size)
    this.from = longer(this.from, size)
    this.hashes = longer(this.hashes, size)
    this.vectors = longer(this.vectors, size * this.width)
  }
}
