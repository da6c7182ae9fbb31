/** A log from its first line to its report. */
import { Capture } from './accounts/capture.ts'
import { newEvent, type EventKind, type TraceEvent } from './text/event.ts'
import { fieldsMet } from './text/fields.ts'
import { KernelLog } from './messages/kernel-log.ts'
import type { Extent } from './text/loss.ts'
import {
  isBroken,
  SCHEMA,
  type Fit,
  type LogReport,
  type LogVerdict,
  type PoolReport,
  type ShutdownReport,
} from './report.ts'
import { isNamed, scan } from './text/scan.ts'
import { readLines, type BytesRead } from './text/source.ts'
import { Stacks } from './text/stacks.ts'

export interface Progress extends BytesRead {
  readonly lines: number
  readonly events: number
}
/** Pools told one by one; more are counted. */
const MOST_POOLS = 1000
const EXAMPLES = 5
/** A piece of a line that was cut is not longer than this. */
const MOST_LOOSE = 100
/** Lines over which a mail program may have wrapped an event. */
const MOST_WRAPPED = 3
const THINGS = String.raw`(?:\w+ )?(?:events?|messages|lines|records|samples|chunks|callbacks)`
const GONE = '(?:lost|dropped|missed|skipped|suppressed|overwritten|omitted)'
/** As ftrace, trace-cmd, perf, bpftrace, printk, syslog and people say that something is not there. */
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

/** `file` is a path, or `-` for standard input. A signal ends it early. Throws UnreadableLog. */
export async function readLog(
  file: string,
  progress: (now: Progress) => void = () => {},
  signal?: AbortSignal,
): Promise<LogReport> {
  const reader = new LogReader(file)
  const { bytes, of } = await readLines(
    file,
    (text, ended, isCut) => reader.line(text, ended, isCut),
    (now) => progress({ ...now, ...reader.soFar() }),
    signal,
  )
  if (signal?.aborted !== true) return reader.report()
  const share = of === undefined || of === 0 ? '' : ` (${Math.floor((bytes / of) * 100)} %)`
  return reader.report(`interrupted: only the first ${bytes} bytes${share} were read`)
}

export class LogReader {
  private readonly file: string
  private readonly kernel = new KernelLog()
  private readonly stacks = new Stacks()
  private readonly capture = new Capture((report) => this.judged(report))
  /** Which fields the last event of each kind had. */
  private fields: Partial<Record<EventKind, number>> = {}
  /** Two records in turn: one is filled while the other waits for the next line. */
  private e: TraceEvent = newEvent()
  private spare: TraceEvent = newEvent()
  /** An event that is complete as it stands, and what is known of its line. */
  private held: TraceEvent | undefined
  private heldEnded = true
  private heldIsPatched = false
  /** The line before, if nothing was found in it: perhaps the beginning of this one. */
  private loose = ''
  private readonly kinds = new Map<EventKind, number>()
  private readonly pools: PoolReport[] = []
  private readonly more = new Map<string, number>()
  private readonly verdicts = new Set<LogVerdict>()
  private open = 0
  private lines = 0
  private damagedCount = 0
  private readonly damagedExamples: string[] = []
  private marks = 0
  private readonly saidLost: { line: number; says: string }[] = []
  private captures = 0
  private raw = 0
  private wrapped: { text: string; line: number; parts: number } | undefined

  constructor(file: string) {
    this.file = file
  }
  soFar(): { lines: number; events: number } {
    return { lines: this.lines, events: [...this.kinds.values()].reduce((a, b) => a + b, 0) }
  }

  line(raw: string, ended = true, isCut = false): void {
    this.lines += 1
    const text = plain(raw)
    if (isCut) return this.damage(text, this.lines, 'is longer than 1 MB, and was not read')
    if (this.held !== undefined && this.goesOn(this.held, text)) return
    this.flush()
    if (this.wrapped !== undefined && this.continues(text)) return
    const before = this.loose
    this.loose = ''
    const { e } = this
    e.line = this.lines
    switch (scan(text, e)) {
      case 'event':
        if (before !== '' && (e.cpu < 0 || !e.stamped)) this.headedBy(before, text)
        this.hold(ended)
        return
      case 'incomplete':
        this.wrapped = { text: before + text, line: this.lines, parts: 1 }
        return
      case 'damaged':
        this.damage(text, this.lines)
        return
      case 'none':
        if (text.length < MOST_LOOSE) this.loose = text
        this.other(text)
    }
  }
  /** The event waits for the next line: the number at its end may go on there. */
  private hold(ended: boolean): void {
    const { e } = this
    this.heldEnded = ended
    this.heldIsPatched = this.isPatched()
    this.held = e
    this.e = this.spare
    this.spare = e
  }
  private flush(): void {
    const e = this.held
    if (e === undefined) return
    this.held = undefined
    if (this.heldIsPatched) this.damage(e.text, e.line)
    else if (this.heldEnded || this.capture.expects(e)) this.event(e)
    else this.damage(e.text, e.line, 'the file ends in it, and its number may be cut')
  }
  /** The rest of an event that was cut inside its last fields: `cnt=1` and `2`. */
  private goesOn(held: TraceEvent, text: string): boolean {
    if (text.length > MOST_LOOSE || text.includes('pool')) return false
    const rest = text.replace(/^[\s>|]+/, '')
    if (!/^[\w=][\w=.,: -]*$/.test(rest)) return false
    const { e } = this
    if (scan(text, e) !== 'none') return false
    const joined = held.text.trimEnd() + rest
    if (scan(joined, e) !== 'event' || fieldsMet.end < joined.trimEnd().length) return false
    const isSamePool = e.pool === held.pool || held.text.trimEnd().endsWith(held.poolText)
    if (e.kind !== held.kind || !isSamePool) return false
    e.line = held.line
    this.hold(this.heldEnded)
    return true
  }
  /** Task, CPU and time were cut off and stand in the line before. */
  private headedBy(before: string, text: string): void {
    const { e } = this
    const isBetter = scan(before + text, e) === 'event' && e.stamped && e.cpu >= 0
    if (!isBetter) scan(text, e)
    e.line = this.lines
  }
  /** Less fields than the last event of its kind had, and words instead: the rests of two lines. */
  private isPatched(): boolean {
    const { kind } = this.e
    const { mask, litter } = fieldsMet
    if (litter && ((this.fields[kind] ?? 0) & ~mask) !== 0) return true
    this.fields[kind] = mask
    return false
  }
  private event(e: TraceEvent): void {
    this.kinds.set(e.kind, (this.kinds.get(e.kind) ?? 0) + 1)
    this.capture.feed(e)
    this.stacks.event(e.cpu, this.capture.lastHolding)
  }

  /** The next line of a wrapped event, or the end of a cut one. */
  private continues(text: string): boolean {
    const { wrapped, e } = this
    const { text: head, line, parts } = wrapped!
    e.line = this.lines
    const rest = text.replace(/^[\s>|]+/, '')
    this.wrapped = undefined
    if ((scan(text, e) === 'none' || !isNamed()) && !isHeader(text)) {
      // Cut inside a word or a number, or wrapped between two words.
      const ways = [head.trimEnd() + rest, `${head.trimEnd()} ${rest}`]
      const whole = ways.find((joined) => scan(joined, e) === 'event')
      e.line = line
      if (whole !== undefined) {
        this.hold(true)
        return true
      }
      const part = ways.find(
        (joined, i) => scan(joined, e) === 'incomplete' && isFields(rest, i === 0),
      )
      if (part !== undefined && parts < MOST_WRAPPED) {
        this.wrapped = { text: part, line, parts: parts + 1 }
        return true
      }
    }
    this.damage(head, line)
    return false
  }

  /** No event: a header, a mark of lost events, a stack, the kernel log, or something else. */
  private other(text: string): void {
    if (this.stacks.frame(text)) return
    if (text.includes('#')) this.header(text)
    if (text.startsWith('cpus=') || text.startsWith('Attaching ')) this.newCapture()
    if (MAY_BE_LOST.test(text) && LOST.test(text))
      return this.lost(text, Number(/CPU:?\s?(\d+)/.exec(text)?.[1] ?? -1))
    if (text.length < 24 && ELIDED.test(text)) return this.lost(text, -1)
    if (this.kernel.feed(text, this.lines)) return
    if (this.lines < 2000 && /^[\s0-9a-f]+type: \d+$/.test(text)) this.raw += 1
  }
  private header(text: string): void {
    if (isHeader(text)) this.newCapture()
    const started = /#+ CPU (\d+) buffer started/.exec(text)
    if (started !== null) return this.lost(text, Number(started[1]))
    const entries = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(text)
    if (entries !== null && Number(entries[1]) < Number(entries[2]))
      this.lost(`${Number(entries[2]) - Number(entries[1])} events were overwritten`, -1, 'before')
  }
  private newCapture(): void {
    if (!this.capture.hasEvents) return
    this.stacks.close()
    this.fields = {}
    this.capture.end()
    this.captures += 1
  }
  private lost(text: string, cpu: number, extent = extentOf(text)): void {
    const says = text.replace(/^[\s>|]+/, '').trim()
    this.marks += 1
    if (this.saidLost.length < EXAMPLES) this.saidLost.push({ line: this.lines, says })
    this.capture.loss.mark(this.lines, says, cpu, extent)
  }
  private damage(text: string, line: number, why = 'looks like an event and cannot be read'): void {
    this.damagedCount += 1
    if (this.damagedExamples.length < EXAMPLES)
      this.damagedExamples.push(`${line}: ${text.trim().slice(0, 200)} (${why})`)
    this.capture.loss.mark(line, `this line ${why}`)
  }

  private judged(report: PoolReport): void {
    this.verdicts.add(report.verdict)
    if (report.end !== 'freed' || report.verdict !== 'consistent') this.open += 1
    if (this.pools.length < MOST_POOLS) this.pools.push(report)
    else {
      const key = `${report.verdict}, ${report.end}`
      this.more.set(key, (this.more.get(key) ?? 0) + 1)
    }
  }

  /** `stopped`: why not all of it was read. */
  report(stopped?: string): LogReport {
    this.flush()
    if (this.wrapped !== undefined) this.damage(this.wrapped.text, this.wrapped.line)
    this.newCapture()
    const { kernel } = this
    kernel.end()
    for (const { line, text } of kernel.unread)
      this.damage(text, line, 'a warning begins here and does not end')
    this.damagedCount += kernel.unreadCount - kernel.unread.length
    const shutdowns = kernel.reports()
    for (const { verdict } of shutdowns) this.verdicts.add(verdict)
    if (kernel.netlinkPools.length > 0) this.verdicts.add('consistent')
    const sum = (of: 'warnings' | 'repeated'): number =>
      shutdowns.reduce((all, it) => all + it[of], 0)
    const reasons = [...(stopped === undefined ? [] : [stopped]), ...this.reasons()]
    return {
      schema: SCHEMA,
      file: this.file,
      verdict: this.verdict(reasons),
      reasons,
      lines: this.lines,
      events: Object.fromEntries(this.kinds),
      damaged: { count: this.damagedCount, examples: this.damagedExamples },
      lost: { marks: this.marks, examples: this.saidLost },
      repeated: this.capture.repeated,
      captures: this.captures + this.capture.restarts,
      pools: this.pools.sort((a, b) => a.first.line - b.first.line),
      morePools: Object.fromEntries(this.more),
      shutdowns,
      notices: kernel.notices,
      netlink: kernel.netlinkPools,
      fits: this.fits(shutdowns),
      warnings: {
        told: sum('warnings') + kernel.untoldWarnings,
        repeated: sum('repeated'),
        unread: kernel.unreadCount,
      },
      beyond: { shutdowns: kernel.moreShutdowns, notices: kernel.moreNotices },
      hint: this.hint(),
    }
  }
  private reasons(): string[] {
    const reasons: string[] = []
    const others = this.kernel.notices.filter(
      (it) => !isBroken(it) && (it.aboutPagePool || it.suspects !== ''),
    )
    if (others.length > 0)
      reasons.push(
        `${others.length === 1 ? 'a report of the kernel is' : `${others.length} reports of the kernel are`} about page_pool, and ${others.length === 1 ? 'does' : 'do'} not show a broken property`,
      )
    const unread = this.kernel.unreadCount
    if (unread > 0)
      reasons.push(
        `${unread} ${unread === 1 ? 'warning of a stalled shutdown begins' : 'warnings of stalled shutdowns begin'} and cannot be read to the end`,
      )
    const damaged = this.damagedCount - unread
    if (damaged > 0 && this.open > 0)
      reasons.push(
        damaged === 1
          ? '1 line looks like an event and cannot be read'
          : `${damaged} lines look like events and cannot be read`,
      )
    if (this.capture.isPerCpu && this.pools.some((it) => this.isHalf(it)))
      reasons.push(
        'the captures are of one CPU each, as in per_cpu/cpuN/trace, and of the same pools: what one CPU did is half the story, and nothing said below of stalls and missing events is certain. Give the file trace, which has all CPUs in order.',
      )
    return reasons
  }
  /** The same pool, as another CPU saw it. */
  private isHalf({ pool, first }: PoolReport): boolean {
    return this.pools.some((it) => it.pool === pool && it.first.cpu !== first.cpu)
  }
  private verdict(reasons: readonly string[]): LogVerdict {
    const { verdicts, kernel } = this
    if (verdicts.has('impossible') || kernel.notices.some(isBroken)) return 'impossible'
    if (verdicts.size === 0 && !kernel.notices.some((it) => it.aboutPagePool || it.suspects !== ''))
      return kernel.unreadCount > 0 ? 'cannot tell' : 'nothing checked'
    return verdicts.has('cannot tell') || reasons.length > 0 ? 'cannot tell' : 'consistent'
  }
  /** Up to where all fits: what was refused first, of pools and of the kernel log. */
  private fits(shutdowns: readonly ShutdownReport[]): Fit | null {
    const refused = [...this.pools, ...shutdowns]
      .flatMap(({ impossible }) => impossible.slice(0, 1))
      .map(({ at, window, says, allowed }) => ({
        line: at.line,
        event: (window.at(-1) ?? '')
          .replace(/^\d+: /, '')
          .trim()
          .slice(0, 200),
        says,
        allowed,
      }))
    const reported = this.kernel.notices.filter(isBroken).map(({ line, text, says, property }) => ({
      line,
      event: text,
      says,
      allowed: `what keeps ${property}`,
    }))
    const [first] = [...refused, ...reported].sort((a, b) => a.line - b.line)
    return first === undefined ? null : { lines: first.line - 1, refused: first }
  }
  private hint(): string | null {
    if (this.verdicts.size > 0 || this.kernel.notices.length > 0 || this.kernel.unreadCount > 0)
      return null
    if (this.lines === 0) return 'there is nothing in it.'
    if (this.raw > 0)
      return 'this is the output of tracefs with options/raw or options/hex: numbers of events without their fields. Turn both off ("echo 0 | tee /sys/kernel/tracing/options/{raw,hex,bin}") and read the trace again, if it is still there.'
    if (this.damagedCount > 0)
      return 'there are lines that look like events, and none of them can be read.'
    return 'no page_pool or xdp:mem_* event and no page_pool message was found. docs/logs.md says what is read and how to record it. In tracefs, options/raw, hex and bin have to be off.'
  }
}
const extentOf = (text: string): Extent =>
  LOST_ANYWHERE.test(text) ? 'anywhere' : LOST_BEFORE.test(text) ? 'before' : 'here'
/** A line of fields and nothing else; cut inside a word, anything that may be the rest of one. */
const isFields = (rest: string, isInside: boolean): boolean =>
  isInside ? /^[\w=.,: -]+$/.test(rest) : /^[\w.]+[=:]/.test(rest)
const isHeader = (text: string): boolean =>
  text.includes('# tracer:') || text.includes('# captured on')

/** Without line end, colours and what a crash leaves in a file. */
function plain(raw: string): string {
  let text = raw.charCodeAt(raw.length - 1) === 13 ? raw.slice(0, -1) : raw
  // eslint-disable-next-line no-control-regex
  if (text.includes('\u001b')) text = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
  // eslint-disable-next-line no-control-regex
  if (text.includes('\u0000')) text = text.replace(/\u0000+/g, ' ')
  return text
}
