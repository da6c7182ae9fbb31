/**
 * What a machine's contexts may do and what their steps did, recalled instead of worked out again. A
 * context in a given place looks at few bits of the state, so most answers come up again and again.
 */
import type { Node } from './automaton.ts'
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

/** What it is recalled of: a machine, seen from inside. */
export interface Recalled {
  readonly words: Uint32Array
  readonly moves: Int32Array
  readonly reports: Report[]
  /** What views note: of a state, the bits read and written. */
  readonly footprint: Footprint
  readonly contexts: number
  /** The control state of a context. */
  at(context: number): number
  /** Does this context stand before a step without a choice? It is not idle. */
  isPlain(context: number): boolean
  /** Appends the moves of a context; views note what is looked at. */
  movesOf(context: number, from: number, noting: boolean): number
  workOut(move: number, noting: boolean): void
  /** Called when a guard, or options, of this context wrote to the state, which is as it was before. */
  refuseWrites(context: number): never
  /** Nodes left from now on are added to this. */
  taking(nodes: Node[] | undefined): void
  /** How often each start was taken. */
  readonly begun: number[]
}

/** The number of the first outcome, of a step that left no control state: it is not enabled. */
const BLOCKED = 0

/** What a context may do in one place: a list of moves, or one step without a choice and what it does. */
interface Offer {
  readonly memo: Memo
  readonly isStep: boolean
}

export class Recall {
  private readonly of: Recalled
  /** What a context may do, by context and control state. */
  private readonly offers: (Offer | undefined)[][] = []
  /** What a choice does, by context, control state and choice; what a start does. */
  private readonly choices: ((Memo | undefined)[] | undefined)[][] = []
  private readonly starts: (Memo | undefined)[] = []
  private readonly lists = new Interned<Int32Array>((moves) => moves.join())
  private readonly outcomes = new Interned<Outcome>(textOf)
  /** For each of the moves listed last: where what it does is stored, if that is known by now. */
  private readonly memos: (Memo | undefined)[] = []
  private readonly rows: Int32Array
  private readonly before: Uint32Array
  private readonly seen: Uint32Array

  constructor(of: Recalled) {
    this.of = of
    this.rows = new Int32Array(of.moves.length)
    this.before = new Uint32Array(of.words.length)
    this.seen = new Uint32Array(of.words.length)
    this.outcomes.number({ reports: [], nodes: [] })
    for (let context = 0; context < of.contexts; context += 1) {
      this.offers.push([])
      this.choices.push([])
    }
  }

  /** Appends the moves of one context. */
  moves(context: number, from: number): number {
    const offer = this.offerOf(context)
    const { memo, isStep } = offer
    if (memo.isUseless) return this.plainly(context, from)
    let row = memo.find(this.of.words)
    if (row === -1) {
      this.learnOffer(offer, context, from)
      row = memo.find(this.of.words)
      if (row === -1) return this.plainly(context, from)
    }
    const answer = memo.answerAt(row)
    if (isStep) {
      if (answer === BLOCKED) return from
      this.of.moves[from] = context * CHOICES
      this.memos[from] = memo
      this.rows[from] = row
      return from + 1
    }
    return this.list(this.lists.at(answer), from)
  }
  private offerOf(context: number): Offer {
    const id = this.of.at(context)
    return (this.offers[context]![id] ??= {
      memo: new Memo(),
      isStep: id !== 0 && this.of.isPlain(context),
    })
  }
  private list(known: Int32Array, from: number): number {
    const { moves } = this.of
    for (let i = 0; i < known.length; i += 1) {
      moves[from + i] = known[i]!
      this.memos[from + i] = undefined
    }
    return from + known.length
  }
  private learnOffer({ memo, isStep }: Offer, context: number, from: number): void {
    if (isStep) return this.learn(memo, context * CHOICES)
    const { words, moves, footprint } = this.of
    this.begin()
    const to = this.look(context, from)
    memo.add(words, words, footprint, this.lists.number(moves.slice(from, to)))
  }
  /** Lists the moves of a context, and sees to it that looking changed nothing. */
  private look(context: number, from: number): number {
    const { words, footprint } = this.of
    this.seen.set(words)
    const to = this.of.movesOf(context, from, true)
    for (let n = 0; n < words.length; n += 1)
      if (footprint.written[n] !== 0) {
        words.set(this.seen)
        this.of.refuseWrites(context)
      }
    return to
  }
  private plainly(context: number, from: number): number {
    const to = this.of.movesOf(context, from, false)
    for (let i = from; i < to; i += 1) this.memos[i] = undefined
    return to
  }
  /** Writes the successor by move `index` of those listed last, if it is known and reports nothing. */
  succeed(index: number, into: Uint32Array, to: number): boolean {
    const { words, moves } = this.of
    const move = moves[index]!
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
    const { words, reports } = this.of
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
    reports.push(...outcome.reports)
  }
  private count(move: number, nodes: readonly Node[]): void {
    for (let i = 0; i < nodes.length; i += 1) nodes[i]!.taken += 1
    if (move >= STARTS) this.of.begun[move - STARTS]! += 1
  }

  private memoOf(move: number): Memo {
    if (move >= STARTS) return (this.starts[move - STARTS] ??= new Memo())
    const context = (move / CHOICES) | 0
    const offer = this.offerOf(context)
    if (offer.isStep) return offer.memo
    const id = this.of.at(context)
    const byChoice = (this.choices[context]![id] ??= [])
    return (byChoice[move % CHOICES] ??= new Memo())
  }

  private begin(): void {
    this.of.footprint.read.fill(0)
    this.of.footprint.written.fill(0)
  }
  /** Stores what the move does in the state in the work space, which is left as it was. */
  private learn(memo: Memo, move: number): void {
    const { words, reports, footprint } = this.of
    const { before } = this
    before.set(words)
    reports.length = 0
    const nodes: Node[] = []
    this.begin()
    const context = (move / CHOICES) | 0
    const step = move < STARTS && this.of.isPlain(context)
    const spare = this.of.moves.length - 1
    if (step && this.look(context, spare) === spare) {
      memo.add(before, words, footprint, BLOCKED)
      return
    }
    this.of.taking(nodes)
    this.of.workOut(move, true)
    this.of.taking(undefined)
    // It was not taken yet.
    for (const node of nodes) node.taken -= 1
    if (move >= STARTS) this.of.begun[move - STARTS]! -= 1
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
