/** A mutant against the kernel's recorded behaviour: how many sequences does it no longer agree with? */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Instrument } from '../engine/program/automaton.ts'
import { compare, type Outcome } from '../conformance/compare.ts'
import { readRecording, type KernelId, type Sequence } from '../conformance/recording.ts'

/** The own test data, seen from the sources and from dist/. */
const folder = ['../test/conformance/data', '../../test/conformance/data']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find(existsSync)

/** Are there recordings to hold a mutant against? They come with the checkout and with the package. */
export const hasRecordings = folder !== undefined

const known = new Map<KernelId, readonly Sequence[]>()
/** The recordings of one kernel. Throws when the checkout has none. */
function recordingsOf(id: KernelId): readonly Sequence[] {
  if (folder === undefined)
    throw new Error('test/conformance/data is missing: mutants are held against it.')
  const sequences =
    known.get(id) ??
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl.gz'))
      .sort()
      .flatMap((name) => readRecording(join(folder, name)))
      .filter(({ kernel }) => kernel === id)
  known.set(id, sequences)
  return sequences
}

export interface Replayed {
  /** Sequences that differ, and how many there are. */
  readonly differ: number
  readonly of: number
  /** The first of them, and what differs in it. */
  readonly first?: string
}
export function replayed(id: KernelId, instrument?: Instrument): Replayed {
  const sequences = recordingsOf(id)
  const differing = sequences.flatMap((sequence) => {
    const result = attempt(sequence, instrument)
    return result === undefined ? [] : [`${sequence.kind} ${sequence.name}: ${result}`]
  })
  const [first] = differing
  const counted = { differ: differing.length, of: sequences.length }
  return first === undefined ? counted : { ...counted, first }
}

const unchanged = new Map<KernelId, Replayed>()
/** The model without any change, replayed once. */
export function replayedAsItIs(id: KernelId): Replayed {
  const it = unchanged.get(id) ?? replayed(id)
  unchanged.set(id, it)
  return it
}

/** What differs, if anything does. A model that cannot go on differs, too. */
function attempt(sequence: Sequence, instrument: Instrument | undefined): string | undefined {
  let result: Outcome
  try {
    result = compare(sequence, instrument)
  } catch (error) {
    return (error as Error).message
  }
  if (result.outcome === 'agrees') return undefined
  if (result.outcome === 'not compared') return result.why
  const { at, mismatches } = result.difference
  return `${mismatches.map(({ what }) => what).join(', ')} after "${sequence.commands[at]}"`
}
