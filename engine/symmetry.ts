/**
 * Symmetry reduction over scalarsets (Ip and Dill, "Better verification through symmetry", 1996): two
 * states that differ by an exchange of interchangeable members are one. Every state is replaced by the
 * least of its kind. Where the references are is read from the layout; control states are exchanged
 * by whoever keeps them.
 */
import {
  indexOf,
  isMember,
  scalarsetBase,
  scalarsetOf,
  type Fields,
  type Layout,
  type Slot,
} from './layout.ts'
import type { Value } from './step.ts'

/** For each scalarset, in the order of the layout: which member each becomes. */
export type Exchange = readonly Uint8Array[]

/** What a context's control state says about members. */
export interface Control {
  /** Where each context keeps it; undefined: it has none. */
  readonly slots: readonly (Slot | undefined)[]
  /** The members a control state mentions, each once, in an order that an exchange keeps. */
  mentions(id: number): readonly number[]
  /** The control state in which the members are exchanged. */
  image(id: number, exchange: Exchange): number
}

interface Mention {
  readonly word: number
  readonly shift: number
  readonly mask: number
  readonly set: boolean
}
interface Elements {
  readonly words: Int32Array
  readonly shifts: Int32Array
  /** Bits of an element that lies inside a word; 0: it is `long` whole words. */
  readonly mask: number
  readonly long: number
}
interface Scalarset {
  readonly domain: string
  /** Its place in an exchange. */
  readonly at: number
  readonly first: number
  readonly size: number
  readonly mentions: readonly Mention[]
  readonly elements: readonly Elements[]
}

export class Symmetry {
  private readonly control: Control
  private readonly width: number
  readonly sets: readonly Scalarset[]
  /** Exchanges of two neighbouring members each: every other exchange is made of these. */
  readonly neighbours: readonly Exchange[]
  /** Its members are put in order by what is said of each; the others' are tried in every order. */
  private readonly sorted: Scalarset | undefined
  private readonly orders: readonly Exchange[]
  private readonly order: Order | undefined
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
    this.order = this.sorted === undefined ? undefined : new Order(this.sorted, control)
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

  /** How many states differ from this one, the least of its kind, by an exchange; itself among them. */
  standsFor(words: Uint32Array): number {
    const { orders, order, tried } = this
    if (orders.length === 1) return order?.arrangements(words) ?? 1
    // Of those of one form, the members that are sorted can be arranged in so many ways.
    const forms = new Map<string, number>()
    for (const exchange of orders) {
      tried.set(words)
      this.apply(tried, exchange)
      this.sort(tried)
      forms.set(tried.join(), order?.arrangements(tried) ?? 1)
    }
    let all = 0
    for (const ways of forms.values()) all += ways
    return all
  }

  /** Replaces the vector by the least of those that differ from it by an exchange; false when it is that. */
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

/** Puts the members of one scalarset in order, by their records first, then by who refers to them. */
class Order {
  private readonly set: Scalarset
  private readonly control: Control
  /** Words that say what a member's records hold, and, after them, who refers to it. */
  private readonly own: number
  private readonly length: number
  private readonly said: Int32Array
  private readonly order: Int32Array
  /** By control state. */
  private readonly named: (Uint8Array | undefined)[] = []

  constructor(set: Scalarset, control: Control) {
    this.set = set
    this.control = control
    this.own = set.elements.reduce((sum, { long }) => sum + Math.max(1, long), 0)
    const bits = set.mentions.length + control.slots.length * set.size
    this.length = this.own + Math.ceil(bits / 32)
    this.said = new Int32Array(this.length * set.size)
    this.order = new Int32Array(set.size)
  }

  /** Fills in which member each becomes; false when they are in order. */
  sort(words: Uint32Array, to: Uint8Array): boolean {
    const { order } = this
    const { size } = this.set
    this.readRecords(words)
    if (this.isRising()) return false
    this.readMentions(words)
    let moved = false
    for (let i = 0; i < size; i += 1) {
      let at = i
      for (; at > 0 && this.compare(order[at - 1]!, i, this.length) > 0; at -= 1)
        order[at] = order[at - 1]!
      order[at] = i
      moved ||= at !== i
    }
    if (moved) for (let i = 0; i < size; i += 1) to[order[i]!] = i
    return moved
  }
  /** In how many ways the members can be arranged: those of whom the same is said make no difference. */
  arrangements(words: Uint32Array): number {
    const { size } = this.set
    this.readRecords(words)
    let length = this.own
    if (!this.isRising()) {
      this.readMentions(words)
      length = this.length
    }
    let ways = 1
    let alike = 1
    // The vector is the least of its kind, so like members stand side by side.
    for (let i = 1; i < size; i += 1) {
      alike = this.compare(i - 1, i, length) === 0 ? alike + 1 : 1
      ways = (ways * (i + 1)) / alike
    }
    return ways
  }
  /** Do their records alone put the members in order? */
  private isRising(): boolean {
    for (let i = 1; i < this.set.size; i += 1)
      if (this.compare(i - 1, i, this.own) >= 0) return false
    return true
  }
  private compare(a: number, b: number, length: number): number {
    const { said } = this
    for (let i = 0, p = a * this.length, q = b * this.length; i < length; i += 1) {
      const difference = said[p + i]! - said[q + i]!
      if (difference !== 0) return difference
    }
    return 0
  }
  private readRecords(words: Uint32Array): void {
    const { said, length } = this
    let row = 0
    for (const { words: at, shifts, mask, long } of this.set.elements) {
      if (long === 0) {
        for (let i = 0; i < at.length; i += 1)
          said[i * length + row] = (words[at[i]!]! >>> shifts[i]!) & mask
        row += 1
      } else
        for (let n = 0; n < long; n += 1, row += 1)
          for (let i = 0; i < at.length; i += 1) said[i * length + row] = words[at[i]! + n]!
    }
  }
  /** Which members of this scalarset a control state mentions, by their numbers. */
  private namedIn(id: number): Uint8Array {
    const { first, size } = this.set
    return Uint8Array.from(
      this.control
        .mentions(id)
        .map((member) => member - first)
        .filter((member) => member >= 0 && member < size),
    )
  }
  /** Mention number `bit` is of this member. */
  private note(member: number, bit: number): void {
    this.said[member * this.length + this.own + (bit >>> 5)]! |= 1 << (bit & 31)
  }
  private readMentions(words: Uint32Array): void {
    const { said, length, own, set, control } = this
    for (let i = 0; i < set.size; i += 1)
      for (let n = own; n < length; n += 1) said[i * length + n] = 0
    const { mentions } = set
    for (let bit = 0; bit < mentions.length; bit += 1) {
      const { word, shift, mask, set: isSet } = mentions[bit]!
      const raw = (words[word]! >>> shift) & mask
      if (raw === 0) continue
      if (!isSet) this.note(raw - 1, bit)
      else for (let i = 0; i < set.size; i += 1) if ((raw >>> i) & 1) this.note(i, bit)
    }
    const { slots } = control
    for (let context = 0; context < slots.length; context += 1) {
      const slot = slots[context]
      if (slot === undefined) continue
      const id = (words[slot.word]! >>> slot.shift) & slot.mask
      if (id === 0) continue
      const named = (this.named[id] ??= this.namedIn(id))
      const bit = mentions.length + context * set.size
      for (let i = 0; i < named.length; i += 1) this.note(named[i]!, bit + i)
    }
  }
}

function scalarset(layout: Layout<Fields>, domain: string, at: number, first: number): Scalarset {
  const size = layout.members(domain).length
  if (size === 0) throw new Error(`engine: scalarset ${domain} has no array of records.`)
  return {
    domain,
    at,
    first,
    size,
    mentions: layout.slots
      .filter((slot) => slot.domain === domain)
      .map(({ word, shift, mask, set = false }) => ({ word, shift, mask, set })),
    elements: layout.blocks
      .filter((block) => block.domain === domain)
      .map(({ places, bits }) => ({
        words: Int32Array.from(places, (place) => place.word),
        shifts: Int32Array.from(places, (place) => place.shift),
        mask: bits >= 32 ? -1 : 2 ** bits - 1,
        long: bits > 32 ? bits / 32 : 0,
      })),
  }
}

/** Is this bit of the vector inside a record of the scalarset? If so, of which member. */
export function memberAt(
  layout: Layout<Fields>,
  domain: string,
  at: { word: number; shift: number },
): number | undefined {
  for (const { domain: its, places, bits } of layout.blocks) {
    if (its !== domain) continue
    const found = places.findIndex(({ word, shift }) =>
      bits > 32
        ? at.word >= word && at.word < word + bits / 32
        : at.word === word && at.shift >= shift && at.shift < shift + bits,
    )
    if (found !== -1) return found
  }
  return undefined
}

/** Members can be told apart one by one only if their records neither refer to each other nor hold a thread. */
const sortable = (layout: Layout<Fields>, control: Control, set: Scalarset): boolean =>
  [...set.mentions, ...control.slots].every(
    (slot) => slot === undefined || memberAt(layout, set.domain, slot) === undefined,
  )

function renameIn(words: Uint32Array, { word, shift, mask, set }: Mention, to: Uint8Array): void {
  const raw = (words[word]! >>> shift) & mask
  if (raw === 0) return
  let renamed = 0
  if (!set) renamed = to[raw - 1]! + 1
  else for (let i = 0; i < to.length; i += 1) if ((raw >>> i) & 1) renamed |= 1 << to[i]!
  if (renamed !== raw) words[word] = (words[word]! & ~(mask << shift)) | (renamed << shift)
}

const moved = new Uint32Array(64)
function moveElements(words: Uint32Array, elements: Elements, to: Uint8Array): void {
  const { words: at, shifts, mask, long } = elements
  for (let n = 0; n < Math.max(1, long); n += 1) {
    for (let i = 0; i < at.length; i += 1)
      moved[to[i]!] = long === 0 ? (words[at[i]!]! >>> shifts[i]!) & mask : words[at[i]! + n]!
    for (let i = 0; i < at.length; i += 1)
      if (long === 0) {
        const word = at[i]!
        words[word] = (words[word]! & ~(mask << shifts[i]!)) | (moved[i]! << shifts[i]!)
      } else words[at[i]! + n] = moved[i]!
  }
}

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
