/** Views of the two containers a layout offers: bounded lists and bit sets. */
import type { List, RefSet } from './declare.ts'

export class ListView implements List<string> {
  constructor(
    private readonly w: Uint32Array,
    private readonly word: number,
    private readonly shiftBy: number,
    private readonly width: number,
    private readonly perWord: number,
    readonly capacity: number,
    private readonly size: number,
    private readonly name: string,
  ) {}
  private get(slot: number): number {
    const inWord = slot % this.perWord
    const index = this.word + (slot - inWord) / this.perWord
    return (this.w[index]! >>> (this.shiftBy + inWord * this.width)) & (2 ** this.width - 1)
  }
  private put(slot: number, value: number): void {
    const inWord = slot % this.perWord
    const index = this.word + (slot - inWord) / this.perWord
    const shift = this.shiftBy + inWord * this.width
    const mask = 2 ** this.width - 1
    this.w[index] = (this.w[index]! & ~(mask << shift)) | (value << shift)
  }
  get length(): number {
    return this.get(0)
  }
  at(index: number): number {
    if (index < 0 || index >= this.length) return -1
    return this.get(index + 1)
  }
  push(value: number): void {
    const length = this.length
    if (length === this.capacity)
      throw new Error(
        `layout: list ${this.name} is full (${length}). Test for room before push, as the kernel does.`,
      )
    if (!(value >= 0 && value < this.size))
      throw new Error(`layout: list ${this.name} cannot hold ${value} (0..${this.size - 1}).`)
    this.put(length + 1, value)
    this.put(0, length + 1)
  }
  pop(): number {
    const length = this.length
    if (length === 0) return -1
    const value = this.get(length)
    this.put(length, 0)
    this.put(0, length - 1)
    return value
  }
  shift(): number {
    const value = this.at(0)
    if (value !== -1) this.removeAt(0)
    return value
  }
  remove(value: number): boolean {
    for (let i = 0; i < this.length; i += 1)
      if (this.get(i + 1) === value) {
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
    for (let i = this.length; i > 0; i -= 1) if (this.get(i) === value) return true
    return false
  }
  clear(): void {
    while (this.length > 0) this.pop()
  }
  toArray(): number[] {
    return Array.from({ length: this.length }, (_, i) => this.get(i + 1))
  }
}

export class SetView implements RefSet<string> {
  constructor(
    private readonly w: Uint32Array,
    private readonly word: number,
    private readonly shift: number,
    private readonly size: number,
    private readonly name: string,
  ) {}
  private get full(): number {
    return this.size === 32 ? -1 : 2 ** this.size - 1
  }
  get mask(): number {
    return ((this.w[this.word]! >>> this.shift) & this.full) >>> 0
  }
  set mask(mask: number) {
    const kept = this.w[this.word]! & ~(this.full << this.shift)
    this.w[this.word] = kept | ((mask & this.full) << this.shift)
  }
  private check(value: number): void {
    if (!(value >= 0 && value < this.size))
      throw new Error(`layout: set ${this.name} cannot hold ${value} (0..${this.size - 1}).`)
  }
  get isEmpty(): boolean {
    return this.mask === 0
  }
  has(value: number): boolean {
    return value >= 0 && value < this.size && ((this.mask >>> value) & 1) === 1
  }
  toArray(): number[] {
    return Array.from({ length: this.size }, (_, i) => i).filter((i) => this.has(i))
  }
  add(value: number): void {
    this.check(value)
    this.mask |= 1 << value
  }
  delete(value: number): void {
    this.check(value)
    this.mask &= ~(1 << value)
  }
}
