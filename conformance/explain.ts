/** Where in the model the values came from in which a command differs. */
import type { Instrument } from '../engine/program/automaton.ts'
import { same, type Mismatch } from './compare.ts'
import { Kernel } from './kernel.ts'
import { observe, valueAt } from './observe.ts'
import type { KernelId } from './recording.ts'

/** By mismatch: the last step that changed the value, or the step of the side effect that differs. */
export function explain(
  id: KernelId,
  commands: readonly string[],
  mismatches: readonly Mismatch[],
  instrument?: Instrument,
): ReadonlyMap<string, string> {
  const kernel = new Kernel(id, instrument)
  for (const command of commands.slice(0, -1)) observe(kernel, command)
  const places = new Map<string, string>()
  const last = new Map<string, unknown>()
  let latest = ''
  const look = (place: string): void => {
    latest = place
    const now = { ret: undefined, log: [], dma: [], ev: [], state: kernel.state() }
    for (const { what } of mismatches) {
      const value = valueAt(now, what)
      if (last.has(what) && !same(last.get(what), value)) places.set(what, place)
      last.set(what, value)
    }
  }
  look('')
  kernel.afterStep = () => look(kernel.place)
  kernel.recorder.place = () => kernel.place
  try {
    observe(kernel, commands.at(-1)!)
  } catch {
    // Looking at every step of it costs more than carrying it out: what was seen so far is told.
    return places
  }
  for (const { what, recorded, model } of mismatches) {
    if (what === 'ret') places.set(what, latest)
    if (what !== 'log' && what !== 'dma' && what !== 'ev') continue
    const at = firstDifference(recorded as readonly unknown[], model as readonly unknown[])
    const happening = kernel.recorder[what][at] ?? kernel.recorder[what].at(-1)
    if (happening !== undefined) places.set(what, happening.place)
  }
  return places
}

/** The index from which two lists differ. */
export function firstDifference(a: readonly unknown[], b: readonly unknown[]): number {
  const longest = Math.max(a.length, b.length)
  for (let i = 0; i < longest; i += 1) if (!same(a[i], b[i])) return i
  return longest
}
