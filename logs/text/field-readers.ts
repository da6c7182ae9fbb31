/** What each name of a field means: where its value goes. */
import type { TraceEvent } from './event.ts'
import { HEX_PFN, HIGH, number, pointer, truth } from './values.ts'

/** Reads the value from `at` to `end` into the event; NaN if it is none. */
export type Reader = (e: TraceEvent, line: string, at: number, end: number) => number

const pool: Reader = (e, line, at, end) => {
  const value = pointer(line, at, end)
  if (Number.isNaN(value)) return NaN
  e.poolText = line.slice(at, end)
  return (e.pool = value)
}
const page: Reader = (e, line, at, end) => {
  e.pointer = pointer(line, at, end)
  e.hashed = e.pointer < HIGH
  return e.pointer
}
const hold: Reader = (e, line, at, end) => (e.hold = number(line, at, end))
const release: Reader = (e, line, at, end) => (e.release = number(line, at, end))
/** s32; options/fields prints it as 0xfffffffd (-3). */
const inflight: Reader = (e, line, at, end) => {
  const value = number(line, at, end)
  return (e.inflight = value >= 2 ** 31 && value < HIGH ? value - HIGH : value)
}
const cnt: Reader = (e, line, at, end) => (e.cnt = number(line, at, end))
const memId: Reader = (e, line, at, end) => (e.memId = number(line, at, end))
const memType: Reader = (e, line, at, end) => {
  e.memType = line.slice(at, end)
  return 0
}

/** The kernel's names, and those that scripts like to use instead. */
export const READERS: Readonly<Record<string, Reader>> = {
  page_pool: pool,
  pool,
  pp: pool,
  pool_ptr: pool,
  allocator: pool,
  netmem: page,
  page,
  page_ptr: page,
  pfn: (e, line, at, end) => {
    e.pfn = number(line, at, end)
    // %lx without 0x. Those without a letter count as decimal: all the same, each has a number of its own.
    if (Number.isNaN(e.pfn)) e.pfn = HEX_PFN + pointer(line, at, end)
    return e.pfn
  },
  is_net_iov: (e, line, at, end) => (e.isNetIov = number(line, at, end)),
  hold,
  holds: hold,
  held: hold,
  hold_cnt: hold,
  release,
  releases: release,
  released: release,
  release_cnt: release,
  inflight,
  in_flight: inflight,
  cnt,
  attempt: cnt,
  destroy_cnt: cnt,
  disconnect_cnt: cnt,
  mem_id: memId,
  'mem.id': memId,
  mem_type: memType,
  type: memType,
  ifindex: (e, line, at, end) => (e.ifindex = number(line, at, end)),
  safe_to_remove: (e, line, at, end) => {
    e.safe = truth(line, at, end)
    return 0
  },
  force: (e, line, at, end) => {
    e.force = truth(line, at, end)
    return 0
  },
  pool_nid: (e, line, at, end) => (e.nid = number(line, at, end)),
  new_nid: (e, line, at, end) => (e.newNid = number(line, at, end)),
  cpu: (e, line, at, end) => {
    const value = number(line, at, end)
    if (value >= 0) e.cpu = value
    return value
  },
  comm: (e, line, at, end) => {
    e.task = line.slice(at, end)
    return 0
  },
}
