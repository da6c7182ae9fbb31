/** One line to one event. The name may stand anywhere in the line; without a known name the fields tell. */
import { isComplete } from './complete.ts'
import { clear, type TraceEvent } from './event.ts'
import { nameIn, type EventName } from './event-names.ts'
import { readFields, readSpaced, type FieldsMet } from './fields.ts'
import { kindByFields } from './kind-by-fields.ts'
import { readPrefix } from './prefix.ts'

/**
 * - `event`: understood.
 * - `incomplete`: the name and too few fields: cut, or wrapped by a mail program.
 * - `damaged`: looks like an event and is none that a kernel prints.
 * - `none`: no event.
 */
export type Scanned = 'event' | 'incomplete' | 'damaged' | 'none'

export function scan(line: string, e: TraceEvent): Scanned {
  const name = nameIn(line)
  return name === undefined ? scanNameless(line, e) : scanNamed(line, name, e)
}

function scanNamed(line: string, name: EventName, e: TraceEvent): Scanned {
  clear(e)
  const bracket = line.charCodeAt(name.end) === 40
  let met = readFields(line, name.end, e)
  if (met.known === 0 && !met.broken) met = readSpaced(line, name.end, e, met)
  e.kind = name.kind
  e.old = line.startsWith('page_pool_inflight', name.start)
  take(e, line, name.start, met)
  if (met.known === 0) return withoutFields(line, name, met)
  readPrefix(line, name.start, e)
  if (bracket) zerosLeftOut(e)
  if (met.broken || glued(line, met.end)) return line.includes('%') ? 'none' : 'damaged'
  if (!isComplete(e, line.charCodeAt(name.end) === 58)) return 'incomplete'
  return name.isOneOfSeveral && line.charCodeAt(name.start - 1) !== 58 ? 'damaged' : 'event'
}
function take(e: TraceEvent, line: string, start: number, { end, mask, litter }: FieldsMet): void {
  e.text = line
  e.start = start
  e.end = end
  e.fields = mask
  e.litter = litter
}

/** A script of the user's own, with its own words: pool and page and a counter are enough. */
function scanNameless(line: string, e: TraceEvent): Scanned {
  if (!MAY_BE_EVENT.some((sign) => line.includes(sign))) return 'none'
  if (line.includes('%') || line.includes('release_stalled')) return 'none'
  clear(e)
  let met = readFields(line, 0, e)
  if (Number.isNaN(e.pool)) met = readSpaced(line, 0, e, met)
  if (met.known < 2 || Number.isNaN(e.pool)) return 'none'
  const kind = kindByFields(e, line)
  if (kind === undefined) return 'none'
  e.kind = kind
  e.old = false
  take(e, line, met.start, met)
  readPrefix(line, met.start, e)
  return met.broken ? 'damaged' : isComplete(e, false) ? 'event' : 'incomplete'
}
const MAY_BE_EVENT = ['pool', 'pp=', 'pp:', 'mem_id']

const withoutFields = (line: string, name: EventName, { broken }: FieldsMet): Scanned =>
  broken || isCutAfter(line, name) ? 'incomplete' : hasValues(line, name) ? 'damaged' : 'none'

/** A bare name: a line that was cut right after it, or a word in a sentence? */
const isCutAfter = (line: string, { end }: EventName): boolean =>
  line.charCodeAt(end) === 58 &&
  /^:\s*(?:page_pool|pag?|mem(?:_id)?|p|m)?=?\s*$/.test(line.slice(end))

/** Fields of other names, or pointers without names: an event in words that are not known here. */
const hasValues = (line: string, { end }: EventName): boolean =>
  !line.includes('%') && /\w=\S|\b0x[0-9a-f]{6}|\b[0-9a-f]{12,16}\b/.test(line.slice(end))

/** `perf trace` leaves out fields that are 0: page_pool_release(pool: 0x..., hold: 64, release: 64, cnt: 1). */
function zerosLeftOut(e: TraceEvent): void {
  if (e.kind !== 'attempt') return
  if (Number.isNaN(e.hold)) e.hold = 0
  if (Number.isNaN(e.release)) e.release = 0
  if (Number.isNaN(e.inflight)) e.inflight = 0
}

/** Does another line begin behind the last field? Two writers, or a line whose end was lost. */
const glued = (line: string, end: number): boolean =>
  line.length - end > 6 && /\[\d{3,}\]|\d+\.\d{6}:/.test(line.slice(end))
