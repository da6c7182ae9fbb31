/** A pool that the kernel log tells of, from the first to the last line about it. */
import type { Finding } from '../../report/finding.ts'
import type { EndState } from '../../report/verdict.ts'
import type { Boot, Stretch } from '../../text/log-clock.ts'
import type { Warning } from './warning.ts'

/** Warnings that are kept of one shutdown: a stall may last for weeks. */
const MOST_TOLD = 128
export const MOST_STORY = 64

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
}
