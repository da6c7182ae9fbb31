/** Which fields an event needs to be one. */
import type { EventKind, TraceEvent } from './event.ts'

export const has = (value: number): boolean => !Number.isNaN(value)

/** `official`: the kernel's own format, which has every field; a script of the user's may print what it likes. */
type Needs = (e: TraceEvent, official: boolean) => boolean

const memory: Needs = (e, official) => has(e.memId) && (has(e.pool) || !official)

const NEEDS: Readonly<Record<EventKind, Needs>> = {
  hold: (e) => {
    if (Number.isNaN(e.hold)) e.hold = e.cnt
    return has(e.pool) && has(e.hold)
  },
  release: (e) => {
    if (Number.isNaN(e.release)) e.release = e.cnt
    return has(e.pool) && has(e.release)
  },
  attempt: (e, official) =>
    has(e.pool) && ((has(e.hold) && has(e.release)) || (has(e.inflight) && !official)),
  nid: (e) => has(e.pool) && has(e.newNid),
  connect: memory,
  disconnect: memory,
  'return-failed': (e) => has(e.memId),
}
/** A counter that a script calls `cnt` is put where it belongs. */
export const isComplete = (e: TraceEvent, official: boolean): boolean => NEEDS[e.kind](e, official)
