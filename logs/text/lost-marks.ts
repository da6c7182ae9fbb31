/** As ftrace, trace-cmd, perf, bpftrace, printk, syslog and people say that something is not there. */
import type { Extent } from './loss.ts'

export interface LostMark {
  readonly says: string
  /** -1: of any. */
  readonly cpu: number
  readonly extent: Extent
}

const THINGS = String.raw`(?:\w+ )?(?:events?|messages|lines|records|samples|chunks|callbacks)`
const GONE = '(?:lost|dropped|missed|skipped|suppressed|overwritten|omitted)'
const LOST = new RegExp(
  [
    String.raw`\[lost (?:\d+ )?events\]|events? dropped\]|PERF_RECORD_LOST|"lost_events"`,
    String.raw`(?:overrun|dropped events): [1-9]`,
    String.raw`\b[1-9]\d* ${THINGS} (?:were )?${GONE}\b`,
    String.raw`\b${GONE} [1-9]\d* ${THINGS}`,
  ].join('|'),
  'i',
)
const MAY_BE_LOST = /lost|drop|miss|skip|suppress|overr|overwr|omit/i
/** What is said once for a whole recording: perf's summary, the ring buffer's statistics. */
const LOST_ANYWHERE = /chunks|overrun|dropped events/i
/** bpftrace says it when it comes to it. */
const LOST_BEFORE = /^\s*(?:WARNING: )?Lost|"lost_events"/
const ELIDED = /^[\s>|]*(?:\[\.\.\.\]|\[snip\]|\.\.\.|…)\s*$/

export function lostMarkIn(text: string): LostMark | undefined {
  if (MAY_BE_LOST.test(text) && LOST.test(text))
    return mark(text, Number(/CPU:?\s?(\d+)/.exec(text)?.[1] ?? -1))
  return text.length < 24 && ELIDED.test(text) ? mark(text, -1) : undefined
}
const mark = (text: string, cpu: number, extent = extentOf(text)): LostMark => ({
  says: text.replace(/^[\s>|]+/, '').trim(),
  cpu,
  extent,
})
const extentOf = (text: string): Extent =>
  LOST_ANYWHERE.test(text) ? 'anywhere' : LOST_BEFORE.test(text) ? 'before' : 'here'

/** The head of a capture: from ftrace, from perf. */
export const isHeader = (text: string): boolean =>
  text.includes('# tracer:') || text.includes('# captured on')
/** Nothing before it is of the same capture. */
export const beginsCapture = (text: string): boolean =>
  (text.includes('#') && isHeader(text)) ||
  text.startsWith('cpus=') ||
  text.startsWith('Attaching ')

/** What a line with a `#` in a capture says of lost events. */
export function lostMarkInHeader(text: string): LostMark | undefined {
  const started = /#+ CPU (\d+) buffer started/.exec(text)
  if (started !== null) return mark(text, Number(started[1]))
  const entries = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(text)
  if (entries === null) return undefined
  const over = Number(entries[2]) - Number(entries[1])
  return over > 0 ? mark(`${over} events were overwritten`, -1, 'before') : undefined
}
