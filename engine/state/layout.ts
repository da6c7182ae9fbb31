/**
 * The declared layout of a state: one flat vector of 32-bit words, read and written through
 * generated accessors. Equality, hashing, diffs, JSON and symmetry all come from one declaration.
 *
 * No scalar straddles a word, so every access is one load, shift and mask.
 */
import { compileRecord, type Block, type Slot } from './compile.ts'
import type { Footprint } from './footprint.ts'
import {
  record,
  scalarsetBase,
  type Fields,
  type Ref,
  type SlotValue,
  type View,
} from './declare.ts'

export * from './declare.ts'
export type { Block, Slot } from './compile.ts'
export type { Footprint } from './footprint.ts'

export interface Layout<F extends Fields> {
  /** Length of a state vector in 32-bit words. */
  readonly words: number
  /** Every scalar in the vector, in order, list slots and array elements included. */
  readonly slots: readonly Slot[]
  /** Every array of records. */
  readonly blocks: readonly Block[]
  /** Domains whose members are interchangeable, and the reference to the first of each. */
  readonly scalarsets: ReadonlyMap<string, number>
  /** References to the members of a domain: as many as its longest array has. */
  members<D extends string>(domain: D): readonly Ref<D>[]
  /** Binds views to a vector. Several vectors may be bound. Views note in a footprint what they touch. */
  bind(words: Uint32Array, footprint?: Footprint): View<F>
  /** The vector as plain data, for counterexamples and people. */
  describe(words: Uint32Array): Record<string, string | number | boolean | null>
  /** The scalars in which two vectors differ. */
  diff(before: Uint32Array, after: Uint32Array): { path: string; from: SlotValue; to: SlotValue }[]
}
/**
 * @param scalarsets domains whose members are interchangeable: what a symmetry may exchange.
 * @param ways how a reference to a member is had from its number, for people: `account_number(n)`.
 */
export function layout<F extends Fields>(
  fields: F,
  scalarsets: readonly string[] = [],
  ways: Readonly<Record<string, string>> = {},
): Layout<F> {
  const bases = new Map(scalarsets.map((domain, i) => [domain, scalarsetBase(i)]))
  const compiled = compileRecord(
    '',
    record(fields),
    new Map([...bases].map(([domain, first]) => [domain, { first, way: ways[domain] }])),
  )
  const start = { word: 0, shift: 0 }
  const blocks = compiled.blocks(start)
  const slots = compiled.slots(start, '')
  const read = (slot: Slot, words: Uint32Array): SlotValue => {
    const raw = (words[slot.word]! >>> slot.shift) & slot.mask
    return slot.decode(raw >>> 0)
  }
  return {
    words: compiled.words,
    slots,
    blocks,
    scalarsets: bases,
    members: (domain) => {
      const sizes = blocks.filter((it) => it.domain === domain).map((it) => it.places.length)
      const first = bases.get(domain) ?? 0
      return Array.from({ length: Math.max(0, ...sizes) }, (_, i) => first + i)
    },
    bind: (words, footprint) => compiled.bind(words, start, footprint) as View<F>,
    describe: (words) => Object.fromEntries(slots.map((slot) => [slot.path, read(slot, words)])),
    diff: (before, after) =>
      slots.flatMap((slot) => {
        const from = read(slot, before)
        const to = read(slot, after)
        return from === to ? [] : [{ path: slot.path, from, to }]
      }),
  }
}
