/** `name=value` and `name: value` pairs, wherever they stand in a line. Written by hand: every event line passes here. */
import type { TraceEvent } from './event.ts'

const HIGH = 2 ** 32
/** Of a 64-bit pointer the low 53 bits are kept: kernel pointers agree in the others. */
const HIGH_BITS = 0x1f_ffff

/** Added to a pfn that can only be hexadecimal: no pfn in other notation has this number. */
export const HEX_PFN = 2 ** 52

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

/**
 * What was met last: how many fields it knew, where the first began and the last ended, if a value was broken;
 * which fields they were (a bit each), and if words without a value stand between them.
 */
export const fieldsMet = { known: 0, start: 0, end: 0, broken: false, mask: 0, litter: false }

/** Reads the value from `at` to `end` into the event; NaN if it is none. */
type Reader = (e: TraceEvent, line: string, at: number, end: number) => number

const pool: Reader = (e, line, at, end) => {
  const value = pointer(line, at, end)
  if (Number.isNaN(value)) return NaN
  e.poolText = line.slice(at, end)
  return (e.pool = value)
}
const page: Reader = (e, line, at, end) => {
  e.pointer = pointer(line, at, end)
  e.hashed = e.pointer < HIGH
  return e.pointer
}
const hold: Reader = (e, line, at, end) => (e.hold = number(line, at, end))
const release: Reader = (e, line, at, end) => (e.release = number(line, at, end))
/** s32; options/fields prints it as 0xfffffffd (-3). */
const inflight: Reader = (e, line, at, end) => {
  const value = number(line, at, end)
  return (e.inflight = value >= 2 ** 31 && value < HIGH ? value - HIGH : value)
}
const cnt: Reader = (e, line, at, end) => (e.cnt = number(line, at, end))
const memId: Reader = (e, line, at, end) => (e.memId = number(line, at, end))
const memType: Reader = (e, line, at, end) => {
  e.memType = line.slice(at, end)
  return 0
}

/** The kernel's names, and those that scripts like to use instead. */
const READERS: Readonly<Record<string, Reader>> = {
  page_pool: pool,
  pool,
  pp: pool,
  pool_ptr: pool,
  allocator: pool,
  netmem: page,
  page,
  page_ptr: page,
  pfn: (e, line, at, end) => {
    e.pfn = number(line, at, end)
    // %lx without 0x. Those without a letter count as decimal: all the same, each has a number of its own.
    if (Number.isNaN(e.pfn)) e.pfn = HEX_PFN + pointer(line, at, end)
    return e.pfn
  },
  is_net_iov: (e, line, at, end) => (e.isNetIov = number(line, at, end)),
  hold,
  holds: hold,
  held: hold,
  hold_cnt: hold,
  release,
  releases: release,
  released: release,
  release_cnt: release,
  inflight,
  in_flight: inflight,
  cnt,
  attempt: cnt,
  destroy_cnt: cnt,
  disconnect_cnt: cnt,
  mem_id: memId,
  'mem.id': memId,
  mem_type: memType,
  type: memType,
  ifindex: (e, line, at, end) => (e.ifindex = number(line, at, end)),
  safe_to_remove: (e, line, at, end) => {
    e.safe = truth(line, at, end)
    return 0
  },
  force: (e, line, at, end) => {
    e.force = truth(line, at, end)
    return 0
  },
  pool_nid: (e, line, at, end) => (e.nid = number(line, at, end)),
  new_nid: (e, line, at, end) => (e.newNid = number(line, at, end)),
  cpu: (e, line, at, end) => {
    const value = number(line, at, end)
    if (value >= 0) e.cpu = value
    return value
  },
  comm: (e, line, at, end) => {
    e.task = line.slice(at, end)
    return 0
  },
}
const SPACED = new RegExp(
  String.raw`\b(${Object.keys(READERS).join('|')})[ \t]+((?:0x)?[0-9a-f]{8,16}|-?\d+|0x[0-9a-f]+)(?![\w.:])`,
  'g',
)
const mix = (hash: number, c: number): number => (Math.imul(hash, 31) + c) | 0
/** By the hash of the name, so that a name is looked up without being cut out of the line. */
const byHash = new Map(
  Object.entries(READERS).map(([name, read], i) => [
    Array.from(name, (c) => c.charCodeAt(0)).reduce(mix, 0),
    { name, read, bit: 1 << i },
  ]),
)

export function readFields(line: string, from: number, e: TraceEvent): void {
  const length = line.length
  let known = 0
  let first = -1
  let last = from
  let broken = false
  let mask = 0
  let word = false
  let litter = false
  for (let i = from; i < length;) {
    let c = line.charCodeAt(i)
    if (!isWord(c)) {
      i += 1
      continue
    }
    const start = i
    let hash = 0
    do {
      hash = mix(hash, c)
      c = line.charCodeAt((i += 1))
    } while (isWord(c))
    let at = i
    while (c === 34 || c === 39) c = line.charCodeAt((at += 1))
    if (c !== 61 && c !== 58) {
      word = true
      continue
    }
    c = line.charCodeAt((at += 1))
    while (c === 32 || c === 34 || c === 39) c = line.charCodeAt((at += 1))
    const field = byHash.get(hash)
    if (field === undefined || !line.startsWith(field.name, start)) {
      i = at
      continue
    }
    let end = at
    while (end < length && !ends(line.charCodeAt(end))) end += 1
    if (end === at) continue
    if (Number.isNaN(field.read(e, line, at, end))) broken = true
    else known += 1
    if (first < 0) first = start
    else if (word) litter = true
    word = false
    mask |= field.bit
    last = i = end
  }
  identify(e)
  fieldsMet.known = known
  fieldsMet.start = Math.max(first, 0)
  fieldsMet.end = last
  fieldsMet.broken = broken
  fieldsMet.mask = mask
  fieldsMet.litter = litter
}
function identify(e: TraceEvent): void {
  e.page = e.pfn > 0 && e.isNetIov !== 1 ? e.pfn : -1 - e.pointer
}

/** `pool 0xff... page 0xff... hold 12`, as scripts print it that were not meant for a machine. Not for prose. */
export function readSpaced(line: string, from: number, e: TraceEvent): void {
  let known = 0
  for (const m of line.slice(from).matchAll(SPACED)) {
    const at = from + m.index + m[0].length - m[2]!.length
    const value = READERS[m[1]!]!(e, line, at, at + m[2]!.length)
    if (Number.isNaN(value)) continue
    if (known === 0) fieldsMet.start = from + m.index
    fieldsMet.end = at + m[2]!.length
    known += 1
  }
  identify(e)
  fieldsMet.known = Number.isNaN(e.pool) ? 0 : known
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
