/** struct page_pool (include/net/page_pool/types.h): the fields every design has. */
import {
  array,
  counter,
  flag,
  oneOf,
  optional,
  ref,
  uint,
  NONE,
  type Fields,
  type View,
} from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { allocCache } from '../world/io/alloc-cache.ts'
import { ringSizes, ringSlots } from '../world/io/ptr-ring.ts'
import { fragFields, fragFlag } from '../world/memory/fragments.ts'
import { stateCounts } from '../world/memory/in-flight.ts'
import { useCounts } from '../world/memory/refcount.ts'
import { statistics } from '../world/statistics.ts'
import { delayedWork } from '../world/sync/workqueue.ts'

const u32 = (s: Scope, otherwise = 0) => optional(s.details, counter(32), otherwise)
const flagOf = (s: Scope, otherwise: boolean) => optional(s.details, flag(), otherwise)

export const poolFields = (s: Scope) => ({
  ...useCounts(),
  ...stateCounts(s),
  ...allocCache(s),
  ...ringSlots(s),
  dma_map: flag(),
  dma_sync: flag(),
  /** `p.napi` is set: returns from that NAPI may go straight into the cache. */
  napi: flag(),
  ...delayedWork(),
  /** `p.dev`. */
  dev: optional(s.details, ref('device', 1), 0),
  /** `p.nid`, the preferred node; NONE is NUMA_NO_NODE. */
  nid: optional(s.nodes > 1, ref('node', s.nodes), NONE),
  /** `p.order`: pages of 2^order, one struct page each. */
  order: optional(s.details, uint(10), 0),
  ...fragFlag(s),
  /** `init_callback` is set. */
  has_init_callback: flagOf(s, false),
  max_len: u32(s, 4096),
  offset: u32(s),
  ...ringSizes(s),
  /** page_pool_create_percpu(): the CPU whose softirqs recycle into the cache; NONE is -1. */
  cpuid: optional(s.details || s.percpu, ref('cpu', s.cpus), NONE),
  /** `slow.netdev`: who would see the pool in netlink. */
  netdev: optional(s.details, oneOf('none', 'device', 'loopback', 'poison'), 'none'),
  /** `user.id`, of the netlink interface. */
  id: u32(s),
  /** `xdp_mem_id`: the last id this pool was registered under. */
  xdp_mem_id: u32(s),
  /** `disconnect`: a memory model of this pool was registered. */
  disconnect: flagOf(s, false),
  /** jiffies when the release was deferred, and when the next warning is due. */
  defer_start: u32(s),
  defer_warn: u32(s),
  ...fragFields(s),
  ...statistics(s),
})

/** @param own fields of the design */
export const pools = (s: Scope, own: Fields) => ({
  pool: array('pool', s.pools, { ...poolFields(s), ...own }),
})
/** `page_pools`: the next id of the netlink interface. */
export const netlink = (s: Scope) => ({ page_pools_next: u32(s) })

declare module '../world/world.ts' {
  interface PoolState extends View<ReturnType<typeof poolFields>> {}
  interface Parts {
    page_pools_next: number
  }
}
