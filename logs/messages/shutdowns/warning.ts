/** What one line says of a stalled shutdown. */
import type { Stretch } from '../../text/log-clock.ts'

export interface Warning {
  /** `id 3`, `mem.id 28`; '' where the kernel names no id (5.5 to 6.7). */
  readonly name: string
  readonly inflight: number | null
  readonly attempts: number | null
  /** Since page_pool_destroy(). */
  readonly seconds: number
  /** The least seconds to the next one. */
  readonly interval: number
  readonly line: number
  readonly text: string
  /** Seconds of the kernel's clock, and of the wall clock; NaN: not told. */
  readonly at: number
  readonly wall: number
  /** The stamp stands in front of the line, where printk puts it. */
  readonly isExact: boolean
  readonly host: string
  readonly stretch: Stretch
}
