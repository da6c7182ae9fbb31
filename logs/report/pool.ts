/** A pool that events tell of, and who has its pages. */
import type { Finding, Place } from './finding.ts'
import type { EndState, Judged } from './verdict.ts'

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
/** Outstanding pages: of a pool that was not freed. */
export interface Holders {
  readonly pages: number
  readonly groups: readonly HolderGroup[]
  /** Pages held in groups that are not listed. */
  readonly others: number
  readonly ages: readonly AgeBucket[]
  readonly examples: readonly { readonly page: string; readonly line: number }[]
}
export interface PoolReport {
  /** The pointer as printed. */
  readonly pool: string
  readonly verdict: Judged
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
  readonly holders: Holders | null
}
