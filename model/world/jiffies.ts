/** Time, where a run keeps it; in a search a timer fires at any time. */
import { counter, optional } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'

export const clock = (s: Scope) => ({ jiffies: optional(s.details, counter(32), 0) })
declare module './world.ts' {
  interface Parts {
    jiffies: number
  }
}
