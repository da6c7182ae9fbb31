/**
 * The fewest commands that still show a difference. The kernel is not run again, so this rests on the
 * model alone: a command may go when every call that is left returns what it returned before, and
 * what differs has the value in the model that it had. That the kernel would still show what was
 * recorded is inferred, not observed.
 */
import type { Instrument } from '../engine/program/automaton.ts'
import { same, type Difference } from './compare.ts'
import { Kernel, MOST_EFFORT } from './kernel.ts'
import { observe, valueAt } from './observe.ts'
import type { Sequence } from './recording.ts'

/**
 * The numbers of the commands that are left, the differing one last. Of a sequence that takes very long some
 * may be left that could go.
 */
export function shorten(
  sequence: Sequence,
  { at, mismatches }: Difference,
  instrument?: Instrument,
): readonly number[] {
  const returned = returnsOf(sequence, at, instrument)
  let spent = 0
  const shows = (kept: readonly number[]): boolean => {
    if (spent > MOST_EFFORT) return false
    const kernel = new Kernel(sequence.kernel, instrument)
    try {
      for (const index of kept) {
        const model = observe(kernel, sequence.commands[index]!)
        if (!same(model.ret, returned[index])) return false
        if (index === at) return mismatches.every((it) => same(valueAt(model, it.what), it.model))
      }
    } catch {
      // Without what was left out, the rest is nothing the model can do.
    } finally {
      spent += kernel.effort
    }
    return false
  }
  return without(
    Array.from({ length: at }, (_, index) => index),
    (kept) => shows([...kept, at]),
  ).concat(at)
}

function returnsOf(sequence: Sequence, at: number, instrument?: Instrument): readonly unknown[] {
  const kernel = new Kernel(sequence.kernel, instrument)
  return sequence.commands.slice(0, at + 1).map((command) => observe(kernel, command).ret)
}

/** Leaves out ever smaller runs of commands, until not one more can go. */
function without(all: readonly number[], good: (kept: readonly number[]) => boolean): number[] {
  let kept = [...all]
  for (let size = Math.max(1, kept.length >> 1); ; size = Math.max(1, size >> 1)) {
    const before = kept.length
    for (let from = kept.length - size; from > -size; from -= size) {
      const rest = kept.filter((_, i) => i < from || i >= from + size)
      if (rest.length < kept.length && good(rest)) kept = rest
    }
    if (size === 1 && kept.length === before) return kept
  }
}
