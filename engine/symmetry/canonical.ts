/**
 * Symmetry reduction over scalarsets (Ip and Dill, "Better verification through symmetry", 1996): two
 * states that differ by an exchange of interchangeable members (one orbit) are one. Every state is replaced by
 * the canonical representative of its orbit, the least. Where the references are is read from the layout; control states are exchanged
 * by whoever keeps them.
 */
import {
  indexOf,
  isMember,
  scalarsetBase,
  scalarsetOf,
  type Fields,
  type Layout,
} from '../state/layout.ts'
import type { Control, Exchange } from './control.ts'
import { MemberOrder } from './member-order.ts'
import { memberAt, moveElements, renameIn, scalarset, type Scalarset } from './scalarset.ts'
import type { Value } from '../step.ts'

export class Symmetry {
  private readonly control: Control
  private readonly width: number
  readonly sets: readonly Scalarset[]
  /** Exchanges of two neighbouring members each: every other exchange is made of these. */
  readonly neighbours: readonly Exchange[]
  /** Its members are put in order by what is said of each; the others' are tried in every order. */
  private readonly sorted: Scalarset | undefined
  private readonly orders: readonly Exchange[]
  private readonly order: MemberOrder | undefined
  private readonly best: Uint32Array
  private readonly tried: Uint32Array
  private readonly exchange: Uint8Array[]
  private readonly met: boolean[] = []

  constructor(layout: Layout<Fields>, control: Control) {
    this.control = control
    this.width = layout.words
    this.best = new Uint32Array(layout.words)
    this.tried = new Uint32Array(layout.words)
    this.sets = [...layout.scalarsets].map(([domain, first], at) =>
      scalarset(layout, domain, at, first),
    )
    this.neighbours = this.sets.flatMap((set) => neighboursIn(set, this.sets))
    this.sorted = this.sets
      .filter((set) => sortable(layout, control, set))
      .toSorted((a, b) => b.size - a.size)[0]
    this.order = this.sorted === undefined ? undefined : new MemberOrder(this.sorted, control)
    const { sorted } = this
    this.exchange = this.sets.map((set) => identity(set.size))
    this.orders = product(
      this.sets.map((set) => (set === sorted ? [identity(set.size)] : permutations(set.size))),
    )
  }

  /** Is there a control state in this vector that was not met before? From now on all of them were. */
  meetsNew(words: Uint32Array): boolean {
    const { slots } = this.control
    let isNew = false
    for (let context = 0; context < slots.length; context += 1) {
      const slot = slots[context]
      if (slot === undefined) continue
      const id = (words[slot.word]! >>> slot.shift) & slot.mask
      if (this.met[id] === true) continue
      this.met[id] = true
      isNew = true
    }
    return isNew
  }

  /** How many states differ from this canonical one by an exchange, itself among them: the size of its orbit. */
  orbitSize(words: Uint32Array): number {
    const { orders, order, tried } = this
    if (orders.length === 1) return order?.orbitSize(words) ?? 1
    // Of those of one form, the members that are sorted can be arranged in so many ways.
    const forms = new Map<string, number>()
    for (const exchange of orders) {
      tried.set(words)
      this.apply(tried, exchange)
      this.sort(tried)
      forms.set(tried.join(), order?.orbitSize(tried) ?? 1)
    }
    let all = 0
    for (const ways of forms.values()) all += ways
    return all
  }

  /** Replaces the vector by the canonical representative of its orbit, the least of those that differ from it by an exchange; false when it is that. */
  canonical(words: Uint32Array): boolean {
    const { orders, best, tried, width } = this
    if (orders.length === 1) return this.sort(words)
    for (let i = 0; i < orders.length; i += 1) {
      tried.set(words)
      if (i > 0) this.apply(tried, orders[i]!)
      this.sort(tried)
      if (i === 0 || isLess(tried, best, width)) best.set(tried)
    }
    if (!isLess(best, words, width) && !isLess(words, best, width)) return false
    words.set(best)
    return true
  }
  private sort(words: Uint32Array): boolean {
    if (this.order === undefined) return false
    const to = this.exchange[this.sorted!.at]!
    const isMoved = this.order.sort(words, to)
    if (isMoved) this.apply(words, this.exchange)
    return isMoved
  }

  /** Exchanges the members in a vector. */
  apply(words: Uint32Array, exchange: Exchange): void {
    for (const set of this.sets) {
      const to = exchange[set.at]!
      for (const mention of set.mentions) renameIn(words, mention, to)
    }
    const { slots } = this.control
    for (let context = 0; context < slots.length; context += 1) {
      const slot = slots[context]
      if (slot === undefined) continue
      const id = (words[slot.word]! >>> slot.shift) & slot.mask
      if (id === 0) continue
      const image = this.control.image(id, exchange)
      if (image === id) continue
      if (image > slot.mask)
        throw new Error(
          `engine: ${slot.path} cannot hold control state ${image} (0..${slot.mask}). Widen it in the layout.`,
        )
      words[slot.word] = (words[slot.word]! & ~(slot.mask << slot.shift)) | (image << slot.shift)
    }
    for (const set of this.sets)
      for (const elements of set.elements) moveElements(words, elements, exchange[set.at]!)
  }
}

/** Members can be told apart one by one only if their records neither refer to each other nor hold a thread. */
const sortable = (layout: Layout<Fields>, control: Control, set: Scalarset): boolean =>
  [...set.mentions, ...control.slots].every(
    (slot) => slot === undefined || memberAt(layout, set.domain, slot) === undefined,
  )

const neighboursIn = (set: Scalarset, sets: readonly Scalarset[]): Exchange[] =>
  Array.from({ length: set.size - 1 }, (_, i) =>
    sets.map((other) => {
      const to = identity(other.size)
      if (other === set) [to[i], to[i + 1]] = [i + 1, i]
      return to
    }),
  )
const identity = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i)

/** The identity comes first. */
function permutations(size: number): Uint8Array[] {
  let all: number[][] = [[]]
  for (let n = 0; n < size; n += 1)
    all = all.flatMap((one) => Array.from({ length: n + 1 }, (_, i) => one.toSpliced(n - i, 0, n)))
  return all.map((one) => Uint8Array.from(one))
}
const product = (choices: readonly (readonly Uint8Array[])[]): Exchange[] =>
  choices.reduce<Exchange[]>(
    (all, some) => all.flatMap((one) => some.map((next) => [...one, next])),
    [[]],
  )

function isLess(a: Uint32Array, b: Uint32Array, width: number): boolean {
  for (let i = 0; i < width; i += 1) if (a[i] !== b[i]) return a[i]! < b[i]!
  return false
}

/** A value a function was called with or got from a step, in which the members are exchanged. */
export const exchanged = (value: Value, exchange: Exchange): Value => {
  if (!isMember(value)) return value
  const set = scalarsetOf(value)
  return scalarsetBase(set) + exchange[set]![indexOf(value)]!
}
