/**
 * Ground truth: who really has a page, whether it is really mapped, whether a pool's memory is still
 * allocated. Mechanisms write it as things happen; it never reads what a design believes, and no
 * design reads it. Counts are taken by looking at every page, so they cannot wrap.
 */
import { LEDGER, type Seen, type Truth, type World } from '../world/world.ts'

export const truth = (w: World): Truth => w[LEDGER]

/** A situation some property asks about was met. */
export function saw(w: World, what: keyof Seen): void {
  truth(w).seen[what] = true
}
