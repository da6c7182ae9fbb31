/** Names of events, anywhere in a line. */
import type { EventKind } from './event.ts'

/** The last name in a line. */
export interface EventName {
  readonly kind: EventKind
  readonly start: number
  readonly end: number
  /** It is not the only one. */
  readonly isOneOfSeveral: boolean
}

const STEM = 'page_pool_'
/** What may follow it. */
const LONG: readonly (readonly [string, EventKind])[] = [
  ['state_hold', 'hold'],
  ['state_release', 'release'],
  ['release', 'attempt'],
  ['inflight', 'attempt'],
  ['update_nid', 'nid'],
]
/** Without it, in scripts of the user's, and what never has it. */
const SHORT: readonly (readonly [string, EventKind])[] = [
  ['state_hold', 'hold'],
  ['state_release', 'release'],
  ['update_nid', 'nid'],
  ['mem_connect', 'connect'],
  ['mem_disconnect', 'disconnect'],
  ['mem_return_failed', 'return-failed'],
]

export function nameIn(line: string): EventName | undefined {
  const long = longName(line)
  if (long !== undefined) return long
  return line.includes('mem_') || line.includes('state_') || line.includes('update_nid')
    ? shortName(line)
    : undefined
}

function longName(line: string): EventName | undefined {
  let found: EventName | undefined
  for (let at = line.indexOf(STEM); at >= 0; at = line.indexOf(STEM, at + 10)) {
    if (isWord(line.charCodeAt(at - 1))) continue
    // State events are nearly all there are: two letters tell them.
    const c = line.charCodeAt(at + 10)
    const first = c !== 115 ? 2 : line.charCodeAt(at + 16) === 104 ? 0 : 1
    const past = c !== 115 ? LONG.length : first + 1
    for (let i = first; i < past; i += 1) {
      const [name, kind] = LONG[i]!
      if (line.startsWith(name, at + 10))
        found = named(line, at, at + 10 + name.length, kind, found)
    }
  }
  return found
}
function shortName(line: string): EventName | undefined {
  let found: EventName | undefined
  for (const [name, kind] of SHORT)
    for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + name.length))
      if (!isWord(line.charCodeAt(at - 1))) found = named(line, at, at + name.length, kind, found)
  return found
}
/** The name that stands here, if it is an event's; else the one before it. */
function named(
  line: string,
  start: number,
  end: number,
  kind: EventKind,
  before: EventName | undefined,
): EventName | undefined {
  const next = line.charCodeAt(end)
  if (isWord(next) || next === 43 || next === 61) return before
  // Functions have these names too: in call chains (page_pool_release+0x14a, "=> page_pool_release <ffff...>"),
  // in the function tracers (page_pool_release(pool=0x...)). Events with a bracket have their system's name.
  if (next === 40 && line.charCodeAt(start - 1) !== 58) return before
  if (line.startsWith('=> ', start - 3)) return before
  return { kind, start, end, isOneOfSeveral: before !== undefined }
}
const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95
