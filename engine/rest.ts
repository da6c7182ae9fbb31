/**
 * Rest: everything that was begun has ended. Only new work could still arrive, and housekeeping that
 * would change nothing: a delayed work that re-queues itself for ever (a leaked page) is rest, not
 * progress.
 */
import type { System } from './system.ts'

const PROBE_LIMIT = 1000

const same = (a: Uint32Array, b: Uint32Array): boolean => {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

/** Is the state in the work space at rest? The work space is left as it was; `reports` is not. */
export function atRest(system: System): boolean {
  const count = system.enabled()
  const retries: number[] = []
  for (let i = 0; i < count; i += 1) {
    const move = system.moves[i]!
    const sort = system.sort(move)
    if (sort === 'step' || sort === 'end') return false
    if (sort === 'retry') retries.push(move)
  }
  if (retries.length === 0) return true
  const before = system.words.slice()
  const idle = retries.every((retry) => {
    system.words.set(before)
    return returnsTo(system, retry, before)
  })
  system.words.set(before)
  return idle
}

/** Runs the housekeeping alone until it is waiting to be started again: did it change anything? */
function returnsTo(system: System, retry: number, before: Uint32Array): boolean {
  system.fire(retry)
  for (let n = 0; n < PROBE_LIMIT; n += 1) {
    if (same(system.words, before)) return true
    const next = firstOf(system, system.enabled(), system.busy().length > 0)
    if (next === undefined) return false
    system.fire(next)
  }
  return false
}

/** Goes on with the function that runs; when none does, with the next piece of housekeeping. */
function firstOf(system: System, count: number, busy: boolean): number | undefined {
  const wanted = busy ? 'step' : 'retry'
  for (let i = 0; i < count; i += 1)
    if (system.sort(system.moves[i]!) === wanted) return system.moves[i]!
  return undefined
}
