/** The words all threads of a search share, and the barrier at which they meet. */
import type { SearchResult } from '../breadth-first.ts'

const ARRIVED = 0
const GENERATION = 1
/** What everybody does after the meeting. */
export const PHASE = 2
/** Not 0: come to the meeting now, work may be left. */
export const PAUSE = 3
/** Not 0: the search ends; an index of ENDS. */
export const ENDED = 4
export const DEPTH = 5
/** Blocks of state numbers given away. */
export const BLOCKS = 6
export const STATES = 7
export const EXPANDED = 8
/** The hash table has 2^bits slots. */
export const TABLE_BITS = 9
/** Segments of the present frontier that are taken. */
export const TAKEN = 10
/** Which of the two frontiers is being expanded; the other is being filled. */
export const SIDE = 11
/** Lengths of the two frontiers, in segments. */
export const SEGMENTS = 12
/** Pieces of the growing table that are taken. */
export const PIECES = 14
export const CONTROL_WORDS = 16

export const WORK = 0
export const CLEAR = 1
export const INSERT = 2
export const END = 3

export const ENDS: readonly SearchResult['ended'][] = [
  undefined,
  'states',
  'depth',
  'time',
  'memory',
  'found',
  'interrupt',
]

/** Three quarters of its slots are taken: the table must grow before anything more is stored. */
export const isFull = (control: Int32Array): boolean =>
  Atomics.load(control, STATES) * 4 > 2 ** Atomics.load(control, TABLE_BITS) * 3

/** Ends the search for everybody; the first reason stands. */
export function end(control: Int32Array, why: SearchResult['ended']): void {
  Atomics.compareExchange(control, ENDED, 0, ENDS.indexOf(why))
  Atomics.store(control, PAUSE, 1)
}

/** Waits for all threads. The last one to come calls `decide` while the others stand still. */
export function meet(control: Int32Array, threads: number, decide: () => void): void {
  const generation = Atomics.load(control, GENERATION)
  if (Atomics.add(control, ARRIVED, 1) === threads - 1) {
    Atomics.store(control, ARRIVED, 0)
    decide()
    Atomics.add(control, GENERATION, 1)
    Atomics.notify(control, GENERATION)
    return
  }
  while (Atomics.load(control, GENERATION) === generation)
    Atomics.wait(control, GENERATION, generation)
}
