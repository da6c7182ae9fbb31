/**
 * Transition caching (LTSmin): what a machine's contexts may do and what their steps did is found again
 * instead of being worked out again. A context in a given place looks at few bits of the state, so most
 * answers come up again and again.
 */
import type { Automaton, Node } from './automaton.ts'
import type { ControlWords } from './control-words.ts'
import type { Footprint } from '../state/layout.ts'
import { Memo } from './memo.ts'
import { CHOICES, STARTS } from './move-numbers.ts'
import type { Report } from '../system.ts'

/** What came of firing a move, apart from the change of the state. */
export interface Outcome {
  readonly reports: readonly Report[]
  /** The control states it left: counted as taken. */
  readonly nodes: readonly Node[]
}

/** What is cached: the model, run step by step. */
export interface Uncached {
  readonly reports: Report[]
  readonly parts: {
    readonly words: Uint32Array
    /** What views note: of a state, the bits read and written. */
    readonly footprint: Footprint
    readonly control: ControlWords
    readonly automaton: Automaton
    readonly starts: { readonly begun: number[] }
  }
  readonly enabled: {
    readonly moves: Int32Array
    /** Appends the moves of a context; views note what is looked at, when they are to. */
    of(context: number, from: number, noting: boolean): number
    /** Called when a guard, or options, of this context wrote to the state, which is as it was before. */
    refuseWrites(context: number): never
  }
  /** Control states left from now on are added to this. */
  leaving: Node[] | undefined
  workOut(move: number, noting: boolean): void
}

/** The number of the first outcome, of a step that left no control state: it is not enabled. */
const BLOCKED = 0

/** What a context may do in one place: a list of moves, or one step without a choice and what it does. */
interface Offer {
  readonly memo: Memo
  readonly isStep: boolean
}

export class TransitionCache {
  private readonly of: Uncached
  private readonly words: Uint32Array
  private readonly listed: Int32Array
  private readonly footprint: Footprint
  private readonly control: ControlWords
  private readonly begun: number[]
  /** What a context may do, by context and control state. */
  private readonly offers: (Offer | undefined)[][]
  /** What a choice does, by context, control state and choice; what a start does. */
  private readonly choices: ((Memo | undefined)[] | undefined)[][]
  private readonly starts: (Memo | undefined)[] = []
  private readonly lists = new Interned<Int32Array>((moves) => moves.join())
  private readonly outcomes = new Interned<Outcome>(textOf)
  /** For each of the moves listed last: where what it does is stored, if that is known by now. */
  private readonly memos: (Memo | undefined)[] = []
  private readonly rows: Int32Array
  private readonly before: Uint32Array
  private readonly seen: Uint32Array

  constructor(of: Uncached) {
    const { words, footprint, control, starts } = of.parts
    this.of = of
    this.words = words
    this.listed = of.enabled.moves
    this.footprint = footprint
    this.control = control
    this.begun = starts.begun
    this.rows = new Int32Array(this.listed.length)
    this.before = new Uint32Array(words.length)
    this.seen = new Uint32Array(words.length)
    this.outcomes.number({ reports: [], nodes: [] })
    this.offers = control.slots.map(() => [])
    this.choices = control.slots.map(() => [])
  }

  /** Appends the moves of one context. */
  moves(context: number, from: number): number {
    const offer = this.offerOf(context)
    const { memo, isStep } = offer
    if (memo.isUseless) return this.plainly(context, from)
    let row = memo.find(this.words)
    if (row === -1) {
      this.learnOffer(offer, context, from)
      row = memo.find(this.words)
      if (row === -1) return this.plainly(context, from)
    }
    const answer = memo.answerAt(row)
    if (isStep) {
      if (answer === BLOCKED) return from
      this.listed[from] = context * CHOICES
      this.memos[from] = memo
      this.rows[from] = row
      return from + 1
    }
    return this.list(this.lists.at(answer), from)
  }
  private offerOf(context: number): Offer {
    const id = this.control.at(context)
    return (this.offers[context]![id] ??= {
      memo: new Memo(),
      isStep: id !== 0 && this.isPlain(context),
    })
  }
  /** Does this context stand before a step without a choice? It is not idle. */
  private isPlain(context: number): boolean {
    const { automaton } = this.of.parts
    return automaton.node(this.control.at(context)).action.kind !== 'choose'
  }
  private list(known: Int32Array, from: number): number {
    const { listed } = this
    for (let i = 0; i < known.length; i += 1) {
      listed[from + i] = known[i]!
      this.memos[from + i] = undefined
    }
    return from + known.length
  }
  private learnOffer({ memo, isStep }: Offer, context: number, from: number): void {
    if (isStep) return this.learn(memo, context * CHOICES)
    const { words, listed, footprint } = this
    this.begin()
    const to = this.look(context, from)
    memo.add(words, words, footprint, this.lists.number(listed.slice(from, to)))
  }
  /** Lists the moves of a context, and sees to it that looking changed nothing. */
  private look(context: number, from: number): number {
    const { words, footprint } = this
    this.seen.set(words)
    const to = this.of.enabled.of(context, from, true)
    for (let n = 0; n < words.length; n += 1)
      if (footprint.written[n] !== 0) {
        words.set(this.seen)
        this.of.enabled.refuseWrites(context)
      }
    return to
  }
  private plainly(context: number, from: number): number {
    const to = this.of.enabled.of(context, from, false)
    for (let i = from; i < to; i += 1) this.memos[i] = undefined
    return to
  }
  /** Writes the successor by move `index` of those listed last, if it is known and reports nothing. */
  succeed(index: number, into: Uint32Array, to: number): boolean {
    const { words } = this
    const move = this.listed[index]!
    let memo = this.memos[index]
    let row = this.rows[index]!
    if (memo === undefined) {
      memo = this.memoOf(move)
      row = memo.find(words)
      if (row === -1) return false
    }
    const { nodes, reports } = this.outcomes.at(memo.answerAt(row))
    if (reports.length > 0) return false
    if (this.of.reports.length > 0) this.of.reports.length = 0
    memo.apply(row, words, into, to)
    this.count(move, nodes)
    return true
  }
  fire(move: number): void {
    const { words } = this
    const memo = this.memoOf(move)
    if (memo.isUseless) return this.of.workOut(move, false)
    let row = memo.find(words)
    if (row === -1) {
      this.learn(memo, move)
      row = memo.find(words)
      if (row === -1) return this.of.workOut(move, false)
    }
    const outcome = this.outcomes.at(memo.answerAt(row))
    memo.apply(row, words, words, 0)
    this.count(move, outcome.nodes)
    this.of.reports.push(...outcome.reports)
  }
  private count(move: number, nodes: readonly Node[]): void {
    for (let i = 0; i < nodes.length; i += 1) nodes[i]!.taken += 1
    if (move >= STARTS) this.begun[move - STARTS]! += 1
  }

  private memoOf(move: number): Memo {
    if (move >= STARTS) return (this.starts[move - STARTS] ??= new Memo())
    const context = (move / CHOICES) | 0
    const offer = this.offerOf(context)
    if (offer.isStep) return offer.memo
    const id = this.control.at(context)
    const byChoice = (this.choices[context]![id] ??= [])
    return (byChoice[move % CHOICES] ??= new Memo())
  }

  private begin(): void {
    this.footprint.read.fill(0)
    this.footprint.written.fill(0)
  }
  /** Stores what the move does in the state in the work space, which is left as it was. */
  private learn(memo: Memo, move: number): void {
    const { words, footprint, before } = this
    const { reports } = this.of
    before.set(words)
    reports.length = 0
    const nodes: Node[] = []
    this.begin()
    const context = (move / CHOICES) | 0
    const step = move < STARTS && this.isPlain(context)
    const spare = this.listed.length - 1
    if (step && this.look(context, spare) === spare) {
      memo.add(before, words, footprint, BLOCKED)
      return
    }
    this.of.leaving = nodes
    this.of.workOut(move, true)
    this.of.leaving = undefined
    // It was not taken yet.
    for (const node of nodes) node.taken -= 1
    if (move >= STARTS) this.begun[move - STARTS]! -= 1
    const outcome = this.outcomes.number({ reports: reports.slice(), nodes })
    memo.add(before, words, footprint, outcome)
    reports.length = 0
    words.set(before)
  }
}

/** Equal values have one number. */
class Interned<T> {
  private readonly values: T[] = []
  private readonly numbers = new Map<string, number>()
  private readonly textOf: (value: T) => string
  constructor(textOf: (value: T) => string) {
    this.textOf = textOf
  }
  at(number: number): T {
    return this.values[number]!
  }
  number(value: T): number {
    const text = this.textOf(value)
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    this.numbers.set(text, this.values.length)
    return this.values.push(value) - 1
  }
}
const textOf = ({ reports, nodes }: Outcome): string =>
  JSON.stringify([reports, nodes.map(({ id }) => id)])
