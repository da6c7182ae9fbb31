/** What the kernel itself says of page_pool: stalled shutdowns, its own checks, and what netlink tells of a pool. */
import type { NetlinkPool } from '../report/netlink.ts'
import type { Notice } from '../report/notice.ts'
import type { ShutdownReport } from '../report/shutdown.ts'
import { kernelLine } from '../text/kernel-line.ts'
import { LogClock } from '../text/log-clock.ts'
import { beside } from './beside.ts'
import { NetlinkDump } from './netlink.ts'
import { TraceBlocks } from './notices/trace-blocks.ts'
import { DebugNotes } from './shutdowns/debug-notes.ts'
import { Stalls } from './shutdowns/stalls.ts'
import { StallMessages } from './stall-messages.ts'
import { Surroundings } from './surroundings.ts'
import type { Unread } from './unread.ts'

/** Lines over which the head of a report may be wrapped. */
const HEAD_LINES = 3

export class KernelLog {
  private readonly clock = new LogClock()
  private readonly stalls = new Stalls(this.clock)
  private readonly notes = new DebugNotes(this.stalls)
  private readonly blocks = new TraceBlocks()
  private readonly netlink = new NetlinkDump()
  private readonly surroundings = new Surroundings()
  private readonly messages = new StallMessages(this.stalls, this.notes, this.surroundings)
  private lastLine = 0

  /** Warnings that begin and do not end. */
  get unread(): Unread {
    return this.messages.unread
  }
  get moreShutdowns(): number {
    return this.stalls.more
  }
  get untoldWarnings(): number {
    return this.stalls.untold
  }
  get moreNotices(): number {
    return this.blocks.omitted
  }
  /** In the order of the log. A crash without a call trace is looked at beside the pools that stalled before it. */
  get notices(): readonly Notice[] {
    return this.blocks.notices.map((it) => beside(it, this.stalls.list))
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
    this.messages.window.add(from, line, stretch)
    const isOurs =
      !from.text.includes('%') &&
      (this.messages.feed(raw, line, from, stretch) || this.notes.feed(from.text, line, stretch))
    this.blocks.feed(from, line, this.messages.window.last(HEAD_LINES))
    return isOurs
  }
  end(): void {
    this.messages.isLast()
    this.feed('', this.lastLine)
    this.messages.end()
    this.blocks.end()
    this.netlink.end()
  }

  reports(): ShutdownReport[] {
    return this.stalls.reports(this.blocks.crashes)
  }
}
