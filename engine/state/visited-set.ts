/**
 * The visited set, the states a search has stored: full vectors, numbered in the order they were met, found through an open
 * hash table. Full vectors are compared; a hash alone never decides.
 *
 * Memory is the limit of a search, so both sides of a probe are made cheap: a table slot carries five
 * bits of the hash beside the number, and `internAll` looks up many vectors at once, so that their
 * cache misses overlap.
 */
const CHUNK_BITS = 16
const CHUNK = 1 << CHUNK_BITS
const TAG_SHIFT = 27
const NUMBER = (1 << TAG_SHIFT) - 1
const GROW_BATCH = 1024
const MODEST = 2 ** 22

export class VisitedSet {
  /** Number of states stored; they are numbered 0..size-1. At most 2^27 - 1. */
  size = 0
  /** Did the last `intern` store a new vector? */
  isNew = false
  private readonly chunks: Uint32Array[] = []
  /** Slot: 0 empty, else number + 1 and, above it, a tag of the hash. */
  private table = new Int32Array(1 << 13)
  private mask = (1 << 13) - 1
  private readonly width: number
  private entries = new Int32Array(GROW_BATCH)

  constructor(width: number) {
    this.width = width
  }

  /** Bytes held. */
  get bytes(): number {
    return this.chunks.length * CHUNK * this.width * 4 + this.table.byteLength
  }

  /** The number of the vector, stored now if it was new (`isNew`). */
  intern(words: Uint32Array): number {
    const hash = hashVector(words, 0, this.width)
    return this.find(words, 0, hash, hash & this.mask)
  }

  /**
   * Interns `count` vectors that lie one after another in `vectors`, whose hashes are known. For each,
   * `numbers` receives its number; a vector that was new gets its number's complement (`~number`).
   */
  internAll(vectors: Uint32Array, hashes: Int32Array, count: number, numbers: Int32Array): void {
    const { width } = this
    if (this.entries.length < count) this.entries = new Int32Array(count * 2)
    this.touch(hashes, count)
    for (let i = 0; i < count; i += 1) {
      const hash = hashes[i]!
      const number = this.find(vectors, i * width, hash, hash & this.mask)
      numbers[i] = this.isNew ? ~number : number
    }
  }
  /**
   * Reads every slot, then every candidate, in loops so short that the processor has many of the
   * misses under way at once.
   */
  private touch(hashes: Int32Array, count: number): void {
    const { table, mask, entries, width, chunks } = this
    for (let i = 0; i < count; i += 1) entries[i] = table[hashes[i]! & mask]!
    let seen = 0
    for (let i = 0; i < count; i += 1) {
      const number = (entries[i]! & NUMBER) - 1
      if (number >= 0) seen ^= chunks[number >>> CHUNK_BITS]![(number & (CHUNK - 1)) * width]!
    }
    this.seen = seen
  }
  /** Keeps the reads of `touch` from being optimised away. */
  seen = 0

  load(number: number, words: Uint32Array): void {
    const { width } = this
    const chunk = this.chunks[number >>> CHUNK_BITS]!
    const at = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) words[i] = chunk[at + i]!
  }

  private find(vectors: Uint32Array, at: number, hash: number, from: number): number {
    const { table, mask } = this
    const tag = hash & ~NUMBER
    let slot = from
    for (let entry = table[slot]!; entry !== 0; entry = table[slot]!) {
      if ((entry & ~NUMBER) === tag) {
        const number = (entry & NUMBER) - 1
        if (this.equals(number, vectors, at)) {
          this.isNew = false
          return number
        }
      }
      slot = (slot + 1) & mask
    }
    this.isNew = true
    const number = this.append(vectors, at)
    table[slot] = tag | (number + 1)
    if (this.size * 4 > mask * 3) this.grow()
    return number
  }

  private append(vectors: Uint32Array, at: number): number {
    const { width } = this
    const number = this.size
    if (number >= NUMBER - 1) throw new Error('engine: more than 2^27 states')
    this.size = number + 1
    if (number >>> CHUNK_BITS === this.chunks.length)
      this.chunks.push(new Uint32Array(CHUNK * width))
    const chunk = this.chunks[number >>> CHUNK_BITS]!
    const to = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) chunk[to + i] = vectors[at + i]!
    return number
  }

  private equals(number: number, vectors: Uint32Array, at: number): boolean {
    const { width } = this
    const chunk = this.chunks[number >>> CHUNK_BITS]!
    const from = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) if (chunk[from + i] !== vectors[at + i]) return false
    return true
  }

  /**
   * A longer table; the vectors stay where they are. Every entry is put in again, so while it is small it
   * is made four times as long.
   */
  private grow(): void {
    const mask = (this.mask + 1) * (this.mask < MODEST ? 4 : 2) - 1
    const table = new Int32Array(mask + 1)
    const { width } = this
    const heads = new Int32Array(GROW_BATCH)
    for (let from = 0; from < this.size; from += GROW_BATCH) {
      const count = Math.min(GROW_BATCH, this.size - from)
      const chunk = this.chunks[from >>> CHUNK_BITS]!
      const at = (from & (CHUNK - 1)) * width
      for (let i = 0; i < count; i += 1) heads[i] = hashVector(chunk, at + i * width, this.width)
      for (let i = 0; i < count; i += 1) this.seen ^= table[heads[i]! & mask]!
      for (let i = 0; i < count; i += 1) {
        const hash = heads[i]!
        let slot = hash & mask
        while (table[slot] !== 0) slot = (slot + 1) & mask
        table[slot] = (hash & ~NUMBER) | (from + i + 1)
      }
    }
    this.table = table
    this.mask = mask
  }
}

/** The hash of the vector of `width` words that lies at `at`, as a signed 32-bit number. */
export function hashVector(vectors: Uint32Array, at: number, width: number): number {
  let h = 0x9e3779b9
  for (let i = 0; i < width; i += 1) {
    h = Math.imul(h ^ vectors[at + i]!, 0x85ebca6b)
    h ^= h >>> 15
  }
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 13)
}
