/** What one line of tracepoint text says, whatever tool printed it. */
import type { Where } from './where.ts'

/**
 * - `hold`, `release`: `page_pool_state_hold`, `page_pool_state_release`: one page enters or leaves the count.
 * - `attempt`: `page_pool_release` (`page_pool_inflight` in 5.3 and 5.4): page_pool_inflight() was asked
 *   whether the pool may be freed.
 * - `nid`: `page_pool_update_nid`. The rest are `xdp:mem_*`.
 */
export type EventKind =
  | 'hold'
  | 'release'
  | 'attempt'
  | 'nid'
  | 'connect'
  | 'disconnect'
  | 'return-failed'

/** One record is reused for every line, so whoever keeps an event copies it. Absent numbers are NaN. */
export interface TraceEvent extends Where {
  kind: EventKind
  line: number
  time: number
  cpu: number
  /** The unit of the time is certain. */
  seconds: boolean
  /** The line has a time, of whatever clock: two events do not print the same line. */
  stamped: boolean
  /** A time without a unit (`counter`, `x86-tsc`): only good for the order. */
  tick: number
  /** The line, without its line end. */
  text: string
  /** Where in it the event's name stands, or its first field, and where its last field ends. */
  start: number
  end: number
  /** Which fields it has, a bit each. */
  fields: number
  /** Words without a value stand between them. */
  litter: boolean
  /** The pool pointer as a number that is equal when the pointer is; NaN: the line has none. */
  pool: number
  poolText: string
  pfn: number
  isNetIov: number
  /** What tells this page from others: the pfn where there is one, else the pointer. */
  page: number
  /** The `struct page` or netmem pointer, and how it was printed. */
  pointer: number
  hashed: boolean
  hold: number
  release: number
  inflight: number
  cnt: number
  memId: number
  memType: string
  ifindex: number
  safe: boolean | undefined
  force: boolean | undefined
  nid: number
  newNid: number
  task: string
  /** `page_pool_inflight`, the event of 5.3 and 5.4. */
  old: boolean
}

export const newEvent = (): TraceEvent => ({
  kind: 'hold',
  line: 0,
  time: NaN,
  cpu: -1,
  seconds: false,
  stamped: false,
  tick: NaN,
  text: '',
  start: 0,
  end: 0,
  fields: 0,
  litter: false,
  pool: NaN,
  poolText: '',
  pfn: NaN,
  isNetIov: 0,
  page: NaN,
  pointer: NaN,
  hashed: false,
  hold: NaN,
  release: NaN,
  inflight: NaN,
  cnt: NaN,
  memId: NaN,
  memType: '',
  ifindex: NaN,
  safe: undefined,
  force: undefined,
  nid: NaN,
  newNid: NaN,
  task: '',
  old: false,
})

/** Before the next line is read: what it may leave out. The rest is set of every event. */
export function clear(e: TraceEvent): void {
  e.time = e.tick = e.pool = e.page = e.pointer = e.hold = e.release = e.inflight = e.cnt = NaN
  e.isNetIov = 0
  e.pfn = e.memId = e.ifindex = e.nid = e.newNid = NaN
  e.cpu = -1
  e.memType = e.poolText = e.task = ''
  e.safe = e.force = undefined
  e.hashed = e.old = e.seconds = e.stamped = false
}
