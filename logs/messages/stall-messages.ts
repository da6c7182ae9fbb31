/** What kernels print of pools that are destroyed and not free, each message with what it tells. */
import type { KernelLine } from '../text/kernel-line.ts'
import type { Stretch } from '../text/log-clock.ts'
import { ownText } from '../text/own-text.ts'
import { belowZero } from './shutdowns/contradictions.ts'
import { isWhole, type Counted, type DebugNotes } from './shutdowns/debug-notes.ts'
import type { Stalls } from './shutdowns/stalls.ts'
import type { Warning } from './shutdowns/warning.ts'
import type { Surroundings } from './surroundings.ts'
import { Unread } from './unread.ts'
import { Window } from './window.ts'

/** Seconds between two warnings: DEFER_WARN_INTERVAL, 60 s since 5.5 and 30 s before; less what rounding takes. */
const INTERVAL = { pool: 59, id: 29 }
/** The event page_pool_release_stalled, proposed in 2026, says what a warning says. */
const EVENT = /page_pool_release_stalled:.* id=(\d+) inflight=(-?\d+) sec=(\d+)/

/** Where a message stands. */
interface Told {
  readonly from: KernelLine
  readonly line: number
  readonly stretch: Stretch
  readonly text: string
}
interface Message {
  /** In text without blanks. */
  readonly pattern: RegExp
  /** At the end of the text: may its numbers go on in a line that has not come yet? */
  readonly mayGoOn?: (m: RegExpExecArray) => boolean
  /** Only the end of a warning is here, whose beginning came before other lines. */
  readonly isEndOnly?: (m: RegExpExecArray) => boolean
  readonly tell: (to: StallMessages, m: RegExpExecArray, told: Told) => void
}
/** In this order they are looked for. */
const MESSAGES: readonly Message[] = [
  {
    // `page_pool_release_retry()`, since 5.5; `id` is the pool's netlink id, since 6.8.
    // Other lines may stand inside a message that was wrapped: its end tells as much.
    pattern:
      /(?:(?:(?:page_pool_release_retry)?\(\))?stalledpoolshutdown:?(?:id(\d+),)?|(?:pool)?shutdown:(?:id(\d+),)|id(\d+),)(-?\d+)inflight(\d+)sec/,
    isEndOnly: (m) => !m[0].includes('stalled'),
    tell: (to, m, told) => {
      const id = m[1] ?? m[2] ?? m[3]
      to.pool(id === undefined ? '' : `id ${id}`, Number(m[4]), Number(m[5]), told)
    },
  },
  {
    // `mem_id_disconnect_defer_retry()` of 5.3 and 5.4.
    pattern: /(?:\(\))?stalledmem\.id=(\d+)shutdown(\d+)attempts(\d+)sec/,
    tell: (to, m, told) => to.memId(`mem.id ${m[1]}`, Number(m[2]), Number(m[3]), told),
  },
  {
    pattern: /Negative\((-?\d+)\)inflightpacket-pages/,
    tell: (to, m, told) => to.negative(Number(m[1]), told),
  },
  {
    pattern: /(page_pool_inflight\(\)inflight|Stillin-flightpages):(-?\d+)hold:(\d+)released:(\d+)/,
    mayGoOn: (m) => !isWhole(counted(m)),
    tell: (to, m, { text, line, stretch }) =>
      m[1]!.startsWith('page')
        ? to.notes.counted(counted(m), text, line, stretch)
        : to.notes.freedInFlight(counted(m), text, line, stretch),
  },
]
const counted = (m: RegExpExecArray): Counted => [Number(m[2]), Number(m[3]), Number(m[4])]

export class StallMessages {
  readonly window: Window
  readonly unread = new Unread()
  readonly notes: DebugNotes
  private readonly stalls: Stalls
  private readonly surroundings: Surroundings
  /** The newest line. */
  private line = 0
  /** No line follows: a number at the end of the last one is whole. */
  private isOver = false

  constructor(stalls: Stalls, notes: DebugNotes, surroundings: Surroundings) {
    this.stalls = stalls
    this.notes = notes
    this.surroundings = surroundings
    this.window = new Window((text, length, { line }) => this.unread.dropped(text, length, line))
  }

  /** True if a message ends in this line. `raw`: as it stands in the log. */
  feed(raw: string, line: number, from: KernelLine, stretch: Stretch): boolean {
    this.line = line
    const event = raw.includes('release_stalled') ? EVENT.exec(raw) : null
    if (event !== null) {
      const told = { from, line, stretch, text: raw }
      this.pool(`id ${event[1]}`, Number(event[2]), Number(event[3]), told)
      return true
    }
    const { joined } = this.window
    if (!joined.includes('flight') && !joined.includes('stalledmem')) return false
    let found = false
    while (this.next()) found = true
    return found
  }
  /** Before the last line is fed once more. */
  isLast(): void {
    this.isOver = true
  }
  end(): void {
    this.window.end()
  }

  /** Reads one message, if one is in the window. */
  private next(): boolean {
    const { window } = this
    for (const { pattern, mayGoOn, isEndOnly, tell } of MESSAGES) {
      const m = window.find(pattern)
      if (m === null) continue
      if (!this.isOver && window.isAtEnd(m) && mayGoOn?.(m) === true) continue
      if (isEndOnly?.(m) === true) this.unread.ended(this.line)
      const { line, from, stretch } = window.take(m)
      tell(this, m, { from, line, stretch, text: ownText(from.text) })
      return true
    }
    return false
  }

  pool(name: string, inflight: number, seconds: number, told: Told): void {
    const it = this.stalls.warn({ ...warning(name, seconds, told), inflight })
    const { at, seconds: passed } = it.last!
    if (it.warnings === 1 && !Number.isNaN(at))
      it.around = this.surroundings.at(told.from.host, at - passed)
  }
  memId(name: string, attempts: number, seconds: number, told: Told): void {
    this.stalls.warn({ ...warning(name, seconds, told), attempts, interval: INTERVAL.id })
  }
  negative(inflight: number, { line, stretch, text }: Told): void {
    const it = this.stalls.named('a pool with negative in-flight', line, stretch)
    it.warnings += 1
    it.tell(`line ${line}: ${-inflight} more pages were released than held`)
    belowZero(it, inflight, text, line)
  }
}

const warning = (name: string, seconds: number, { from, line, stretch, text }: Told): Warning => ({
  name: ownText(name),
  inflight: null,
  attempts: null,
  seconds,
  interval: INTERVAL.pool,
  line,
  text,
  ...stampBefore(from),
  wall: from.wall,
  host: from.host,
  stretch,
})
/**
 * Two consoles on one wire: the stamp that counts is the last one before the message. Of a line whose
 * beginning was cut only what is left.
 */
function stampBefore({ text, at }: KernelLine): { at: number; isExact: boolean } {
  const inner = [...text.slice(0, text.indexOf('stalled')).matchAll(/\[\s*(\d+\.\d{6})\]/g)].at(-1)
  return {
    at: inner === undefined ? at : Number(inner[1]),
    isExact: inner === undefined && at >= 0,
  }
}
