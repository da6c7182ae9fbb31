/** A stalled shutdown, as the kernel log tells of it. */
import type { Finding } from './finding.ts'
import type { EndState, Judged } from './verdict.ts'

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
  readonly verdict: Judged
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
