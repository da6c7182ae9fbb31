/**
 * The state of the world: the kernel's own variables, and apart from them the ledger, which is what
 * is true. A design adds fields to `pool`; it never sees the ledger.
 */
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
  set,
  uint,
  NONE,
  type Fields,
  type View,
} from '../../engine/state/layout.ts'
import { contexts } from './sync/contexts.ts'
import type { Holder, Scope } from '../scope.ts'

const N = contexts.length
/** Pages are alike until something is done with them: a search may exchange them. */
export const scalarsets = ['page'] as const
/** How one is had from its number. */
export const ways = { page: 'pfn_to_page(n)' } as const
/** A lock is the context that holds it, or NONE. */
export const lock = () => ref('context', N)
/** The fields that are locks, by name. */
export const locksAmong = (fields: Fields): readonly string[] =>
  Object.keys(fields).filter((name) => {
    const field = fields[name]!
    return field.kind === 'scalar' && field.type === 'ref' && field.domain === 'context'
  })
export const poolLocks = ['producer_lock', 'consumer_lock'] as const
/** Pages in a bounded list (`pages` of them exist). */
const pageList = (s: Scope, capacity: number) => list('page', s.pages, capacity)

/** A number up to a bound of the scope, which may have none. */
const upTo = (bound: number) => uint(Math.min(bound, 2 ** 32 - 1))
const u32 = (s: Scope, otherwise = 0) => optional(s.whole, counter(32), otherwise)
const flagOf = (s: Scope, otherwise: boolean) => optional(s.whole, flag(), otherwise)

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
const stats = (s: Scope) =>
  record(Object.fromEntries(POOL_STATS.map((name) => [name, counted(s)])) as StatFields)
type StatFields = { readonly [name in PoolStat]: ReturnType<typeof counted> }
/** Statistics decide nothing: where states are stored they are left out, wherever they are counted. */
const counted = (s: Scope) => noted(s.whole, counter(32), 0)
/** Packets that may wait somewhere at once: a page that is cut is in two of them. */
const packets = (s: Scope) => (s.frags && !s.whole ? 2 * s.pages : s.pages)
const heldBy = (s: Scope, holder: Holder) =>
  pageList(s, s.holders.includes(holder) ? packets(s) : 0)

/** `struct page_pool`: the fields every design has. */
export const poolFields = (s: Scope) => ({
  user_cnt: uint(3),
  /** u64 in the kernel; only ever compared with zero, so it saturates here. */
  destroy_cnt: uint(2),
  pages_state_hold_cnt: counter(s.counterBits),
  pages_state_release_cnt: counter(s.counterBits),
  alloc_cache: pageList(s, s.cacheSize),
  ring: pageList(s, s.ringSize),
  producer_lock: lock(),
  consumer_lock: lock(),
  dma_map: flag(),
  dma_sync: flag(),
  /** `p.napi` is set: returns from that NAPI may go straight into the cache. */
  napi: flag(),
  /** `release_dw` waits for its timer. */
  release_dw: flag(),
  /** `p.dev`. */
  dev: optional(s.whole, ref('device', 1), 0),
  /** `p.nid`, the preferred node; NONE is NUMA_NO_NODE. */
  nid: optional(s.nodes > 1, ref('node', s.nodes), NONE),
  /** `p.order`: pages of 2^order, one struct page each. */
  order: optional(s.whole, uint(10), 0),
  /** PP_FLAG_PAGE_FRAG (until 6.5). */
  page_frag: optional(s.whole || s.frags, flag(), false),
  /** `init_callback` is set. */
  has_init_callback: flagOf(s, false),
  max_len: u32(s, 4096),
  offset: u32(s),
  /** Slots of the ring, and how many consumed ones are given back to the producer at once. */
  ring_size: u32(s, s.ringSize),
  ring_batch: u32(s, 1),
  consumer_head: u32(s),
  consumer_tail: u32(s),
  /** page_pool_create_percpu(): the CPU whose softirqs recycle into the cache; NONE is -1. */
  cpuid: optional(s.whole || s.percpu, ref('cpu', s.cpus), NONE),
  /** `slow.netdev`: who would see the pool in netlink. */
  netdev: optional(s.whole, oneOf('none', 'device', 'loopback', 'poison'), 'none'),
  /** `user.id`, of the netlink interface. */
  id: u32(s),
  /** `xdp_mem_id`: the last id this pool was registered under. */
  xdp_mem_id: u32(s),
  /** `disconnect`: a memory model of this pool was registered. */
  disconnect: flagOf(s, false),
  /** jiffies when the release was deferred, and when the next warning is due. */
  defer_start: u32(s),
  defer_warn: u32(s),
  frag_page: optional(s.whole || s.frags, ref('page', s.pages), NONE),
  frag_offset: optional(s.whole || s.frags, uint(2 ** 22), 0),
  frag_users: optional(s.whole || s.frags, uint(2 ** 20), 0),
  stats: stats(s),
})

const deviceFields = (s: Scope) => ({
  /** `kref` of struct device. */
  refcount: uint(4),
  driver: oneOf('none', 'probing', 'bound', 'removing', 'removed'),
  /** The driver may use the DMA API: set up by dma_configure(), over with device_unbind_cleanup(). */
  dma_ready: flag(),
  /** `dev->iommu_group` and its domain, until iommu_release_device(). */
  iommu_group: flag(),
  /** dma_dev_need_sync(): the CPU has to be kept coherent by hand. */
  need_sync: flagOf(s, s.needSync),
  /** device_release() ran: the last reference was dropped once. */
  released: noted(s.whole, flag(), false),
})

export const worldFields = <D extends Fields>(s: Scope, design: D) => ({
  /** Contexts: control state, preempt_count, softirq_disable, RCU nesting, grace-period wait. */
  task: array('context', N, {
    pc: uint(2 ** (s.counterBits > 8 ? 20 : 14) - 1),
    preempt_count: uint(3),
    bh_disabled: uint(3),
    rcu_nesting: uint(3),
    /** local_irq_disable(), local_irq_save(). */
    irqs_disabled: optional(s.irqs, flag(), false),
    /** synchronize_rcu(): the read sections this context still waits for. */
    gp_wait: set('context', N),
  }),
  page: array('page', s.pages, {
    refcount: uint(3),
    pp_magic: flag(),
    pp: ref('pool', s.pools),
    dma_addr: flag(),
    /** Index in the pool's dma_mapped xarray kept in the upper bits of pp_magic; 0 is none. */
    dma_index: upTo(s.pages),
    /** The node the page lies on. */
    nid: optional(s.nodes > 1, ref('node', s.nodes), 0),
    /** Bit 1 of the word of pp_magic: the page comes from the emergency reserves. */
    pfmemalloc: flagOf(s, false),
    /** `pp_frag_count` (6.1), `pp_ref_count` (6.12): a long, here up to 2^50. */
    pp_ref_count: optional(s.whole || s.frags, uint(15), 0),
  }),
  pool: array('pool', s.pools, { ...poolFields(s), ...design }),
  dev: record(deviceFields(s)),
  /** Devices 1 and up. */
  other_devices: array('device', s.whole ? Infinity : 0, deviceFields(s)),
  driver: record({
    /** `rq->page_pool`. */
    pool: optional(s.pools > 1, ref('pool', s.pools), 0),
    rx_ring: pageList(s, s.rxSlots),
    napi_enabled: flag(),
    /** NAPI_STATE_SCHED, with list_owner == CPU 0. */
    napi_scheduled: flag(),
    /** The device works on its RX descriptors. */
    rx_dma: optional(s.descriptors, flag(), false),
    /** The other port that uses the pool is open (drivers of two ports). */
    other_port: optional(s.driver === 'two-ports', oneOf('closed', 'open', 'closing'), 'closed'),
  }),
  stack: record({
    socket: pageList(s, packets(s)),
    defrag: heldBy(s, 'defrag'),
    redirect: heldBy(s, 'redirect'),
    defer_list: heldBy(s, 'defer'),
    defer_lock: lock(),
    /** What skb_defer_free_flush() has taken off the list and not freed yet. */
    flushing: heldBy(s, 'defer'),
    bulk: heldBy(s, 'bulk'),
    /** xdp_frame_bulk: frames gathered and not yet returned. */
    bq: heldBy(s, 'bulk'),
    /** Extra page references held elsewhere (a pipe after splice, the copy of a tap). */
    pipe: pageList(s, s.extraReferences ? s.pages : 0),
  }),
  /** The node of the CPU that runs NAPI, and each present call in a sequential run: numa_mem_id(). */
  numa_mem_id: optional(s.nodes > 1, upTo(s.nodes - 1), 0),
  /** The NAPI instance as page_pool_napi_local() sees it, where the driver does not say. */
  napi: record({
    list_owner: optional(s.whole, ref('cpu', s.cpus), NONE),
    sched: flagOf(s, true),
    /** kfree() of what the napi_struct lies in. */
    freed: optional(s.driver === 'napi-freed-early', flag(), false),
  }),
  jiffies: u32(s),
  /** `page_pools`: the next id of the netlink interface. */
  page_pools_next: u32(s),
  faults_left: upTo(Math.max(s.faults, 1)),
  /** xdp.c: the registry of memory models. */
  mem: record({
    mem_id_lock: lock(),
    /** The hash table was made. */
    mem_id_init: flagOf(s, true),
    mem_id_next: uint(s.ids + 1),
    /** IDA bitmap; bit 0 is id 1. */
    mem_id_pool: set('mem_id', Math.min(s.ids, 32)),
    /** mem_id_ht: the ids that can be looked up. */
    mem_id_ht: set('mem_id', Math.min(s.ids, 32)),
    /** Ids whose allocator waits for a grace period to be freed, and what each waits for. */
    rcu_pending: set('mem_id', Math.min(s.ids, 32)),
  }),
  mem_head: array('mem_id', s.ids, {
    gp_wait: set('context', N),
    /** `xa->page_pool` of the allocator entered under this id. */
    page_pool: optional(s.whole, ref('pool', s.pools), NONE),
  }),
  rxq: array('rxq', s.rxqs, {
    state: oneOf('new', 'registering', 'registered', 'unregistering'),
    mem_id: ref('mem_id', s.ids),
    /** `mem.type` is MEM_TYPE_PAGE_POOL. */
    page_pool: flagOf(s, false),
  }),
  ledger: record({
    page: array('page', s.pages, {
      place: oneOf(
        'page allocator',
        'hand',
        'alloc cache',
        'ring',
        'RX ring',
        'stack',
        'pipe',
        'somebody else',
      ),
      /** The pool that took this page from the allocator and has not given it back. */
      of: ref('pool', s.pools),
      /** Counted as held, not yet counted as released. */
      in_flight: flag(),
      mapped: flag(),
      /** An older mapping of another pool is still there beside the new one: destroy has yet to undo it. */
      mapped_before: noted(s.pools > 1 && !s.whole, flag(), false),
      mapped_for: noted(s.whole, ref('device', 1), 0),
      /** Cut in fragments: the pool still has what it did not hand out, or fragments are all there is. */
      cut: noted(s.frags && !s.whole, oneOf('no', 'by the pool', 'all out'), 'no'),
      /** Fragments handed out and not given back. */
      frags: noted(s.frags && !s.whole, uint(3), 0),
      /** The CPU has touched it since it was last synced for the device. */
      unsynced: noted(s.duties, flag(), false),
      /** It was in the RX ring since it left the allocator. */
      posted: noted(s.duties, flag(), false),
      /** A descriptor of the RX ring names it, whatever the driver did with the page since. */
      named: noted(s.descriptors, flag(), false),
      /** Was ever taken from the allocator: an untouched page is like any other untouched page. */
      used: flag(),
      /** Lay in the ring when an allocation that is not over yet looked there. */
      was_in_ring: noted(s.nodes > 1, flag(), false),
    }),
    pool: array('pool', s.pools, {
      life: oneOf('never', 'allocated', 'freed'),
      /** The context that is inside alloc.cache. */
      cache_user: ref('context', N),
      /** Pages out when the release counter was last read. */
      out_at_read: upTo(Math.max(s.pages, 1)),
      /** The refill under way: pages taken from the ring, and those of them that were released. */
      /** The context that refills alloc.cache from the ring, and what it did so far. */
      refilled_by: noted(s.nodes > 1, ref('context', N), NONE),
      refill_taken: noted(s.nodes > 1, uint(s.bulk + 2), 0),
      refill_released: noted(s.nodes > 1, uint(s.bulk + 2), 0),
      /** It met a page from another node. */
      refill_met_remote: noted(s.nodes > 1, flag(), false),
    }),
    /** struct xdp_mem_allocator by id, told apart from the one before it. */
    allocator: array('mem_id', s.ids, { alive: flag(), which: flag() }),
    /** Situations met on this path that make later promises worth something. */
    seen: record({
      unbound_with_pages_out: noted(s.nodes === 1, flag(), false),
      /** A page that had been in the RX ring before went there again. */
      posted_again: noted(s.duties, flag(), false),
      counter_wrapped: noted(s.nodes === 1, flag(), false),
      insert_failed: flag(),
      allocator_used: flag(),
    }),
  }),
})
type Everything = ReturnType<typeof worldFields<Record<never, never>>>
export type WorldView = View<Everything>
export type PageView = ReturnType<WorldView['page']>
export type PoolView = View<ReturnType<typeof poolFields>>
