/** A log from its first line to its report. */
import { Capture } from './accounts/capture.ts'
import { judgeLog } from './judge-log.ts'
import { KernelLog } from './messages/kernel-log.ts'
import type { LogReport } from './report.ts'
import { Tally } from './tally.ts'
import type { TraceEvent } from './text/event.ts'
import { EventLines } from './text/event-lines.ts'
import { beginsCapture, lostMarkIn, lostMarkInHeader, type LostMark } from './text/lost-marks.ts'
import { plain } from './text/plain.ts'
import { readLines, type BytesRead } from './text/source.ts'
import { Stacks } from './text/stacks.ts'

export interface Progress extends BytesRead {
  readonly lines: number
  readonly events: number
}

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
  private readonly tally = new Tally()
  private readonly kernel = new KernelLog()
  private readonly stacks = new Stacks()
  private readonly capture = new Capture((report) => this.tally.pool(report))
  private readonly events = new EventLines({
    event: (e, ended) => this.event(e, ended),
    damage: (text, line) => this.damage(text, line),
    other: (text) => this.other(text),
  })

  constructor(file: string) {
    this.file = file
  }
  soFar(): { lines: number; events: number } {
    const { lines, events } = this.tally
    return { lines, events }
  }

  line(raw: string, ended = true, isCut = false): void {
    this.tally.lines += 1
    const { lines } = this.tally
    const text = plain(raw)
    if (isCut) this.damage(text, lines, 'is longer than 1 MB, and was not read')
    else this.events.line(text, lines, ended)
  }
  private event(e: TraceEvent, ended: boolean): void {
    if (!ended && !this.capture.expects(e))
      return this.damage(e.text, e.line, 'the file ends in it, and its number may be cut')
    this.tally.event(e.kind)
    this.capture.feed(e)
    this.stacks.event(e.cpu, this.capture.lastHolding)
  }
  private other(text: string): void {
    if (this.stacks.frame(text)) return
    if (beginsCapture(text)) this.newCapture()
    if (text.includes('#')) this.lost(lostMarkInHeader(text))
    const mark = lostMarkIn(text)
    if (mark !== undefined) return this.lost(mark)
    if (this.kernel.feed(text, this.tally.lines)) return
    if (this.tally.lines < 2000 && /^[\s0-9a-f]+type: \d+$/.test(text)) this.tally.raw += 1
  }
  private newCapture(): void {
    if (!this.capture.hasEvents) return
    this.stacks.close()
    this.events.newCapture()
    this.capture.end()
    this.tally.captures += 1
  }
  private lost(mark: LostMark | undefined): void {
    if (mark === undefined) return
    this.tally.lost(mark.says)
    this.capture.loss.mark(this.tally.lines, mark.says, mark.cpu, mark.extent)
  }
  private damage(text: string, line: number, why = 'looks like an event and cannot be read'): void {
    this.tally.damaged(text, line, why)
    this.capture.loss.mark(line, `this line ${why}`)
  }

  /** `stopped`: why not all of it was read. */
  report(stopped?: string): LogReport {
    this.events.end()
    this.newCapture()
    const { file, tally, capture, kernel } = this
    kernel.end()
    const { list, count } = kernel.unread
    for (const { line, text } of list)
      this.damage(text, line, 'a warning begins here and does not end')
    tally.damagedCount += count - list.length
    return judgeLog({ file, stopped, tally, capture, kernel })
  }
}
