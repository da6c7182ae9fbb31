/**
 * Rest: everything that was begun has ended. Only new work could still arrive, and housekeeping that
 * would change nothing: work that queues itself again for ever without effect is rest, not
 * progress.
 */
import { VisitedSet } from '../state/visited-set.ts'
import type { Explore } from '../system.ts'

/** States that housekeeping may go through on its way back, at most. */
const PROBE_LIMIT = 1000

/** Of the moves just listed none is a step or an ending event: only new work and housekeeping are left. */
export function mayRest(system: Explore, count: number): boolean {
  for (let i = 0; i < count; i += 1) {
    const sort = system.sort(system.moves[i]!)
    if (sort === 'step' || sort === 'end') return false
  }
  return true
}

/** Is the state in the work space at rest? The work space is left as it was; `reports` is not. */
export function atRest(system: Explore): boolean {
  const count = system.enabled()
  if (!mayRest(system, count)) return false
  if (!system.moves.subarray(0, count).some((move) => system.sort(move) === 'retry')) return true
  const before = system.words.slice()
  const idle = alwaysReturns(system, before)
  system.words.set(before)
  return idle
}

/**
 * Lets housekeeping run in every way it can: at rest nothing else can end meanwhile, and from wherever
 * it gets it comes back to where it began.
 */
function alwaysReturns(system: Explore, from: Uint32Array): boolean {
  const visited = new VisitedSet(from.length)
  const cameFrom: number[][] = [[]]
  visited.intern(from)
  for (let state = 0; state < visited.size; state += 1) {
    if (visited.size > PROBE_LIMIT) return false
    visited.load(state, system.words)
    const moves = system.moves.slice(0, system.enabled())
    for (const move of moves) {
      const sort = system.sort(move)
      if (sort === 'work') continue
      if (sort === 'end') return false
      visited.load(state, system.words)
      system.fire(move)
      const next = visited.intern(system.words)
      if (visited.isNew) cameFrom.push([])
      cameFrom[next]!.push(state)
    }
  }
  return reaches(cameFrom).size === visited.size
}

/** The states from which state 0 can be reached. */
function reaches(cameFrom: readonly (readonly number[])[]): ReadonlySet<number> {
  const reached = new Set([0])
  for (const state of reached) for (const before of cameFrom[state]!) reached.add(before)
  return reached
}
