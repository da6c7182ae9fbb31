/** What is counted while a log is read, with a few examples. */
import type { LogVerdict, PoolReport } from './report.ts'
import type { EventKind } from './text/event.ts'

/** Pools told one by one; more are counted. */
const MOST_POOLS = 1000
const EXAMPLES = 5

export class Tally {
  lines = 0
  private readonly kinds = new Map<EventKind, number>()
  readonly pools: PoolReport[] = []
  private readonly more = new Map<string, number>()
  /** Of pools. */
  readonly verdicts = new Set<LogVerdict>()
  /** Pools that were not freed, or not consistent. */
  open = 0
  damagedCount = 0
  readonly damagedExamples: string[] = []
  marks = 0
  readonly saidLost: { line: number; says: string }[] = []
  /** Captures with events. */
  captures = 0
  /** Lines as options/raw and options/hex of tracefs print them. */
  raw = 0

  event(kind: EventKind): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
  }
  get byKind(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.kinds)
  }
  get events(): number {
    return [...this.kinds.values()].reduce((a, b) => a + b, 0)
  }
  damaged(text: string, line: number, why: string): void {
    this.damagedCount += 1
    if (this.damagedExamples.length < EXAMPLES)
      this.damagedExamples.push(`${line}: ${text.trim().slice(0, 200)} (${why})`)
  }
  lost(says: string): void {
    this.marks += 1
    if (this.saidLost.length < EXAMPLES) this.saidLost.push({ line: this.lines, says })
  }
  pool(report: PoolReport): void {
    this.verdicts.add(report.verdict)
    if (report.end !== 'freed' || report.verdict !== 'consistent') this.open += 1
    if (this.pools.length < MOST_POOLS) this.pools.push(report)
    else {
      const key = `${report.verdict}, ${report.end}`
      this.more.set(key, (this.more.get(key) ?? 0) + 1)
    }
  }
  get morePools(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.more)
  }
}
