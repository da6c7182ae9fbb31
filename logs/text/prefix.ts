/** What stands before the event's name: task, CPU, time, as each tool prints them. */
import type { TraceEvent } from './event.ts'

/**
 * Units by shape: `11.970511:` seconds (ftrace, trace-cmd, perf), `863us :` microseconds since the first
 * event (latency format), 10 or more digits at the start of the line nanoseconds (bpftrace `nsecs`). A
 * bare integer before the colon is the `counter` or `x86-tsc` clock, which has no unit: a tick, no time.
 */
export function readPrefix(line: string, name: number, e: TraceEvent): void {
  let at = name
  // "page_pool:page_pool_release": the system's name.
  if (line.charCodeAt(at - 1) === 58) {
    let system = at - 1
    while (system > 0 && isLetter(line.charCodeAt(system - 1))) system -= 1
    if (system < at - 1) at = system
  }
  while (at > 0 && line.charCodeAt(at - 1) === 32) at -= 1
  if (line.charCodeAt(at - 1) !== 58) at = pastColumns(line, at)
  if (line.charCodeAt(at - 1) === 58) {
    timeBefore(line, at - 1, e)
    e.seconds = !Number.isNaN(e.time)
    e.stamped = e.seconds || !Number.isNaN(e.tick)
  }
  const open = line.lastIndexOf('[', at - 1)
  const close = open < 0 ? -1 : line.indexOf(']', open)
  const cpu = close < 0 || close > at ? NaN : digits(line, open + 1, close)
  if (!Number.isNaN(cpu) && open > 0) {
    e.cpu = cpu
    e.task = line.slice(0, open)
    return
  }
  odd(line, name, e)
}
/** Between time and name: `(+12)` of `trace-cmd report --ts-diff`, the period of `perf script -F +period`. */
function pastColumns(line: string, from: number): number {
  const c = line.charCodeAt(from - 1)
  if (c !== 41 && !(c >= 48 && c <= 57)) return from
  const found = /: +(?:\(\+\d+\)|\d+)$/.exec(line.slice(0, from))
  return found === null ? from : found.index + 1
}
const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || c === 95

function digits(line: string, from: number, to: number): number {
  let value = 0
  if (from >= to) return NaN
  for (let i = from; i < to; i += 1) {
    const d = line.charCodeAt(i) - 48
    if (d < 0 || d > 9) return NaN
    value = value * 10 + d
  }
  return value
}

/** The number that ends before the colon: seconds if it has a unit, else a tick. */
function timeBefore(line: string, colon: number, e: TraceEvent): void {
  let end = colon
  while (end > 0 && line.charCodeAt(end - 1) === 32) end -= 1
  // "863us :", with a mark for long delays: "1000us+:", "12us!:".
  if (/[+!#*@$]/.test(line[end - 1] ?? '')) end -= 1
  const isMicroseconds = line.charCodeAt(end - 1) === 115 && line.charCodeAt(end - 2) === 117
  if (isMicroseconds) end -= 2
  const fraction = digitsBefore(line, end)
  const isDecimal = line.charCodeAt(fraction - 1) === 46
  const start = isDecimal ? digitsBefore(line, fraction - 1) : fraction
  if (start === end) return
  if (isDecimal) e.time = decimal(line, start, fraction - 1, end) * (isMicroseconds ? 1e-6 : 1)
  else if (isMicroseconds) e.time = digits(line, start, end) * 1e-6
  else e.tick = digits(line, start, end)
}
/** Where the digits begin that end here. */
function digitsBefore(line: string, end: number): number {
  let start = end
  while (start > 0 && isDigit(line.charCodeAt(start - 1))) start -= 1
  return start
}
const isDigit = (c: number): boolean => c >= 48 && c <= 57
const decimal = (line: string, start: number, point: number, end: number): number =>
  digits(line, start, point) + digits(line, point + 1, end) / 10 ** (end - point - 1)

/** The rarer prefixes: no brackets around the CPU. */
function odd(line: string, name: number, e: TraceEvent): void {
  const before = line.slice(0, name)
  const first = /^\s*(\d{10,})\s/.exec(before)
  if (first !== null && Number.isNaN(e.time)) e.time = Number(first[1]) / 1e9
  const milliseconds = /^\s*(\d+\.\d{3})\s+(?:\(.*?\):?\s*)?(\S+?)(?:\/\d+)?\s/.exec(before)
  if (milliseconds !== null && Number.isNaN(e.time)) {
    // `perf trace`: milliseconds since it began.
    e.time = Number(milliseconds[1]) / 1e3
    e.task = milliseconds[2]!
  }
  if (!Number.isNaN(e.time)) e.stamped = true
  const cpu =
    /\bcpu[=: ]?\s*(\d+)/i.exec(before) ??
    /^\s*(\d+)\)/.exec(before) ??
    /-\d+\s+(\d+)[.a-zA-Z0-9#]{4,5}\s+\S+\s*:?\s*$/.exec(before)
  if (cpu !== null) e.cpu = Number(cpu[1])
  const task = /\bcpu\s?\d+\s+(\S+)\s*$/i.exec(before) ?? /^[\s>|]*(\S.*?-\d+)\s+/.exec(before)
  if (task !== null && e.task === '') e.task = task[1]!
}

/** `pp-194 (   194) ` and `pp   180 ` as one short name; quoting marks and line prefixes taken off. */
export function taskName(text: string): string {
  const plain = text.replace(/^[\s>|]+/, '').replace(/\(\s*[-\d]+\)\s*$/, '')
  const perf = /^(.*\S)\s+(\d+)(?:\/\d+)?\s*$/.exec(plain)
  return (perf === null ? plain : `${perf[1]}-${perf[2]}`).trim()
}
