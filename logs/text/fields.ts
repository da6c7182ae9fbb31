/** `name=value` and `name: value` pairs, wherever they stand in a line. Written by hand: every event line passes here. */
import type { TraceEvent } from './event.ts'
import { READERS, type Reader } from './field-readers.ts'

/** What was met in a line. */
export interface FieldsMet {
  /** How many fields were understood. */
  readonly known: number
  /** Where the first begins and the last ends. */
  readonly start: number
  readonly end: number
  /** A value could not be read. */
  readonly broken: boolean
  /** Which fields they are, a bit each. */
  readonly mask: number
  /** Words without a value stand between them. */
  readonly litter: boolean
}

const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 46
const isQuote = (c: number): boolean => c === 34 || c === 39
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

interface Field {
  readonly name: string
  readonly read: Reader
  readonly bit: number
}
const mix = (hash: number, c: number): number => (Math.imul(hash, 31) + c) | 0
/** By the hash of the name, so that a name is looked up without being cut out of the line. */
const byHash = new Map<number, Field>(
  Object.entries(READERS).map(([name, read], i) => [
    Array.from(name, (c) => c.charCodeAt(0)).reduce(mix, 0),
    { name, read, bit: 1 << i },
  ]),
)
function fieldNamed(hash: number, line: string, start: number): Field | undefined {
  const field = byHash.get(hash)
  return field !== undefined && line.startsWith(field.name, start) ? field : undefined
}

export function readFields(line: string, from: number, e: TraceEvent): FieldsMet {
  const length = line.length
  let known = 0
  let first = -1
  let last = from
  let broken = false
  let mask = 0
  let word = false
  let litter = false
  for (let i = from; i < length;) {
    const start = i
    let hash = 0
    for (let c = line.charCodeAt(i); isWord(c); c = line.charCodeAt((i += 1))) hash = mix(hash, c)
    if (i === start) {
      i += 1
      continue
    }
    const at = valueAfter(line, i)
    if (at < 0) {
      word = true
      continue
    }
    const field = fieldNamed(hash, line, start)
    if (field === undefined) {
      i = at
      continue
    }
    const end = pastValue(line, at)
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
  return { known, start: Math.max(first, 0), end: last, broken, mask, litter }
}
/** Where the value of a name that ends here begins; -1: the word is no name. */
function valueAfter(line: string, from: number): number {
  let at = from
  let c = line.charCodeAt(at)
  while (isQuote(c)) c = line.charCodeAt((at += 1))
  if (c !== 61 && c !== 58) return -1
  c = line.charCodeAt((at += 1))
  while (c === 32 || isQuote(c)) c = line.charCodeAt((at += 1))
  return at
}
function pastValue(line: string, from: number): number {
  let end = from
  while (end < line.length && !ends(line.charCodeAt(end))) end += 1
  return end
}
/** What tells the page from others. */
function identify(e: TraceEvent): void {
  e.page = e.pfn > 0 && e.isNetIov !== 1 ? e.pfn : -1 - e.pointer
}

const SPACED = new RegExp(
  String.raw`\b(${Object.keys(READERS).join('|')})[ \t]+((?:0x)?[0-9a-f]{8,16}|-?\d+|0x[0-9a-f]+)(?![\w.:])`,
  'g',
)

/** `pool 0xff... page 0xff... hold 12`, as scripts print it that were not meant for a machine. Not for prose. */
export function readSpaced(
  line: string,
  from: number,
  e: TraceEvent,
  before: FieldsMet,
): FieldsMet {
  let known = 0
  let { start, end } = before
  for (const m of line.slice(from).matchAll(SPACED)) {
    const at = from + m.index + m[0].length - m[2]!.length
    const value = READERS[m[1]!]!(e, line, at, at + m[2]!.length)
    if (Number.isNaN(value)) continue
    if (known === 0) start = from + m.index
    end = at + m[2]!.length
    known += 1
  }
  identify(e)
  return { ...before, known: Number.isNaN(e.pool) ? 0 : known, start, end }
}
