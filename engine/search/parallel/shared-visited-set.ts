/**
 * The visited set as many threads fill it at once. As in that of one thread, a slot is 0
 * or a state's number plus one below five bits of its hash, full vectors are compared, and look-ups
 * come many at a time so that their cache misses overlap.
 *
 * A new vector is first written where only its thread writes, then published by one compare-and-swap
 * on an empty slot. Slots are read plainly: an entry never changes once it is there, what is read next
 * is reached through it, and a slot that wrongly looks empty is found out by the swap. Numbers are
 * taken in blocks, so they have gaps.
 */
import type { SuccessorGenerator } from '../successors.ts'
import { hashVector } from '../../state/visited-set.ts'
import type { Chunks } from './chunks.ts'
import { BLOCKS, isFull, PAUSE, PIECES, SEGMENTS, SIDE, STATES, TABLE_BITS } from './control.ts'
import { BLOCK, BLOCK_BITS, CHUNK, CHUNK_BITS, SEGMENT, type Memory } from './memory.ts'

/** Vectors one after another, the hash of each, and how it was reached. */
export type Successors = Pick<SuccessorGenerator, 'vectors' | 'hashes' | 'from' | 'by' | 'waiting'>

const TAG_SHIFT = 27
const NUMBER = (1 << TAG_SHIFT) - 1
const CLEAR_BITS = 16

export class SharedVisitedSet {
  private readonly memory: Memory
  private readonly chunks: Chunks
  private readonly width: number
  private table: Int32Array
  private mask: number
  private readonly hashes = new Int32Array(BLOCK)
  private entries = new Int32Array(BLOCK)
  /** The number the next new state gets, and where the block it is from ends. */
  private next = 0
  private blockEnd = 0
  private segmentStart = 0
  /** Keeps the reads of `touch` from being optimised away. */
  seen = 0

  constructor(memory: Memory, chunks: Chunks) {
    this.memory = memory
    this.chunks = chunks
    this.width = memory.width
    this.mask = -1
    this.table = this.look()
  }

  /** Makes the view of the table as it is now. */
  private look(): Int32Array {
    const slots = 2 ** Atomics.load(this.memory.control, TABLE_BITS)
    this.mask = slots - 1
    this.table = new Int32Array(this.memory.table, 0, slots)
    return this.table
  }

  /**
   * Stores those of the waiting successors that are new, with the parents and moves they were reached by.
   */
  internAll({ vectors, hashes, from, by, waiting: count }: Successors): void {
    const { width, memory } = this
    if (this.entries.length < count) this.entries = new Int32Array(count * 2)
    this.touch(hashes, count)
    let added = 0
    for (let i = 0; i < count; i += 1)
      if (this.add(vectors, i * width, hashes[i]!)) {
        this.chunks.link(this.next, from[i]!, by[i]!)
        this.advance()
        added += 1
      }
    if (added === 0) return
    Atomics.add(memory.control, STATES, added)
    if (isFull(memory.control)) Atomics.store(memory.control, PAUSE, 1)
  }

  /** Reads every slot, then every candidate, in loops so short that many misses are under way at once. */
  private touch(hashes: Int32Array, count: number): void {
    const { table, mask, entries, width } = this
    const { vectors } = this.chunks
    for (let i = 0; i < count; i += 1) entries[i] = table[hashes[i]! & mask]!
    let seen = 0
    for (let i = 0; i < count; i += 1) {
      const number = (entries[i]! & NUMBER) - 1
      if (number < 0) continue
      const chunk = vectors[number >>> CHUNK_BITS]
      if (chunk !== undefined) seen ^= chunk[(number & (CHUNK - 1)) * width]!
    }
    this.seen = seen
  }

  private add(vectors: Uint32Array, at: number, hash: number): boolean {
    const { table, mask } = this
    const tag = hash & ~NUMBER
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      let entry = table[slot]!
      if (entry === 0) {
        entry = this.claim(slot, tag, vectors, at)
        if (entry === 0) return true
      }
      if ((entry & ~NUMBER) === tag && this.equals((entry & NUMBER) - 1, vectors, at)) return false
    }
  }

  /** Stores the vector and publishes it in an empty slot: 0, or what another thread put there first. */
  private claim(slot: number, tag: number, vectors: Uint32Array, at: number): number {
    const { width } = this
    if (this.next === this.blockEnd) {
      this.next = this.chunks.takeBlock()
      this.blockEnd = this.next + BLOCK
      this.segmentStart = this.next
    }
    const number = this.next
    const chunk = this.chunks.vectors[number >>> CHUNK_BITS]!
    const to = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) chunk[to + i] = vectors[at + i]!
    return Atomics.compareExchange(this.table, slot, 0, tag | (number + 1))
  }
  private advance(): void {
    this.next += 1
    if (this.next - this.segmentStart === SEGMENT || this.next === this.blockEnd) this.flush()
  }

  /** Hands the states stored since the last time on to the next level's frontier. */
  flush(): void {
    const { control, frontiers, filled } = this.memory
    const count = this.next - this.segmentStart
    if (count === 0) return
    const side = 1 - control[SIDE]!
    const index = Atomics.add(control, SEGMENTS + side, 1)
    frontiers[side]![index * 2] = this.segmentStart
    frontiers[side]![index * 2 + 1] = count
    const last = this.next - 1
    filled[last >>> BLOCK_BITS] = (last & (BLOCK - 1)) + 1
    this.segmentStart = this.next
  }

  private equals(number: number, vectors: Uint32Array, at: number): boolean {
    const { width } = this
    const chunk = this.chunks.vectors[number >>> CHUNK_BITS] ?? this.view(number)
    const from = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) if (chunk[from + i] !== vectors[at + i]) return false
    return true
  }
  private view(number: number): Uint32Array {
    return this.chunks.view(number >>> CHUNK_BITS)
  }

  /** First half of growing, by all threads at once: the table, which is longer now, is emptied. */
  clear(): void {
    const { control } = this.memory
    const table = this.look()
    const piece = 1 << CLEAR_BITS
    for (;;) {
      const from = Atomics.add(control, PIECES, 1) * piece
      if (from >= table.length) return
      table.fill(0, from, from + piece)
    }
  }

  /** Second half: every stored state is put in again, found by its number, not by the old table. */
  insert(): void {
    const { control, filled } = this.memory
    const blocks = Math.min(control[BLOCKS]!, filled.length)
    for (;;) {
      const block = Atomics.add(control, PIECES, 1)
      if (block >= blocks) return
      this.insertBlock(block * BLOCK, filled[block]!)
    }
  }
  private insertBlock(first: number, count: number): void {
    const { table, mask, hashes, width } = this
    const chunk = this.view(first)
    const at = (first & (CHUNK - 1)) * width
    for (let i = 0; i < count; i += 1) hashes[i] = hashVector(chunk, at + i * width, this.width)
    for (let i = 0; i < count; i += 1) this.seen ^= table[hashes[i]! & mask]!
    for (let i = 0; i < count; i += 1) {
      const hash = hashes[i]!
      const entry = (hash & ~NUMBER) | (first + i + 1)
      let slot = hash & mask
      while (table[slot] !== 0 || Atomics.compareExchange(table, slot, 0, entry) !== 0)
        slot = (slot + 1) & mask
    }
  }
}
