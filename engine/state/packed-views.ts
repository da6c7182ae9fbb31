/** Views of the two containers a layout offers: bounded lists and bit sets. */
import type { List, RefSet } from './declare.ts'
import type { Base, Footprint } from './footprint.ts'
import { notInList } from './layout-says.ts'

interface ViewPlace {
  readonly vector: Uint32Array
  /** Where what is read and written is noted. */
  readonly footprint: Footprint | undefined
  readonly word: number
  readonly shift: number
  /** The reference to the first of `size` members. */
  readonly members: Base
  readonly size: number
  readonly name: string
  readonly domain: string
}
interface ListPlace extends ViewPlace {
  /** Bits of the length and of each item. */
  readonly width: number
  readonly perWord: number
  readonly capacity: number
}

/** Bits of a vector, read and written through one place where both are noted. */
abstract class PlacedView {
  private readonly vector: Uint32Array
  private readonly footprint: Footprint | undefined
  protected readonly place: ViewPlace
  constructor(place: ViewPlace) {
    this.vector = place.vector
    this.footprint = place.footprint
    this.place = place
  }
  protected load(word: number, shift: number, mask: number): number {
    if (this.footprint !== undefined) this.footprint.read[word]! |= mask << shift
    return (this.vector[word]! >>> shift) & mask
  }
  protected store(word: number, shift: number, mask: number, bits: number): void {
    if (this.footprint !== undefined) {
      this.footprint.read[word]! |= mask << shift
      this.footprint.written[word]! |= mask << shift
    }
    this.vector[word] = (this.vector[word]! & ~(mask << shift)) | (bits << shift)
  }
}

export class ListView extends PlacedView implements List<string> {
  readonly capacity: number
  private readonly width: number
  private readonly perWord: number
  /** Added to a stored item, which is 1 for the first member. */
  private readonly base: number
  constructor(place: ListPlace) {
    super(place)
    this.capacity = place.capacity
    this.width = place.width
    this.perWord = place.perWord
    this.base = place.members.first - 1
  }
  private get(slot: number): number {
    const inWord = slot % this.perWord
    const word = this.place.word + (slot - inWord) / this.perWord
    return this.load(word, this.place.shift + inWord * this.width, 2 ** this.width - 1)
  }
  private put(slot: number, value: number): void {
    const inWord = slot % this.perWord
    const word = this.place.word + (slot - inWord) / this.perWord
    this.store(word, this.place.shift + inWord * this.width, 2 ** this.width - 1, value)
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
        `list ${this.place.name} is full (${length}). Test for room before push, as the kernel does.`,
      )
    const item = value - this.base
    if (!(item > 0 && item <= this.place.size)) notInList('list', this.place, value)
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

export class SetView extends PlacedView implements RefSet<string> {
  private readonly full: number
  constructor(place: ViewPlace) {
    super(place)
    this.full = place.size === 32 ? -1 : 2 ** place.size - 1
  }
  get mask(): number {
    return this.load(this.place.word, this.place.shift, this.full) >>> 0
  }
  set mask(mask: number) {
    this.store(this.place.word, this.place.shift, this.full, mask & this.full)
  }
  private bit(value: number): number {
    const { members, size } = this.place
    const index = value - members.first
    if (!(index >= 0 && index < size)) notInList('set', this.place, value)
    return 1 << index
  }
  get isEmpty(): boolean {
    return this.mask === 0
  }
  has(value: number): boolean {
    const index = value - this.place.members.first
    return index >= 0 && index < this.place.size && ((this.mask >>> index) & 1) === 1
  }
  toArray(): number[] {
    const { members, size } = this.place
    return Array.from({ length: size }, (_, i) => members.first + i).filter((it) => this.has(it))
  }
  add(value: number): void {
    this.mask |= this.bit(value)
  }
  delete(value: number): void {
    this.mask &= ~this.bit(value)
  }
}
