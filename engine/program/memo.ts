/**
 * What a function of the state answered and changed, found again by that part of the state it looked at
 * (LTSmin calls it transition caching; here the part is not declared, it is noted while the function
 * runs).
 *
 * Why what is found is exact: a function that reads only the state does the same wherever all that it
 * read is the same. The mask holds everything any stored call has read, so a state that is equal under
 * the mask is equal in what the stored call read. When a call reads more, the mask grows and what was
 * stored under the smaller one is dropped.
 */
import type { Footprint } from '../state/layout.ts'

const FIRST = 64
/** A memo that is asked this often and mostly has no answer is given up. */
const TRIAL = 4096
const MOST = 1 << 16

export class Memo {
  /** It is not worth asking. */
  isUseless = false
  /** The words looked at, and which bits of each. */
  private at = new Int32Array(0)
  private mask = new Int32Array(0)
  /** The words changed, and which bits of each stay. */
  private changed = new Int32Array(0)
  private keep = new Int32Array(0)
  /** A row: answer plus one (0: empty), the bits looked at, the bits put in. */
  private rows = new Int32Array(FIRST)
  private stride = 1
  private slots = FIRST - 1
  private size = 0
  private asked = 0
  private missed = 0

  /** The row stored for a state like this one, or -1. */
  find(words: Uint32Array): number {
    const { at, mask, rows, stride, slots } = this
    const parts = at.length
    this.asked += 1
    let h = 0
    for (let n = 0; n < parts; n += 1) {
      h = Math.imul(h ^ (words[at[n]!]! & mask[n]!), 0x85ebca6b)
      h ^= h >>> 15
    }
    for (let slot = h & slots; ; slot = (slot + 1) & slots) {
      const row = slot * stride
      if (rows[row] === 0) break
      let n = 0
      while (n < parts && rows[row + 1 + n] === (words[at[n]!]! & mask[n]!)) n += 1
      if (n === parts) return row
    }
    this.missed += 1
    return -1
  }
  answerAt(row: number): number {
    return this.rows[row]! - 1
  }
  /** Writes at `to` the state `words`, changed as the stored call changed it. */
  apply(row: number, words: Uint32Array, into: Uint32Array, to: number): void {
    const { changed, keep, rows } = this
    const from = row + 1 + this.at.length
    if (into !== words) for (let n = 0; n < words.length; n += 1) into[to + n] = words[n]!
    for (let n = 0; n < changed.length; n += 1) {
      const at = to + changed[n]!
      into[at] = (into[at]! & keep[n]!) | rows[from + n]!
    }
  }

  /**
   * Stores what the function did: the state before and after, what it read and wrote of it, and its
   * answer (0 or more). Whatever it wrote counts as read.
   */
  add(before: Uint32Array, after: Uint32Array, footprint: Footprint, answer: number): void {
    this.widen(footprint)
    if (this.size * 2 > this.slots) this.grow()
    if (this.isUseless) return
    const { at, mask, changed, keep, stride } = this
    const row = new Int32Array(stride)
    row[0] = answer + 1
    for (let n = 0; n < at.length; n += 1) row[1 + n] = before[at[n]!]! & mask[n]!
    for (let n = 0; n < changed.length; n += 1)
      row[1 + at.length + n] = after[changed[n]!]! & ~keep[n]!
    this.put(row)
    if (this.asked >= TRIAL && this.missed * 2 > this.asked) this.giveUp()
  }

  private put(row: Int32Array): void {
    const { rows, stride, slots } = this
    let h = 0
    for (let n = 1; n <= this.at.length; n += 1) {
      h = Math.imul(h ^ row[n]!, 0x85ebca6b)
      h ^= h >>> 15
    }
    let slot = h & slots
    while (rows[slot * stride] !== 0) slot = (slot + 1) & slots
    rows.set(row, slot * stride)
    this.size += 1
  }
  private widen({ read, written }: Footprint): void {
    const looked = new Int32Array(read)
    const put = new Int32Array(read.length)
    this.at.forEach((word, n) => (looked[word]! |= this.mask[n]!))
    this.changed.forEach((word, n) => (put[word]! |= ~this.keep[n]!))
    for (let n = 0; n < put.length; n += 1) put[n]! |= written[n]!
    const same =
      this.at.every((word, n) => looked[word] === this.mask[n]) &&
      this.changed.every((word, n) => put[word] === ~this.keep[n]!) &&
      count(looked) === this.at.length &&
      count(put) === this.changed.length
    if (same) return
    this.at = Int32Array.from([...looked.keys()].filter((n) => looked[n] !== 0))
    this.mask = this.at.map((n) => looked[n]!)
    this.changed = Int32Array.from([...put.keys()].filter((n) => put[n] !== 0))
    this.keep = this.changed.map((n) => ~put[n]!)
    this.stride = 1 + this.at.length + this.changed.length
    this.clear(FIRST)
  }
  private clear(slots: number): void {
    this.slots = slots - 1
    this.rows = new Int32Array(slots * this.stride)
    this.size = 0
  }
  private grow(): void {
    if (this.size >= MOST) return this.giveUp()
    const { rows, stride } = this
    this.clear((this.slots + 1) * 4)
    for (let row = 0; row < rows.length; row += stride)
      if (rows[row] !== 0) this.put(rows.subarray(row, row + stride))
  }
  private giveUp(): void {
    this.isUseless = true
    this.clear(1)
  }
}

const count = (words: Int32Array): number =>
  words.reduce((sum, word) => sum + Number(word !== 0), 0)
