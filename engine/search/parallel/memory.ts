/** Everything the threads of one search share, as it is handed to each of them. */
import type { SearchBounds } from '../breadth-first.ts'
import { BLOCKS, CONTROL_WORDS, DEPTH, TABLE_BITS } from './control.ts'

/**
 * Shared memory that grows in place. Address space for `most` bytes is reserved at once and costs
 * nothing; any thread may ask for more of it, and every thread has it the moment one has asked, without
 * a message. Views are of fixed length over the part that exists: those are as fast as any other.
 */
export interface Growable extends SharedArrayBuffer {
  grow(bytes: number): void
}
/** V8 reserves no more than this for one buffer. */
const MOST_BYTES = 2 ** 32

/** Absent from the library typings of this language version; every supported Node has it. */
type Constructor = new (bytes: number, options: { maxByteLength: number }) => Growable

const growable = (most: number): Growable =>
  new (SharedArrayBuffer as unknown as Constructor)(0, { maxByteLength: most })

/** Makes the buffer at least so long. Another thread may be doing the same. */
export function ensure(buffer: Growable, bytes: number): void {
  while (buffer.byteLength < bytes)
    try {
      buffer.grow(bytes)
    } catch (error) {
      // It cannot shrink: another thread has made it longer than was asked for here, or memory is out.
      if (buffer.byteLength < bytes) throw error
    }
}

export interface Memory {
  readonly threads: number
  /** Words of a state vector. */
  readonly width: number
  readonly control: Int32Array
  /** Where the chunks of states lie, `perArena` of them in each. */
  readonly arenas: readonly Growable[]
  readonly perArena: number
  /** Blocks of numbers that fit in the arenas. */
  readonly blocks: number
  /** How many numbers of each block stand for a state; of a block in use, as of the last meeting. */
  readonly filled: Int32Array
  readonly table: Growable
  /** Two frontiers, each a list of segments: first number, count. */
  readonly frontiers: readonly [Int32Array, Int32Array]
  readonly journal: Growable
  /** Transitions fired by each thread, `SPREAD` apart so that no two are in one cache line. */
  readonly transitions: Float64Array
  /** For each rule: has any thread seen it violated? One word more, for rules that are not there. */
  readonly violated: Int32Array
}
export const CHUNK_BITS = 16
export const CHUNK = 1 << CHUNK_BITS
/** Numbers a thread takes at a time. */
export const BLOCK_BITS = 12
export const BLOCK = 1 << BLOCK_BITS
/** States of the frontier a thread takes at a time; new ones are handed on in as many. */
export const SEGMENT = 128
export const SPREAD = 8
/** A table slot holds number + 1 in 27 bits. */
const MOST_STATES = 2 ** 27 - 2
const JOURNAL_BYTES = 2 ** 30
/** More than a thread ever stores between two looks at whether it should pause. */
export const MOST_WAITING = 2048

const shared = (words: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT))
/** Bytes of a chunk: vectors, and for each its parent and the move that led to it. */
export const chunkBytes = (width: number): number => CHUNK * (width + 2) * 4

export function allocate(
  width: number,
  rules: number,
  threads: number,
  bounds: SearchBounds,
): Memory {
  const most = Math.min(bounds.states, MOST_STATES)
  const chunks = Math.ceil((most + BLOCK * threads * 4) / CHUNK)
  const { arenas, perArena } = reserve(Math.min(chunks, 2 ** 27 / CHUNK), width)
  const blocks = Math.min(arenas.length * perArena, chunks) * (CHUNK / BLOCK)
  // Every thread ends a segment early at every meeting: once a level and once a growth of the table.
  const segments = 2 * (Math.ceil((blocks * BLOCK) / SEGMENT) + 64 * threads)
  const control = shared(CONTROL_WORDS)
  control[DEPTH] = -1
  control[TABLE_BITS] = firstBits(threads)
  const table = growable(MOST_BYTES)
  ensure(table, 4 << control[TABLE_BITS])
  return {
    threads,
    width,
    control,
    arenas,
    perArena,
    blocks,
    filled: shared(blocks),
    table,
    frontiers: [shared(segments), shared(segments)],
    journal: growable(JOURNAL_BYTES),
    transitions: new Float64Array(new SharedArrayBuffer(8 * SPREAD * threads)),
    violated: shared(rules + 1),
  }
}

/** A thread that is late for the meeting must still find empty slots in a table that is three quarters full. */
function firstBits(threads: number): number {
  let bits = 16
  while (2 ** bits / 4 < threads * MOST_WAITING) bits += 1
  return bits
}

function reserve(chunks: number, width: number): Pick<Memory, 'arenas' | 'perArena'> {
  const bytes = chunkBytes(width)
  const perArena = Math.min(chunks, Math.floor(MOST_BYTES / bytes))
  const arenas: Growable[] = []
  for (let held = 0; held < chunks; held += perArena)
    try {
      arenas.push(growable(perArena * bytes))
    } catch (error) {
      // An address space with a limit: the search ends when what there is has been used.
      if (arenas.length === 0) throw error
      break
    }
  return { arenas, perArena }
}

/** Bytes held: chunks and table. */
export const bytesOf = ({ control, width }: Memory): number =>
  Math.ceil((Atomics.load(control, BLOCKS) * BLOCK) / CHUNK) * chunkBytes(width) +
  4 * 2 ** Atomics.load(control, TABLE_BITS)
