/**
 * The state of the world: the kernel's own variables, and apart from them the ledger, which is what
 * is true. A design adds fields to `pool`; it never sees the ledger.
 */
import {
  array,
  counter,
  flag,
  list,
  oneOf,
  record,
  ref,
  set,
  uint,
  type Fields,
  type View,
} from '../../engine/layout.ts'
import { contexts } from './context.ts'
import type { Holder, Scope } from '../scope.ts'

const N = contexts.length
/** Pages are alike until something is done with them: a search may exchange them. */
export const scalarsets = ['page'] as const
/** A lock is the context that holds it, or NONE. */
export const lock = () => ref('context', N)
/** Pages in a bounded list (`pages` of them exist). */
const pageList = (s: Scope, capacity: number) => list('page', s.pages, capacity)

const heldBy = (s: Scope, holder: Holder) => pageList(s, s.holders.includes(holder) ? s.pages : 0)

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
})

export const worldFields = <D extends Fields>(s: Scope, design: D) => ({
  /** Contexts: control state, preempt_count, softirq_disable, RCU nesting, grace-period wait. */
  task: array('context', N, {
    pc: uint(2 ** (s.counterBits > 8 ? 20 : 14) - 1),
    preempt_count: uint(3),
    bh_disabled: uint(3),
    rcu_nesting: uint(3),
    /** synchronize_rcu(): the read sections this context still waits for. */
    gp_wait: set('context', N),
  }),
  page: array('page', s.pages, {
    refcount: uint(3),
    pp_magic: flag(),
    pp: ref('pool', s.pools),
    dma_addr: flag(),
    /** Index in the pool's dma_mapped xarray kept in the upper bits of pp_magic; 0 is none. */
    dma_index: uint(s.pages),
  }),
  pool: array('pool', s.pools, { ...poolFields(s), ...design }),
  dev: record({
    /** `kref` of struct device. */
    refcount: uint(4),
    driver: oneOf('none', 'probing', 'bound', 'removing', 'removed'),
    /** dma_ops, iommu domain and dma_range_map are in place. */
    dma_ready: flag(),
  }),
  driver: record({
    pool: ref('pool', s.pools),
    rx_ring: pageList(s, s.rxSlots),
    napi_enabled: flag(),
    /** NAPI_STATE_SCHED, with list_owner == CPU 0. */
    napi_scheduled: flag(),
  }),
  stack: record({
    socket: pageList(s, s.pages),
    defrag: heldBy(s, 'defrag'),
    redirect: heldBy(s, 'redirect'),
    defer_list: heldBy(s, 'defer'),
    defer_lock: lock(),
    /** What skb_defer_free_flush() has taken off the list and not freed yet. */
    flushing: heldBy(s, 'defer'),
    /** Extra page references held elsewhere (a pipe after splice). */
    pipe: pageList(s, s.extraReferences ? s.pages : 0),
  }),
  faults_left: uint(Math.max(s.faults, 1)),
  /** xdp.c: the registry of memory models. */
  mem: record({
    mem_id_lock: lock(),
    mem_id_next: uint(s.ids + 1),
    /** IDA bitmap; bit 0 is id 1. */
    mem_id_pool: set('mem_id', s.ids),
    /** mem_id_ht: the ids that can be looked up. */
    mem_id_ht: set('mem_id', s.ids),
    /** Ids whose allocator waits for a grace period to be freed, and what each waits for. */
    rcu_pending: set('mem_id', s.ids),
  }),
  mem_head: array('mem_id', s.ids, { gp_wait: set('context', N) }),
  rxq: array('rxq', s.rxqs, {
    state: oneOf('new', 'registering', 'registered', 'unregistering'),
    mem_id: ref('mem_id', s.ids),
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
      /** Was ever taken from the allocator: an untouched page is like any other untouched page. */
      used: flag(),
    }),
    pool: array('pool', s.pools, {
      life: oneOf('never', 'allocated', 'freed'),
      /** The context that is inside alloc.cache. */
      cache_user: ref('context', N),
      /** Pages out when the release counter was last read. */
      out_at_read: uint(Math.max(s.pages, 1)),
    }),
    /** struct xdp_mem_allocator by id, told apart from the one before it. */
    allocator: array('mem_id', s.ids, { alive: flag(), which: flag() }),
    /** Situations met on this path that make later promises worth something. */
    seen: record({
      unbound_with_pages_out: flag(),
      counter_wrapped: flag(),
      insert_failed: flag(),
      allocator_used: flag(),
    }),
  }),
})
type Everything = ReturnType<typeof worldFields<Record<never, never>>>
export type WorldView = View<Everything>
export type PageView = ReturnType<WorldView['page']>
export type PoolView = View<ReturnType<typeof poolFields>>
