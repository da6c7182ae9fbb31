/** struct page_pool (include/net/page_pool/types.h): the fields every design has. */
import {
  array,
  counter,
  flag,
  list,
  noted,
  oneOf,
  optional,
  record,
  ref,
  uint,
  NONE,
  type Fields,
  type View,
} from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { ringSizes, ringSlots } from '../world/io/ptr-ring.ts'

const u32 = (s: Scope, otherwise = 0) => optional(s.details, counter(32), otherwise)
const flagOf = (s: Scope, otherwise: boolean) => optional(s.details, flag(), otherwise)

/** struct page_pool_alloc_stats and struct page_pool_recycle_stats, in the order of ethtool. */
export const POOL_STATS = [
  'fast',
  'slow',
  'slow_high_order',
  'empty',
  'refill',
  'waive',
  'cached',
  'cache_full',
  'ring',
  'ring_full',
  'released_refcnt',
] as const
export type PoolStat = (typeof POOL_STATS)[number]
/** Statistics decide nothing: where states are stored they are left out, wherever they are counted. */
const counted = (s: Scope) => noted(s.details, counter(32), 0)
const stats = (s: Scope) =>
  record(
    Object.fromEntries(POOL_STATS.map((name) => [name, counted(s)])) as {
      readonly [name in PoolStat]: ReturnType<typeof counted>
    },
  )

export const poolFields = (s: Scope) => ({
  user_cnt: uint(3),
  /** u64 in the kernel; only ever compared with zero, so it saturates here. */
  destroy_cnt: uint(2),
  pages_state_hold_cnt: counter(s.counterBits),
  pages_state_release_cnt: counter(s.counterBits),
  alloc_cache: list('page', s.pages, s.cacheSize),
  ...ringSlots(s),
  dma_map: flag(),
  dma_sync: flag(),
  /** `p.napi` is set: returns from that NAPI may go straight into the cache. */
  napi: flag(),
  /** `release_dw` waits for its timer. */
  release_dw: flag(),
  /** `p.dev`. */
  dev: optional(s.details, ref('device', 1), 0),
  /** `p.nid`, the preferred node; NONE is NUMA_NO_NODE. */
  nid: optional(s.nodes > 1, ref('node', s.nodes), NONE),
  /** `p.order`: pages of 2^order, one struct page each. */
  order: optional(s.details, uint(10), 0),
  /** PP_FLAG_PAGE_FRAG (until 6.5). */
  page_frag: optional(s.details || s.frags, flag(), false),
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
  frag_page: optional(s.details || s.frags, ref('page', s.pages), NONE),
  frag_offset: optional(s.details || s.frags, uint(2 ** 22), 0),
  frag_users: optional(s.details || s.frags, uint(2 ** 20), 0),
  stats: stats(s),
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
