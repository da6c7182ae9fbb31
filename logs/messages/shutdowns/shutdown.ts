/** A pool that the kernel log tells of, from the first to the last line about it. */
import { wallPassed } from '../../text/kernel-line.ts'
import type { Boot, Stretch } from '../../text/log-clock.ts'
import type { Crash } from '../notices/trace-blocks.ts'
import type { Check, EndState, Finding, ShutdownReport, Trend } from '../../report.ts'

/** One warning of a stalled shutdown. */
export interface Warning {
  /** `id 3`, `mem.id 28`; '' where the kernel names no id (5.5 to 6.7). */
  readonly name: string
  readonly inflight: number | null
  readonly attempts: number | null
  /** Since page_pool_destroy(). */
  readonly seconds: number
  /** The least seconds to the next one. */
  readonly interval: number
  readonly line: number
  readonly text: string
  /** Seconds of the kernel's clock, and of the wall clock; NaN: not told. */
  readonly at: number
  readonly wall: number
  /** The stamp stands in front of the line, where printk puts it. */
  readonly isExact: boolean
  readonly host: string
  readonly stretch: Stretch
}
/** Warnings that are kept of one shutdown: a stall may last for weeks. */
const MOST_TOLD = 128
const MOST_STORY = 64
/** Seconds without the warning that is due after which a stall is over: one and a half intervals. */
const OVER = 90

export class Shutdown {
  readonly name: string
  host: string
  boot: Boot
  readonly firstLine: number
  lastLine: number
  hold: number | null = null
  release: number | null = null
  inflight: number | null = null
  attempts: number | null = null
  /** In the order of their seconds. */
  readonly told: Warning[] = []
  warnings = 0
  repeated = 0
  /** What was dropped from `told`. */
  dropped = 0
  /** The stretches of the log in which its last warning stands. */
  stretches: Stretch[] = []
  /** Another pool has its id from that line on: what that means, only stamps would say. */
  followedBy: number | undefined
  /** The hold count may be another pool's, whose memory is freed just then. */
  tentative = false
  tries = 0
  ended: EndState | undefined
  readonly story: string[] = []
  readonly runs: { inflight: number; times: number; line: number }[] = []
  readonly impossible: Finding[] = []
  readonly doubts: string[] = []
  /** Impossible, unless the lines of several machines are mixed. */
  suspicion: Finding | undefined
  /** What else the log says from when the pool was destroyed. */
  around: readonly string[] = []

  constructor(name: string, line: number, boot: Boot) {
    this.name = name
    this.host = boot.host
    this.boot = boot
    this.firstLine = line
    this.lastLine = line
  }
  get isNameless(): boolean {
    return this.name.startsWith('a pool (')
  }
  get first(): Warning | undefined {
    return this.told[0]
  }
  get last(): Warning | undefined {
    return this.told.at(-1)
  }

  add(w: Warning): void {
    let i = this.told.length
    while (i > 0 && this.told[i - 1]!.seconds > w.seconds) i -= 1
    this.told.splice(i, 0, w)
    this.warnings += 1
    this.lastLine = Math.max(this.lastLine, w.line)
    if (i === this.told.length - 1) this.stretches = [w.stretch]
    if (this.told.length > MOST_TOLD) {
      this.told.splice(MOST_TOLD >> 1, 1)
      this.dropped += 1
    }
    this.inflight = this.last!.inflight
    this.attempts = this.last!.attempts
    this.ended = (this.inflight ?? 0) < 0 ? 'negative' : 'stalled'
  }
  repeat(w: Warning): void {
    this.repeated += 1
    this.lastLine = Math.max(this.lastLine, w.line)
    if (w.seconds === this.last?.seconds && !this.stretches.includes(w.stretch))
      this.stretches.push(w.stretch)
  }
  tell(text: string): void {
    this.story.push(text)
    if (this.story.length > MOST_STORY) this.story.splice(MOST_STORY >> 1, 1)
  }

  report(isMixed: boolean, crashes: readonly Crash[]): ShutdownReport {
    const { suspicion, impossible } = this
    const doubts = [...this.doubts]
    if (suspicion !== undefined && !isMixed) impossible.push(suspicion)
    else if (suspicion !== undefined)
      doubts.push(
        `line ${suspicion.at.line}: ${suspicion.says}; lines of other machines or boots are mixed in`,
      )
    const over = this.ended === 'stalled' ? this.over(crashes) : null
    return {
      name: this.name,
      host: this.host === '' ? null : this.host,
      verdict:
        impossible.length > 0 ? 'impossible' : doubts.length > 0 ? 'cannot tell' : 'consistent',
      end: over === null ? (this.ended ?? 'alive') : 'ended',
      over,
      story: this.wholeStory(),
      inflight: this.inflight,
      hold: this.hold,
      release: this.release,
      attempts: this.attempts ?? (this.tries > 0 ? this.tries : null),
      seconds: this.last?.seconds ?? null,
      warnings: this.warnings,
      repeated: this.repeated,
      trend: this.trend(),
      destroyedAt: this.destroyedAt(),
      doubts,
      around: this.around,
      firstLine: this.firstLine,
      lastLine: this.lastLine,
      impossible,
    }
  }
  private wholeStory(): string[] {
    const counters =
      this.hold === null || this.ended === 'freed by force'
        ? []
        : [`${this.hold} held, ${this.release} released`]
    const runs = this.runs.map(
      ({ inflight, times, line }) =>
        `line ${line}: ${inflight} in flight${times > 1 ? ` (said ${times} times)` : ''}`,
    )
    const warned = this.told.map(
      ({ line, inflight, attempts, seconds }) =>
        `line ${line}: ${attempts === null ? `${inflight} in flight after ${seconds} s` : `still not disconnected after ${attempts} attempts, ${seconds} s`}`,
    )
    if (warned.length > MOST_STORY) warned.splice(MOST_STORY >> 1, warned.length - MOST_STORY)
    return [
      ...counters,
      ...[...warned, ...this.story, ...runs].sort((a, b) => lineIn(a) - lineIn(b)),
    ]
  }
  /** Why the stall is over although no line says so; null: it is not, as far as the log goes. */
  private over(crashes: readonly Crash[]): string | null {
    const { last, boot } = this
    if (boot.endedBy !== undefined)
      return `the machine was booted again (line ${boot.endedBy}), and this went with the old kernel`
    if (last === undefined || this.isCutShort(last, crashes)) return null
    const until = Math.max(...this.stretches.map((it) => it.until))
    const silent = Number.isNaN(last.at) ? wallPassed(last.wall, boot.wall) : until - last.at
    if (silent > OVER)
      return `the log goes on for ${Math.round(silent)} s without the warning that is due every ${last.interval + 1} s: the pages came back, most likely, and the pool was freed`
    return this.followedBy === undefined
      ? null
      : `from line ${this.followedBy} on another pool has this id: the log goes on in another boot, or on another machine`
  }
  /** The kernel crashed before the next warning was due: that none comes means nothing. */
  private isCutShort(last: Warning, crashes: readonly Crash[]): boolean {
    return crashes.some(
      ({ host, line, at }) =>
        (host === this.host || this.host === '') && line > last.line && !(at - last.at > OVER),
    )
  }
  private destroyedAt(): number | null {
    const stamped = this.told.find(({ at }) => !Number.isNaN(at))
    return stamped === undefined ? null : stamped.at - stamped.seconds
  }
  private trend(): Trend | null {
    const counts = this.told.filter(({ inflight }) => inflight !== null)
    const last = counts.at(-1)
    const isOdd = counts.some(({ inflight }, i) => i > 0 && inflight! > counts[i - 1]!.inflight!)
    if (last === undefined || isOdd) return null
    const since = counts.findLastIndex(({ inflight }) => inflight !== last.inflight) + 1
    return {
      from: counts[0]!.inflight!,
      to: last.inflight!,
      constantSince: counts[since]!.seconds,
      until: last.seconds,
      fellAfter: since === 0 ? null : counts[since - 1]!.seconds,
    }
  }
}
const lineIn = (text: string): number => Number(/line (\d+)/.exec(text)?.[1] ?? 0)

export const finding = (
  check: Check,
  line: number,
  says: string,
  allowed: string,
  text: string,
): Finding => ({
  check,
  at: { line, time: null, cpu: null },
  says,
  allowed,
  window: [`${line}: ${text.trim()}`],
})
