/** Events without a name that is known: their fields tell what they are. */
import { has } from './complete.ts'
import type { EventKind, TraceEvent } from './event.ts'

type Tells = (e: TraceEvent, page: boolean, line: string) => boolean

/** The first that holds. */
const KINDS: readonly (readonly [EventKind, Tells])[] = [
  ['attempt', (e, page) => has(e.inflight) || (has(e.hold) && has(e.release) && !page)],
  ['hold', (e, page) => page && has(e.hold) && !has(e.release)],
  ['release', (e, page) => page && has(e.release) && !has(e.hold)],
  ['hold', (e, page, line) => page && has(e.cnt) && /\bhold\b/i.test(line)],
  ['release', (e, page, line) => page && has(e.cnt) && /\brelease\b/i.test(line)],
  ['connect', (e) => has(e.memId) && has(e.ifindex)],
  ['disconnect', (e) => has(e.memId)],
]

export function kindByFields(e: TraceEvent, line: string): EventKind | undefined {
  const page = has(e.pointer) || e.page >= 0
  return KINDS.find(([, tells]) => tells(e, page, line))?.[0]
}
