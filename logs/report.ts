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
 *   released than held; the kernel gives up on the pool and never frees it.
 * - `alive`: never destroyed in this capture.
 */
export type EndState =
  | 'freed'
  | 'freed by force'
  | 'freed unseen'
  | 'stalled'
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

/** A pool that only the kernel log tells of. */
export interface ShutdownReport {
  /** `mem.id 28`, `id 3`, or what else names it. */
  readonly name: string
  readonly verdict: Exclude<LogVerdict, 'nothing checked'>
  readonly end: EndState
  /** One sentence a step, in the order of the log. */
  readonly story: readonly string[]
  readonly inflight: number | null
  readonly hold: number | null
  readonly release: number | null
  readonly attempts: number | null
  readonly seconds: number | null
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
  /** Shutdowns beyond the first 20,000 and reports beyond the first 100: counted, not judged or told. */
  readonly beyond: { readonly shutdowns: number; readonly notices: number }
  /** Why nothing was understood, and the way out. */
  readonly hint: string | null
}

/** 0 consistent, 1 impossible, 2 cannot tell or nothing checked. */
export const exitCodeOf = (verdict: LogVerdict): 0 | 1 | 2 =>
  verdict === 'consistent' ? 0 : verdict === 'impossible' ? 1 : 2
