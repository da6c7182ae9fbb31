/** The order of interchangeable members that makes a vector the canonical representative of its orbit: the least. */
import type { Scalarset } from './scalarset.ts'
import type { Control } from './control.ts'

/** Puts the members of one scalarset in order, by their records first, then by who refers to them. */
export class MemberOrder {
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
  /** How many arrangements of the members there are: those of whom the same is said make no difference. */
  orbitSize(words: Uint32Array): number {
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
