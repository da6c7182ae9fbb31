/** Views of the two containers a layout offers: bounded lists and bit sets. */
import type { List, RefSet } from './declare.ts'
import type { Footprint } from './layout-compile.ts'

interface ViewPlace {
  readonly vector: Uint32Array
  /** Where what is read and written is noted. */
  readonly footprint: Footprint | undefined
  readonly word: number
  readonly shift: number
  /** The reference to the first of `size` members. */
  readonly first: number
  readonly size: number
  readonly name: string
}
interface ListPlace extends ViewPlace {
  /** Bits of the length and of each item. */
  readonly width: number
  readonly perWord: number
  readonly capacity: number
}

export class ListView implements List<string> {
  private readonly w: Uint32Array
  private readonly footprint: Footprint | undefined
  private readonly word: number
  private readonly shiftBy: number
  private readonly width: number
  private readonly perWord: number
  readonly capacity: number
  /** Added to a stored item, which is 1 for the first member. */
  private readonly base: number
  private readonly size: number
  private readonly name: string
  constructor(place: ListPlace) {
    this.w = place.vector
    this.footprint = place.footprint
    this.word = place.word
    this.shiftBy = place.shift
    this.width = place.width
    this.perWord = place.perWord
    this.capacity = place.capacity
    this.base = place.first - 1
    this.size = place.size
    this.name = place.name
  }
  private get(slot: number): number {
    const inWord = slot % this.perWord
    const index = this.word + (slot - inWord) / this.perWord
    const shift = this.shiftBy + inWord * this.width
    const mask = 2 ** this.width - 1
    if (this.footprint !== undefined) this.footprint.read[index]! |= mask << shift
    return (this.w[index]! >>> shift) & mask
  }
  private put(slot: number, value: number): void {
    const inWord = slot % this.perWord
    const index = this.word + (slot - inWord) / this.perWord
    const shift = this.shiftBy + inWord * this.width
    const mask = 2 ** this.width - 1
    if (this.footprint !== undefined) {
      this.footprint.read[index]! |= mask << shift
      this.footprint.written[index]! |= mask << shift
    }
    this.w[index] = (this.w[index]! & ~(mask << shift)) | (value << shift)
  }
  get length(): number {
    return this.get(0)
  }
  at(index: number): number {
    if (index < 0 || index >= this.length) return -1
    return this.get(index + 1) + this.base
  }
  push(value: number): void {
    const length = this.length
    if (length === this.capacity)
      throw new Error(
        `layout: list ${this.name} is full (${length}). Test for room before push, as the kernel does.`,
      )
    const item = value - this.base
    if (!(item > 0 && item <= this.size))
      throw new Error(`layout: list ${this.name} cannot hold ${value} (0..${this.size - 1}).`)
    this.put(length + 1, item)
    this.put(0, length + 1)
  }
  pop(): number {
    const length = this.length
    if (length === 0) return -1
    const item = this.get(length)
    this.put(length, 0)
    this.put(0, length - 1)
    return item + this.base
  }
  shift(): number {
    const value = this.at(0)
    if (value !== -1) this.removeAt(0)
    return value
  }
  remove(value: number): boolean {
    for (let i = 0; i < this.length; i += 1)
      if (this.get(i + 1) + this.base === value) {
        this.removeAt(i)
        return true
      }
    return false
  }
  private removeAt(index: number): void {
    const length = this.length
    for (let i = index; i < length - 1; i += 1) this.put(i + 1, this.get(i + 2))
    this.put(length, 0)
    this.put(0, length - 1)
  }
  has(value: number): boolean {
    for (let i = this.length; i > 0; i -= 1) if (this.get(i) + this.base === value) return true
    return false
  }
  clear(): void {
    while (this.length > 0) this.pop()
  }
  toArray(): number[] {
    return Array.from({ length: this.length }, (_, i) => this.get(i + 1) + this.base)
  }
}

export class SetView implements RefSet<string> {
  private readonly w: Uint32Array
  private readonly footprint: Footprint | undefined
  private readonly word: number
  private readonly shift: number
  private readonly first: number
  private readonly size: number
  private readonly name: string
  constructor(place: ViewPlace) {
    this.w = place.vector
    this.footprint = place.footprint
    this.word = place.word
    this.shift = place.shift
    this.first = place.first
    this.size = place.size
    this.name = place.name
  }
  private get full(): number {
    return this.size === 32 ? -1 : 2 ** this.size - 1
  }
  get mask(): number {
    if (this.footprint !== undefined) this.footprint.read[this.word]! |= this.full << this.shift
    return ((this.w[this.word]! >>> this.shift) & this.full) >>> 0
  }
  set mask(mask: number) {
    if (this.footprint !== undefined) {
      this.footprint.read[this.word]! |= this.full << this.shift
      this.footprint.written[this.word]! |= this.full << this.shift
    }
    const kept = this.w[this.word]! & ~(this.full << this.shift)
    this.w[this.word] = kept | ((mask & this.full) << this.shift)
  }
  private bit(value: number): number {
    const index = value - this.first
    if (!(index >= 0 && index < this.size))
      throw new Error(`layout: set ${this.name} cannot hold ${value} (0..${this.size - 1}).`)
    return 1 << index
  }
  get isEmpty(): boolean {
    return this.mask === 0
  }
  has(value: number): boolean {
    const index = value - this.first
    return index >= 0 && index < this.size && ((this.mask >>> index) & 1) === 1
  }
  toArray(): number[] {
    return Array.from({ length: this.size }, (_, i) => this.first + i).filter((i) => this.has(i))
  }
  add(value: number): void {
    this.mask |= this.bit(value)
  }
  delete(value: number): void {
    this.mask &= ~this.bit(value)
  }
}
