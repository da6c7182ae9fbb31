/** Reports of the kernel's own checks and its crashes, gathered line by line: head, message, where, call trace. */
import type { Notice } from '../../report/notice.ts'
import { compact, type KernelLine } from '../../text/kernel-line.ts'
import { headIn } from './heads.ts'
import { judgeTrace } from './judge-trace.ts'
import { OpenReport, type ReportLine } from './open-report.ts'
import { traceOf } from './take-apart.ts'
import { CRASH } from './trace.ts'

const MOST_NOTICES = 100
const BEGINS = /^(?:\[\d+\] )?-{8,}\[ ?cut here ?\]/

interface Kept {
  readonly notice: Notice
  readonly key: string
  times: number
}

export class TraceBlocks {
  /** Crashes: the machine, the line, and the kernel's clock in seconds, or NaN. */
  readonly crashes: { readonly host: string; readonly line: number; readonly at: number }[] = []
  /** By machine. */
  private readonly open = new Map<string, OpenReport>()
  private readonly kept: Kept[] = []
  /** The last two lines. */
  private before: ReportLine[] = []
  /** Reports beyond those kept. */
  omitted = 0

  /** `joined`: the last lines without their blanks. */
  feed({ text, host, at }: KernelLine, line: number, joined: string): void {
    const head = headIn(joined, text)
    let it = this.open.get(host)
    if (it?.isOver(text, at) === true) it = this.close(host, it)
    if (BEGINS.test(text)) {
      if (it !== undefined) this.close(host, it)
      this.begin(host, at)
      return
    }
    if (head !== undefined) it = this.headed(it, host, at, text, head)
    this.before[0] = this.before[1] ?? { text: '', line }
    this.before[1] = { text, line }
    if (it?.take(text, line, head) === true) this.close(host, it)
  }
  /** The report that the head is of. */
  private headed(
    it: OpenReport | undefined,
    host: string,
    at: number,
    text: string,
    head: string,
  ): OpenReport {
    if (it?.isAnother(head) === true) it = this.close(host, it)
    if (it !== undefined) return it
    const begun = this.begin(host, at)
    // The head was wrapped inside: it begins in a line before.
    if (!compact(text).includes(head)) begun.lines.push(...this.before)
    return begun
  }
  private begin(host: string, at: number): OpenReport {
    const it = new OpenReport(at)
    this.open.set(host, it)
    return it
  }
  private close(host: string, it: OpenReport): undefined {
    this.open.delete(host)
    if (it.head !== undefined) this.judged(it, it.head, host)
    return undefined
  }
  end(): void {
    for (const [host, it] of this.open) this.close(host, it)
  }

  private judged({ lines, at }: OpenReport, head: ReportLine, host: string): void {
    const trace = traceOf(lines, head)
    const notice = judgeTrace(trace)
    if (notice === undefined) return
    const isOurs = notice.aboutPagePool || notice.frames.length === 0
    if (isOurs && CRASH.test(trace.joined) && this.crashes.length < MOST_NOTICES)
      this.crashes.push({ host, line: notice.line, at })
    const key = `${notice.text.replace(/\d+/g, 'N')} ${trace.frames.map(({ fn }) => fn).join(' ')}`
    const same = this.kept.find((old) => old.key === key)
    if (same !== undefined) same.times += 1
    else if (this.kept.length < MOST_NOTICES) this.kept.push({ notice, key, times: 1 })
    else this.omitted += 1
  }
  /** In the order of the log. */
  get notices(): readonly Notice[] {
    return this.kept
      .map(({ notice, times }) => ({ ...notice, times }))
      .sort((a, b) => a.line - b.line)
  }
}
