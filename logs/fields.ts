/** `name=value` and `name: value` pairs, wherever they stand in a line. Written by hand: every event line passes here. */
import type { TraceEvent } from './event.ts'

const HIGH = 2 ** 32
/** Of a 64-bit pointer the low 53 bits are kept: kernel pointers agree in the others. */
const HIGH_BITS = 0x1f_ffff

const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 46
/** Ends a value: space, quote, comma, bracket, semicolon, backslash (an escaped line end in JSON), star. */
const ends = (c: number): boolean =>
  c <= 32 ||
  c === 44 ||
  c === 41 ||
  c === 93 ||
  c === 125 ||
  c === 34 ||
  c === 39 ||
  c === 59 ||
  c === 92
const digit = (c: number): number =>
  c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1

/** What the last `readFields` met: how many fields it knew, where the last of them ended, if a value was broken. */
export const fieldsMet = { known: 0, end: 0, broken: false }

export function readFields(line: string, from: number, e: TraceEvent): void {
  const length = line.length
  fieldsMet.known = 0
  fieldsMet.end = from
  fieldsMet.broken = false
  let pfn = NaN
  let isNetIov = 0
  for (let i = from; i < length;) {
    if (!isWord(line.charCodeAt(i))) {
      i += 1
      continue
    }
    const start = i
    while (i < length && isWord(line.charCodeAt(i))) i += 1
    let at = i
    while (line.charCodeAt(at) === 34 || line.charCodeAt(at) === 39) at += 1
    const separator = line.charCodeAt(at)
    if (separator !== 61 && separator !== 58) continue
    at += 1
    let c = line.charCodeAt(at)
    while (c === 32 || c === 34 || c === 39) c = line.charCodeAt((at += 1))
    let end = at
    while (end < length && !ends(line.charCodeAt(end))) end += 1
    if (end === at) continue
    let value: number
    switch (line.slice(start, i)) {
      case 'page_pool':
      case 'pool':
      case 'pp':
      case 'pool_ptr':
      case 'allocator':
        value = pointer(line, at, end)
        if (!Number.isNaN(value)) {
          e.pool = value
          e.poolText = line.slice(at, end)
        }
        break
      case 'netmem':
      case 'page':
      case 'page_ptr':
        value = pointer(line, at, end)
        e.pointer = value
        e.hashed = value < HIGH
        break
      case 'pfn':
        value = pfn = number(line, at, end)
        break
      case 'is_net_iov':
        value = isNetIov = number(line, at, end)
        break
      case 'hold':
      case 'hold_cnt':
      case 'holds':
      case 'held':
        value = e.hold = number(line, at, end)
        break
      case 'release':
      case 'released':
      case 'release_cnt':
      case 'releases':
        value = e.release = number(line, at, end)
        break
      case 'inflight':
      case 'in_flight':
        value = e.inflight = number(line, at, end)
        break
      case 'cnt':
      case 'destroy_cnt':
      case 'disconnect_cnt':
      case 'attempt':
        value = e.cnt = number(line, at, end)
        break
      case 'mem_id':
      case 'mem.id':
        value = e.memId = number(line, at, end)
        break
      case 'mem_type':
      case 'type':
        e.memType = line.slice(at, end)
        value = 0
        break
      case 'safe_to_remove':
        e.safe = truth(line, at, end)
        value = 0
        break
      case 'force':
        e.force = truth(line, at, end)
        value = 0
        break
      case 'ifindex':
        value = e.ifindex = number(line, at, end)
        break
      case 'pool_nid':
        value = e.nid = number(line, at, end)
        break
      case 'new_nid':
        value = e.newNid = number(line, at, end)
        break
      case 'cpu':
        value = number(line, at, end)
        if (value >= 0) e.cpu = value
        break
      case 'comm':
        e.task = line.slice(at, end)
        value = 0
        break
      default:
        i = at
        continue
    }
    if (Number.isNaN(value)) fieldsMet.broken = true
    else fieldsMet.known += 1
    fieldsMet.end = end
    i = end
  }
  e.page = pfn > 0 && isNetIov !== 1 ? pfn : -1 - e.pointer
}

const truth = (line: string, at: number, end: number): boolean =>
  /^(true|1|yes)$/i.test(line.slice(at, end))

/** Decimal, or hexadecimal with 0x; NaN for anything else. */
function number(line: string, from: number, end: number): number {
  let at = from
  const negative = line.charCodeAt(at) === 45
  if (negative) at += 1
  const hex = line.charCodeAt(at) === 48 && (line.charCodeAt(at + 1) | 32) === 120
  const base = hex ? 16 : 10
  if (hex) at += 2
  if (at >= end) return NaN
  let value = 0
  for (; at < end; at += 1) {
    const d = digit(line.charCodeAt(at))
    if (d < 0 || d >= base) return NaN
    value = value * base + d
  }
  return negative ? -value : value
}

/** `0xff11...`, `ff11...` or a hashed `00000000...`; NaN for `(null)`, `(____ptrval____)` and what is none. */
function pointer(line: string, from: number, end: number): number {
  let at = from
  if (line.charCodeAt(at) === 45) at += 1
  if (line.charCodeAt(at) === 48 && (line.charCodeAt(at + 1) | 32) === 120) at += 2
  if (at >= end) return NaN
  let high = 0
  let low = 0
  for (; at < end; at += 1) {
    const d = digit(line.charCodeAt(at))
    if (d < 0) return NaN
    high = ((high << 4) | (low >>> 28)) >>> 0
    low = ((low << 4) | d) >>> 0
  }
  return (high & HIGH_BITS) * HIGH + low
}
