/**
 * The set of stored states: full vectors in one growing array, found through an open hash table.
 * Full vectors are compared; a hash alone never decides.
 */
export class StateTable {
  /** Number of states stored. */
  size = 0
  private vectors: Uint32Array
  private table: Int32Array
  private mask: number
  private readonly width: number
  constructor(width: number) {
    this.width = width
    this.vectors = new Uint32Array(width * 4096)
    this.table = new Int32Array(8192).fill(-1)
    this.mask = 8191
  }

  /** Bytes held. */
  get bytes(): number {
    return this.vectors.byteLength + this.table.byteLength
  }

  /** The index of the vector, stored now if it was new; `isNew` tells which. */
  isNew = false
  intern(words: Uint32Array): number {
    let slot = this.hash(words) & this.mask
    for (let index = this.table[slot]!; index !== -1; index = this.table[slot]!) {
      if (this.equals(index, words)) {
        this.isNew = false
        return index
      }
      slot = (slot + 1) & this.mask
    }
    this.isNew = true
    const index = this.size++
    if ((index + 1) * this.width > this.vectors.length) this.grow()
    this.vectors.set(words, index * this.width)
    this.table[slot] = index
    if (this.size * 2 > this.mask) this.rehash()
    return index
  }

  load(index: number, words: Uint32Array): void {
    const at = index * this.width
    for (let i = 0; i < this.width; i += 1) words[i] = this.vectors[at + i]!
  }

  private equals(index: number, words: Uint32Array): boolean {
    const at = index * this.width
    for (let i = 0; i < this.width; i += 1) if (this.vectors[at + i] !== words[i]) return false
    return true
  }

  private hash(words: Uint32Array): number {
    let h = 0x9e3779b9
    for (let i = 0; i < this.width; i += 1) {
      h = Math.imul(h ^ words[i]!, 0x85ebca6b)
      h ^= h >>> 15
    }
    h = Math.imul(h, 0xc2b2ae35)
    return (h ^ (h >>> 16)) >>> 0
  }

  private grow(): void {
    const bigger = new Uint32Array(this.vectors.length * 2)
    bigger.set(this.vectors)
    this.vectors = bigger
  }

  private rehash(): void {
    this.mask = this.mask * 2 + 1
    this.table = new Int32Array(this.mask + 1).fill(-1)
    const words = new Uint32Array(this.width)
    for (let index = 0; index < this.size; index += 1) {
      this.load(index, words)
      let slot = this.hash(words) & this.mask
      while (this.table[slot] !== -1) slot = (slot + 1) & this.mask
      this.table[slot] = index
    }
  }
}
