/** One line to one event. The name may stand anywhere in the line; without a known name the fields tell. */
import type { EventKind, TraceEvent } from './event.ts'
import { fieldsMet, readFields, readSpaced } from './fields.ts'
import { readPrefix } from './prefix.ts'

/**
 * - `event`: understood.
 * - `incomplete`: the name and too few fields: cut, or wrapped by a mail program.
 * - `damaged`: looks like an event and is none that a kernel prints.
 * - `none`: no event.
 */
export type Scanned = 'event' | 'incomplete' | 'damaged' | 'none'

/** What may follow `page_pool_`. */
const LONG: readonly (readonly [string, EventKind])[] = [
  ['state_hold', 'hold'],
  ['state_release', 'release'],
  ['release', 'attempt'],
  ['inflight', 'attempt'],
  ['update_nid', 'nid'],
]
const STEM = 'page_pool_'
/** Without it, in scripts of the user's, and what never has it. */
const SHORT: readonly (readonly [string, EventKind])[] = [
  ['state_hold', 'hold'],
  ['state_release', 'release'],
  ['update_nid', 'nid'],
  ['mem_connect', 'connect'],
  ['mem_disconnect', 'disconnect'],
  ['mem_return_failed', 'return-failed'],
]

/** The last name in the line, and how many there are. */
const met = { kind: 'hold' as EventKind, start: -1, end: -1, count: 0 }

/** Did the last line scanned name its event? */
export const isNamed = (): boolean => met.count > 0

export function scan(line: string, e: TraceEvent): Scanned {
  met.count = 0
  findLong(line)
  if (met.count === 0) {
    if (line.includes('mem_') || line.includes('state_') || line.includes('update_nid'))
      findShort(line)
    if (met.count === 0) return byFields(line, e)
  }
  clear(e)
  const bracket = line.charCodeAt(met.end) === 40
  readFields(line, met.end, e)
  if (fieldsMet.known === 0 && !fieldsMet.broken) readSpaced(line, met.end, e)
  const { known, broken, end } = fieldsMet
  e.kind = met.kind
  e.text = line
  e.start = met.start
  e.old = line.startsWith('page_pool_inflight', met.start)
  if (known === 0)
    return seemsCut(line, broken) ? 'incomplete' : hasValues(line) ? 'damaged' : 'none'
  readPrefix(line, met.start, e)
  if (bracket) zerosLeftOut(e)
  if (broken || glued(line, end)) return line.includes('%') ? 'none' : 'damaged'
  if (!isComplete(e, line.charCodeAt(met.end) === 58)) return 'incomplete'
  return met.count > 1 && line.charCodeAt(met.start - 1) !== 58 ? 'damaged' : 'event'
}

function findLong(line: string): void {
  for (let at = line.indexOf(STEM); at >= 0; at = line.indexOf(STEM, at + 10)) {
    if (isWord(line.charCodeAt(at - 1))) continue
    // State events are nearly all there are: two letters tell them.
    const c = line.charCodeAt(at + 10)
    const first = c !== 115 ? 2 : line.charCodeAt(at + 16) === 104 ? 0 : 1
    const past = c !== 115 ? LONG.length : first + 1
    for (let i = first; i < past; i += 1) {
      const [name, kind] = LONG[i]!
      if (line.startsWith(name, at + 10)) found(line, at, at + 10 + name.length, kind)
    }
  }
}
function findShort(line: string): void {
  for (const [name, kind] of SHORT)
    for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + name.length))
      if (!isWord(line.charCodeAt(at - 1))) found(line, at, at + name.length, kind)
}
function found(line: string, start: number, end: number, kind: EventKind): void {
  const next = line.charCodeAt(end)
  if (isWord(next) || next === 43 || next === 61) return
  // Functions have these names too: in call chains (page_pool_release+0x14a, "=> page_pool_release <ffff...>"),
  // in the function tracers (page_pool_release(pool=0x...)). Events with a bracket have their system's name.
  if (next === 40 && line.charCodeAt(start - 1) !== 58) return
  if (line.startsWith('=> ', start - 3)) return
  met.kind = kind
  met.start = start
  met.end = end
  met.count += 1
}
const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95

function clear(e: TraceEvent): void {
  e.time = e.tick = e.pool = e.page = e.pointer = e.hold = e.release = e.inflight = e.cnt = NaN
  e.isNetIov = 0
  e.pfn = e.memId = e.ifindex = e.nid = e.newNid = NaN
  e.cpu = -1
  e.memType = e.poolText = e.task = ''
  e.safe = e.force = undefined
  e.hashed = e.old = e.seconds = e.stamped = false
}

/** A bare name: a line that was cut right after it, or a word in a sentence? */
const seemsCut = (line: string, broken: boolean): boolean =>
  broken ||
  (line.charCodeAt(met.end) === 58 &&
    /^:\s*(?:page_pool|pag?|mem(?:_id)?|p|m)?=?\s*$/.test(line.slice(met.end)))

/** Fields of other names, or pointers without names: an event in words that are not known here. */
const hasValues = (line: string): boolean =>
  !line.includes('%') && /\w=\S|\b0x[0-9a-f]{6}|\b[0-9a-f]{12,16}\b/.test(line.slice(met.end))

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

function isComplete(e: TraceEvent, official: boolean): boolean {
  switch (e.kind) {
    case 'hold':
      if (Number.isNaN(e.hold)) e.hold = e.cnt
      return has(e.pool) && has(e.hold)
    case 'release':
      if (Number.isNaN(e.release)) e.release = e.cnt
      return has(e.pool) && has(e.release)
    case 'attempt':
      // The kernel's own format has all three; a script of the user's may print what it likes.
      return has(e.pool) && (has(e.hold) && has(e.release) ? true : has(e.inflight) && !official)
    case 'nid':
      return has(e.pool) && has(e.newNid)
    case 'connect':
    case 'disconnect':
      return has(e.memId) && (has(e.pool) || !official)
    case 'return-failed':
      return has(e.memId)
  }
}
const has = (value: number): boolean => !Number.isNaN(value)

/** A script of the user's own, with its own words: pool and page and a counter are enough. */
function byFields(line: string, e: TraceEvent): Scanned {
  if (
    !line.includes('pool') &&
    !line.includes('pp=') &&
    !line.includes('pp:') &&
    !line.includes('mem_id')
  )
    return 'none'
  if (line.includes('%') || line.includes('release_stalled')) return 'none'
  clear(e)
  readFields(line, 0, e)
  if (Number.isNaN(e.pool)) readSpaced(line, 0, e)
  if (fieldsMet.known < 2 || Number.isNaN(e.pool)) return 'none'
  const page = has(e.pointer) || e.page >= 0
  if (has(e.inflight) || (has(e.hold) && has(e.release) && !page)) e.kind = 'attempt'
  else if (page && has(e.hold) && !has(e.release)) e.kind = 'hold'
  else if (page && has(e.release) && !has(e.hold)) e.kind = 'release'
  else if (has(e.cnt) && page && /\bhold\b/i.test(line)) e.kind = 'hold'
  else if (has(e.cnt) && page && /\brelease\b/i.test(line)) e.kind = 'release'
  else if (has(e.memId)) e.kind = has(e.ifindex) ? 'connect' : 'disconnect'
  else return 'none'
  e.text = line
  e.start = fieldsMet.start
  e.old = false
  readPrefix(line, fieldsMet.start, e)
  return fieldsMet.broken ? 'damaged' : isComplete(e, false) ? 'event' : 'incomplete'
}
