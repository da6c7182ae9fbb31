/** What `log` finds out, as plain data: this is the JSON that `--json` writes (docs/logs.md). */

export const SCHEMA = 1

/**
 * - `consistent`: everything of it was seen, and the model's accounting explains every line.
 * - `impossible`: no behaviour of the model explains one of the lines.
 * - `cannot tell`: nothing contradicts the accounting, but not everything was seen.
 * - `nothing checked`: no event was understood.
 */
export type LogVerdict = 'consistent' | 'impossible' | 'cannot tell' | 'nothing checked'

/**
 * - `freed`: in flight was 0 at a release attempt. `freed by force`: 5.3 and 5.4, after 120 attempts.
 *   `freed unseen`: another pool is at its address.
 * - `stalled`: destroyed, and pages are still in flight when the capture ends. `negative`: more pages
 *   released than held; the kernel gives up on the pool and never frees it. `ended`: it was stalled, and the
 *   log goes on without the warning that is due.
 * - `alive`: never destroyed in this capture.
 */
export type EndState =
  | 'freed'
  | 'freed by force'
  | 'freed unseen'
  | 'stalled'
  | 'ended'
  | 'negative'
  | 'alive'

export interface Place {
  readonly line: number
  /** Seconds of the capture's clock; null where it has none. */
  readonly time: number | null
  readonly cpu: number | null
}
/**
 * What does not hold: `sum` hold - release is not what is printed; `negative` more released than held;
 * `counter` a number of hold, release or cnt that cannot stand there; `page` a page released that is not
 * held; `taken` a page held by others and never released; `after destroy` a page allocated after the
 * first attempt; `after free` an event of a freed pool; `freed in flight`; `id` mem ids; `node`; `pfn`;
 * `time` a shutdown's seconds and attempts.
 */
export type Check =
  | 'sum'
  | 'negative'
  | 'counter'
  | 'page'
  | 'taken'
  | 'after destroy'
  | 'after free'
  | 'freed in flight'
  | 'id'
  | 'node'
  | 'pfn'
  | 'time'

export interface Finding {
  readonly check: Check
  readonly at: Place
  readonly says: string
  readonly allowed: string
  /** Up to 6 events before the line, and the line: `number: text`. */
  readonly window: readonly string[]
}
/** Pages last seen in the same place. */
export interface HolderGroup {
  readonly cpu: number | null
  readonly task: string
  /** Innermost first; empty where the capture has no stacks. */
  readonly stack: readonly string[]
  readonly pages: number
  readonly firstLine: number
}
export interface AgeBucket {
  /** Seconds, from (inclusive) and to (exclusive; Infinity, in JSON null: no end). */
  readonly from: number
  readonly to: number
  readonly pages: number
}
export interface PoolReport {
  /** The pointer as printed. */
  readonly pool: string
  readonly verdict: Exclude<LogVerdict, 'nothing checked'>
  readonly end: EndState
  readonly first: Place
  readonly last: Place
  /** The kernel's own counters, as last printed (u32); null if no event told them. */
  readonly hold: number | null
  readonly release: number | null
  /** hold - release as the kernel computes it (s32). */
  readonly inflight: number | null
  readonly seen: { readonly holds: number; readonly releases: number; readonly attempts: number }
  readonly missing: { readonly holds: number; readonly releases: number; readonly attempts: number }
  /** What successive attempts found in flight. */
  readonly attempts: readonly {
    readonly inflight: number
    readonly times: number
    readonly from: Place
  }[]
  /** destroy_cnt as last printed. */
  readonly cnt: number | null
  readonly firstAttempt: Place | null
  readonly lastAttempt: Place | null
  readonly memIds: readonly number[]
  readonly disconnected: boolean
  readonly impossible: readonly Finding[]
  /** Why not everything can be judged. */
  readonly doubts: readonly string[]
  /** Outstanding pages: of a pool that was not freed. */
  readonly holders: {
    readonly pages: number
    readonly groups: readonly HolderGroup[]
    /** Pages held in groups that are not listed. */
    readonly others: number
    readonly ages: readonly AgeBucket[]
    readonly examples: readonly { readonly page: string; readonly line: number }[]
  } | null
}

/** How the count of a stalled pool goes, as its warnings tell it. Times are seconds since page_pool_destroy(). */
export interface Trend {
  /** Pages in flight at the first and the last warning. */
  readonly from: number
  readonly to: number
  /** The first warning with the last count. */
  readonly constantSince: number
  readonly until: number
  /** The last warning with a greater count; null: it never fell. */
  readonly fellAfter: number | null
}

/** A pool that only the kernel log tells of. */
export interface ShutdownReport {
  /** `mem.id 28`, `id 3`, or what else names it. */
  readonly name: string
  /** The machine; null where the log does not say. */
  readonly host: string | null
  readonly verdict: Exclude<LogVerdict, 'nothing checked'>
  readonly end: EndState
  /** One sentence a step, in the order of the log. */
  readonly story: readonly string[]
  readonly inflight: number | null
  readonly hold: number | null
  readonly release: number | null
  readonly attempts: number | null
  /** Since page_pool_destroy(), as the last warning says. */
  readonly seconds: number | null
  /** Warnings of it, without those that say the same once more. */
  readonly warnings: number
  readonly repeated: number
  /** Null where no count is told, or one rises. */
  readonly trend: Trend | null
  /** Seconds of the kernel's clock at page_pool_destroy(); null: the log has no such stamps. */
  readonly destroyedAt: number | null
  /** Why it is `ended`; else null. */
  readonly over: string | null
  readonly doubts: readonly string[]
  /** What else the log says from the time when the pool was destroyed. */
  readonly around: readonly string[]
  readonly firstLine: number
  readonly lastLine: number
  readonly impossible: readonly Finding[]
}
/** A report of the kernel's own checks: dma-debug, the page allocator, WARN(). */
export interface Notice {
  readonly line: number
  readonly text: string
  /** The property it is about; empty for a crash that may have any cause. */
  readonly property: string
  /** page_pool code is in it or in its call trace. */
  readonly aboutPagePool: boolean
  /** Why, or what the frames do and do not show. */
  readonly says: string
  /** A property that is likely broken: the report itself does not show it. */
  readonly suspects: string
  /** A NULL pointer with a small offset. */
  readonly isNull: boolean
  /** Innermost first, up to 12. */
  readonly frames: readonly string[]
  /** The release of the kernel that printed it, '' if it does not say. */
  readonly kernel: string
  /** The class of holder that the trace of a return shows; '' for none. */
  readonly holder: string
  /** How often it is there, all but its numbers the same. */
  readonly times: number
}
/** One pool as netlink page-pool-get tells it. */
export interface NetlinkPool {
  readonly line: number
  /** The id that the warnings of a stalled shutdown name. */
  readonly id: number
  /** null: no device, the pool is left behind. */
  readonly ifindex: number | null
  readonly napiId: number | null
  readonly inflight: number | null
  readonly inflightBytes: number | null
  /** Seconds since boot, at page_pool_destroy(); null: not destroyed, or not told. */
  readonly detachTime: number | null
}
/** The longest part of a log that fits, and what was refused after it. */
export interface Fit {
  /** Lines 1 to this one fit. */
  readonly lines: number
  readonly refused: {
    readonly line: number
    readonly event: string
    readonly says: string
    readonly allowed: string
  }
}

/** The kernel itself says that a rule of page_pool was broken. */
export const isBroken = ({ property, aboutPagePool }: Notice): boolean =>
  aboutPagePool && property !== ''

export interface LogReport {
  readonly schema: typeof SCHEMA
  readonly file: string
  readonly verdict: LogVerdict
  /** Why the whole is not consistent although each pool may be. */
  readonly reasons: readonly string[]
  readonly lines: number
  readonly events: Readonly<Record<string, number>>
  readonly damaged: { readonly count: number; readonly examples: readonly string[] }
  readonly lost: {
    readonly marks: number
    readonly examples: readonly { readonly line: number; readonly says: string }[]
  }
  /** Copies of a line that were read once. */
  readonly repeated: number
  /** Captures that stand one after the other in the file. */
  readonly captures: number
  readonly pools: readonly PoolReport[]
  /** Pools beyond the first 1000, by verdict and end: counted only. */
  readonly morePools: Readonly<Record<string, number>>
  readonly shutdowns: readonly ShutdownReport[]
  readonly notices: readonly Notice[]
  readonly netlink: readonly NetlinkPool[]
  /** Null unless the verdict is `impossible`. */
  readonly fits: Fit | null
  /** Warnings of stalled shutdowns: told, told before, and not understood. */
  readonly warnings: { readonly told: number; readonly repeated: number; readonly unread: number }
  /** Shutdowns beyond the first 20,000 and reports beyond the first 100: counted, not judged or told. */
  readonly beyond: { readonly shutdowns: number; readonly notices: number }
  /** Why nothing was understood, and the way out. */
  readonly hint: string | null
}

/** 0 consistent, 1 impossible, 2 cannot tell or nothing checked. */
export const exitCodeOf = (verdict: LogVerdict): 0 | 1 | 2 =>
  verdict === 'consistent' ? 0 : verdict === 'impossible' ? 1 : 2
