/**
 * The declared layout of a state: one flat vector of 32-bit words, read and written through
 * generated accessors. Equality, hashing, diffs, JSON and symmetry all come from one declaration.
 *
 * No scalar straddles a word, so every access is one load, shift and mask.
 */
import { compileRecord, type Slot } from './layout-compile.ts'
import { record, type Fields, type SlotValue, type View } from './declare.ts'

export * from './declare.ts'
export type { Slot } from './layout-compile.ts'

export interface Layout<F extends Fields> {
  /** Length of a state vector in 32-bit words. */
  readonly words: number
  /** Every scalar in the vector, in order, list slots and array elements included. */
  readonly slots: readonly Slot[]
  /** Binds views to a vector. Several vectors may be bound. */
  bind(words: Uint32Array): View<F>
  /** The vector as plain data, for counterexamples and people. */
  describe(words: Uint32Array): Record<string, string | number | boolean | null>
  /** The scalars in which two vectors differ. */
  diff(before: Uint32Array, after: Uint32Array): { path: string; from: SlotValue; to: SlotValue }[]
}
export function layout<F extends Fields>(fields: F): Layout<F> {
  const compiled = compileRecord('', record(fields))
  const start = { word: 0, shift: 0 }
  const slots = compiled.slots(start, '')
  const read = (slot: Slot, words: Uint32Array): SlotValue => {
    const raw = (words[slot.word]! >>> slot.shift) & slot.mask
    return slot.decode(raw >>> 0)
  }
  return {
    words: compiled.words,
    slots,
    bind: (words) => compiled.bind(words, start) as View<F>,
    describe: (words) => Object.fromEntries(slots.map((slot) => [slot.path, read(slot, words)])),
    diff: (before, after) =>
      slots.flatMap((slot) => {
        const from = read(slot, before)
        const to = read(slot, after)
        return from === to ? [] : [{ path: slot.path, from, to }]
      }),
  }
}
