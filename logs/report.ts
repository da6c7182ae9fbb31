/** What `log` finds out, as plain data: this is the JSON that `--json` writes (docs/logs.md). Its parts are in report/. */
import type { NetlinkPool } from './report/netlink.ts'
import type { Notice } from './report/notice.ts'
import type { PoolReport } from './report/pool.ts'
import type { ShutdownReport } from './report/shutdown.ts'
import type { LogVerdict } from './report/verdict.ts'

export type * from './report/finding.ts'
export * from './report/netlink.ts'
export * from './report/notice.ts'
export type * from './report/pool.ts'
export type * from './report/shutdown.ts'
export type * from './report/verdict.ts'

export const SCHEMA = 1

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
