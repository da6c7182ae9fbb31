/** What the kernel itself says of page_pool: stalled shutdowns, its own checks, and what netlink tells of a pool. */
import { DebugNotes, isWhole, type Counted } from './shutdowns/debug-notes.ts'
import { ownText } from '../text/event.ts'
import { kernelLine, type KernelLine } from '../text/kernel-line.ts'
import { LogClock, type Stretch } from '../text/log-clock.ts'
import { NetlinkDump } from './netlink.ts'
import type { NetlinkPool, Notice, ShutdownReport } from '../report.ts'
import { belowZero, Stalls } from './shutdowns/stalls.ts'
import type { Warning } from './shutdowns/shutdown.ts'
import { Surroundings } from './surroundings.ts'
import { TraceBlocks } from './notices/trace-blocks.ts'
import { Window, type Taken } from './window.ts'

/** Seconds between two warnings: DEFER_WARN_INTERVAL, 60 s since 5.5 and 30 s before; less what rounding takes. */
const INTERVAL = { pool: 59, id: 29 }
/** `page_pool_release_retry()`, since 5.5; `id` is the pool's netlink id, since 6.8. Blanks are taken out.
 * Other lines may stand inside a message that was wrapped: its end tells as much. */
const POOL =
  /(?:(?:(?:page_pool_release_retry)?\(\))?stalledpoolshutdown:?(?:id(\d+),)?|(?:pool)?shutdown:(?:id(\d+),)|id(\d+),)(-?\d+)inflight(\d+)sec/
/** `mem_id_disconnect_defer_retry()` of 5.3 and 5.4. */
const ID = /(?:\(\))?stalledmem\.id=(\d+)shutdown(\d+)attempts(\d+)sec/
/** The event page_pool_release_stalled, proposed in 2026, says the same. */
const EVENT = /page_pool_release_stalled:.* id=(\d+) inflight=(-?\d+) sec=(\d+)/
const NEGATIVE = /Negative\((-?\d+)\)inflightpacket-pages/
const COUNTED =
  /(page_pool_inflight\(\)inflight|Stillin-flightpages):(-?\d+)hold:(\d+)released:(\d+)/
/** A warning begins here. */
const BEGUN = /(?<=_retry)\(\)stalled|\(\)stalled(?:pool|mem)/g
const MOST_UNREAD = 1000
/** Lines over which the two ends of one warning may be torn apart. */
const NEAR = 12

export class KernelLog {
  private readonly clock = new LogClock()
  private readonly stalls = new Stalls(this.clock)
  private readonly notes = new DebugNotes(this.stalls)
  private readonly blocks = new TraceBlocks()
  private readonly netlink = new NetlinkDump()
  private readonly surroundings = new Surroundings()
  private readonly window = new Window((text, length, { line }) => this.dropped(text, length, line))
  /** Warnings that begin and do not end: cut, or other lines stand in between. */
  readonly unread: { line: number; text: string }[] = []
  unreadCount = 0
  private lastLine = 0
  /** Ends of warnings whose beginning is not next to them. */
  private ends = 0
  /** No line follows: a number at the end of the last one is whole. */
  private isOver = false

  get moreShutdowns(): number {
    return this.stalls.more
  }
  get untoldWarnings(): number {
    return this.stalls.untold
  }
  get moreNotices(): number {
    return this.blocks.omitted
  }
  get notices(): readonly Notice[] {
    return this.blocks.notices(this.stalls.list)
  }
  get netlinkPools(): readonly NetlinkPool[] {
    return this.netlink.pools
  }

  /** True if the line tells of a pool. */
  feed(raw: string, line: number): boolean {
    this.lastLine = line
    const from = kernelLine(raw)
    const stretch = this.clock.pass(from, line)
    if (this.netlink.feed(from.text)) return true
    this.surroundings.add(from, line)
    this.window.add(from, line, stretch)
    const isOurs =
      !from.text.includes('%') &&
      (this.messages(raw, line, from, stretch) || this.notes.feed(from.text, line, stretch))
    this.blocks.feed(from, line, this.window.last(3))
    return isOurs
  }
  end(): void {
    this.isOver = true
    this.feed('', this.lastLine)
    this.window.end()
    this.blocks.end()
    this.netlink.end()
  }

  private messages(raw: string, line: number, from: KernelLine, stretch: Stretch): boolean {
    const event = raw.includes('release_stalled') ? EVENT.exec(raw) : null
    if (event !== null) {
      this.warn(`id ${event[1]}`, Number(event[2]), Number(event[3]), {
        from,
        line,
        stretch,
        text: raw,
      })
      return true
    }
    const { joined } = this.window
    if (!joined.includes('flight') && !joined.includes('stalledmem')) return false
    let found = false
    for (;;) {
      const taken =
        this.window.take(POOL, (m) => this.isWarning(m)) ??
        this.window.take(ID, () => true) ??
        this.window.take(NEGATIVE, () => true) ??
        this.window.take(COUNTED, (m, atEnd) => !atEnd || this.isOver || isWhole(three(m)))
      if (taken === undefined) return found
      found = true
      this.message(taken)
    }
  }

  private isWarning(m: RegExpExecArray): true {
    if (!m[0].includes('stalled')) this.isEnded()
    return true
  }
  /** The end of a warning, with other lines between it and its beginning. */
  private isEnded(): void {
    const i = this.unread.findLastIndex(({ line }) => line >= this.lastLine - NEAR)
    if (i < 0) this.ends += 1
    else {
      this.unread.splice(i, 1)
      this.unreadCount -= 1
    }
  }
  private message({ m, piece }: Taken): void {
    const { line, from, stretch } = piece
    const where = { from, line, stretch, text: ownText(from.text) }
    if (/inflight\d+sec$/.test(m[0])) {
      const id = m[1] ?? m[2] ?? m[3]
      this.warn(id === undefined ? '' : `id ${id}`, Number(m[4]), Number(m[5]), where)
    } else if (m[0].includes('stalledmem'))
      this.stalls.warn({
        ...this.warning(`mem.id ${m[1]}`, Number(m[3]), where),
        attempts: Number(m[2]),
        interval: INTERVAL.id,
      })
    else if (m[0].startsWith('Negative')) this.negative(Number(m[1]), where)
    else if (m[1]!.startsWith('page')) this.notes.counted(three(m), where.text, line, stretch)
    else this.notes.freedInFlight(three(m), where.text, line, stretch)
  }
  private warn(name: string, inflight: number, seconds: number, where: Where): void {
    const it = this.stalls.warn({ ...this.warning(name, seconds, where), inflight })
    const { at, seconds: passed } = it.last!
    if (it.warnings === 1 && !Number.isNaN(at))
      it.around = this.surroundings.at(where.from.host, at - passed)
  }
  private warning(name: string, seconds: number, { from, line, stretch, text }: Where): Warning {
    return {
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
    }
  }
  private negative(inflight: number, { line, stretch, text }: Where): void {
    const it = this.stalls.named('a pool with negative in-flight', line, stretch)
    it.warnings += 1
    it.tell(`line ${line}: ${-inflight} more pages were released than held`)
    belowZero(it, inflight, text, line)
  }

  private dropped(text: string, length: number, line: number): void {
    if (!text.includes('()stalled')) return
    for (const { index } of text.matchAll(BEGUN)) {
      // A patch or the source prints no warning.
      if (index >= length || text.slice(index, index + 50).includes('%')) continue
      // Its end came, with other lines in between.
      if (this.ends > 0) {
        this.ends -= 1
        continue
      }
      this.unreadCount += 1
      if (this.unread.length < MOST_UNREAD)
        this.unread.push({ line, text: ownText(text.slice(index + 2, index + 80)) })
    }
  }

  reports(): ShutdownReport[] {
    return this.stalls.list.map((it) => it.report(this.stalls.isMixed(it), this.blocks.crashes))
  }
}
interface Where {
  readonly from: KernelLine
  readonly line: number
  readonly stretch: Stretch
  readonly text: string
}
const three = (m: RegExpExecArray): Counted => [Number(m[2]), Number(m[3]), Number(m[4])]

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
