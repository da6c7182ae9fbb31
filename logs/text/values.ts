/** Numbers and pointers as the kernel and its tools print them. Written by hand: every event line passes here. */

export const HIGH = 2 ** 32
/** Of a 64-bit pointer the low 53 bits are kept: kernel pointers agree in the others. */
const HIGH_BITS = 0x1f_ffff

/** Added to a pfn that can only be hexadecimal: no pfn in other notation has this number. */
export const HEX_PFN = 2 ** 52

const digit = (c: number): number =>
  c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1

export const truth = (line: string, at: number, end: number): boolean =>
  /^(true|1|yes)$/i.test(line.slice(at, end))

/** Decimal, or hexadecimal with 0x; NaN for anything else. */
export function number(line: string, from: number, end: number): number {
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
export function pointer(line: string, from: number, end: number): number {
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
