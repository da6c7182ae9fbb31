/** Where events are known to be missing: what the tools say of it, and lines that could not be read. */
import type { TraceEvent } from './event.ts'
import { ANOTHER_CLOCK, isBefore, SKEW, type Where } from './where.ts'

interface Window {
  /** -1: any CPU. */
  readonly cpu: number
  readonly line: number
  readonly says: string
  readonly from: Where
  to: Where | undefined
}
/**
 * `here`: between the CPU's last event and its next. `before`: anywhere up to its next. `anywhere`: in the
 * whole capture.
 */
export type Extent = 'here' | 'before' | 'anywhere'
/** A line that was moved or changed makes one step back; more, and the lines are in another order. */
export const MOST_STEPS_BACK = 3
const START: Where = { line: 0, time: -Infinity, cpu: -1 }
/** More windows than this are kept as one. */
const MOST = 256

export class Loss {
  private windows: Window[] = []
  private whole: Window | undefined
  /** By CPU + 1: line and time of its last event. */
  private readonly lines: number[] = []
  private readonly times: number[] = []
  private readonly ticks: number[] = []
  private last = -1
  /** How often time ran back where no CPU is printed. */
  private stepsBack = 0
  private clock: 'seconds' | 'ticks' | 'none' | undefined
  private open = 0
  /** One CPU's events are in order in any capture: this is more than one, mixed, or was changed. */
  disorder: { readonly line: number; readonly says: string } | undefined

  /** Called for every event. */
  pass(e: TraceEvent): void {
    this.order(e)
    if (e.kind === 'hold' || e.kind === 'release') this.sameClock(e)
    this.last = e.cpu
    if (this.open > 0) this.endWindows(e)
  }
  /** Of one CPU, or where none is printed of all, time goes on. */
  private order({ line, time, tick, cpu }: TraceEvent): void {
    const i = cpu + 1
    const back = this.times[i]! - time
    if (cpu < 0 && back > SKEW) this.stepsBack += 1
    const isBack = cpu >= 0 ? back > 0 : back > ANOTHER_CLOCK || this.stepsBack >= MOST_STEPS_BACK
    if (isBack || tick < this.ticks[i]!)
      this.disorder ??= { line, says: `time runs back${cpu < 0 ? '' : ` on CPU ${cpu}`}` }
    this.ticks[i] = tick
    this.lines[i] = line
    this.times[i] = time
  }
  private sameClock({ line, time, tick }: TraceEvent): void {
    const clock = Number.isNaN(time) ? (Number.isNaN(tick) ? 'none' : 'ticks') : 'seconds'
    if (this.clock !== undefined && clock !== this.clock)
      this.disorder ??= { line, says: 'the clock is another one' }
    this.clock = clock
  }
  private endWindows({ line, time, cpu }: TraceEvent): void {
    for (const window of this.windows)
      if (window.to === undefined && (window.cpu === -1 || window.cpu === cpu || cpu === -1)) {
        window.to = { line, time, cpu }
        this.open -= 1
      }
  }
  /** The CPU all events are of; undefined: of several, or not told. */
  get onlyCpu(): number | undefined {
    const seen = Object.keys(this.lines)
    return seen.length === 1 && seen[0] !== '0' ? Number(seen[0]) - 1 : undefined
  }
  private lastOn(cpu: number): Where {
    const line = this.lines[cpu + 1]
    return line === undefined ? START : { line, time: this.times[cpu + 1]!, cpu }
  }
  /** Events of this CPU (-1: of any) are missing. */
  mark(line: number, says: string, cpu = -1, extent: Extent = 'here'): void {
    const from = extent === 'here' ? this.lastOn(cpu === -1 ? this.last : cpu) : START
    if (extent === 'anywhere') {
      this.whole ??= { cpu, from, to: undefined, says, line }
      return
    }
    if (this.windows.length >= MOST) {
      const first = this.windows[0]!
      this.windows = [{ ...first, cpu: -1, from: first.from, to: undefined }]
      this.open = 1
      return
    }
    this.windows.push({ cpu, says, line, from, to: undefined })
    this.open += 1
  }
  /** The mark that lies across the stretch from one place to another, if any does. */
  between(a: Where, b: Where): { line: number; says: string } | undefined {
    return (
      this.whole ??
      this.windows.find(
        ({ from, to }) => !isBefore(b, from) && (to === undefined || !isBefore(to, a)),
      )
    )
  }
}
