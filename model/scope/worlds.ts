/**
 * Other worlds than that of one driver, one pool and one kind of device, each the smallest in which what it
 * is about can go wrong. A design says in which it is held.
 */
import type { Scope } from './bounds.ts'
import { small } from './sizes.ts'

/** What it has that the world of every design has not, and how that is said in bounds: over `small`. */
interface OtherWorld {
  readonly says: string
  readonly bounds: Partial<Omit<Scope, 'name'>>
}
/** The flush of CPU 0's defer_list is a softirq on the CPU of NAPI that is not NAPI. */
const besideNapi = { holders: ['socket', 'defer'] } as const

const table = {
  'one-reference': {
    says: 'every page has one reference: no splice(), no tap, no full ring',
    bounds: {},
  },
  'queue-restart': {
    says: 'the RX queue gets a new pool while its NAPI lives on (netdev_rx_queue_restart()), no grace period',
    bounds: { ...besideNapi, pools: 2, driver: 'queue-restart' },
  },
  'queue-restart-waits': {
    says: 'the same, with a grace period before NAPI is enabled again',
    bounds: { ...besideNapi, pools: 2, driver: 'queue-restart-waits' },
  },
  'queue-restart-waits-early': {
    says: 'the same, with the grace period before the old pool forgets its NAPI (as bnxt_queue_stop() of 6.12 has one)',
    bounds: { ...besideNapi, pools: 2, driver: 'queue-restart-waits-early' },
  },
  'late-unlink': {
    says: 'a ring swap whose old pool knows its NAPI until it is destroyed',
    bounds: { ...besideNapi, pools: 2, driver: 'late-unlink' },
  },
  'percpu-pool': {
    says: 'page_pool_create_percpu() for CPU 0, destroyed on CPU 1',
    bounds: { ...besideNapi, percpu: true },
  },
  'two-ports': {
    says: 'two users of one pool, closed in any order and at once, while softirqs return pages',
    bounds: { driver: 'two-ports', holders: ['defrag'], extraReferences: true },
  },
  'softirq-returners': {
    says: 'pages come back in softirq only, with a second reference (a tap) as well',
    bounds: { holders: ['defrag', 'redirect'], extraReferences: true },
  },
  'softirqs-on-rtnl-cpu': {
    says: 'the same softirqs on the CPU of rtnl and release_dw: they interrupt a destroy and never run beside it',
    bounds: { holders: ['defrag', 'redirect'], extraReferences: true, softirqsOnRtnlCpu: true },
  },
  'coherent-device': {
    says: 'the device needs no sync: destroy does not wait for one',
    bounds: { needSync: false, holders: ['socket', 'defrag'], extraReferences: true },
  },
  'pool-without-sync': {
    says: 'a pool without PP_FLAG_DMA_SYNC_DEV',
    bounds: { dmaSync: false, holders: ['socket', 'defrag'], extraReferences: true },
  },
  'no-index-bits': {
    says: 'struct page has no room for the index of a mapping (PP_DMA_INDEX_BITS 0)',
    bounds: { indexBits: false, extraReferences: true },
  },
  'napi-freed-early': {
    says: 'the napi_struct is freed right after the pool was destroyed, the grace period came before',
    bounds: { ...besideNapi, dmaSync: false, driver: 'napi-freed-early' },
  },
  fragments: {
    says: 'pages are cut in two, and each half comes back by itself',
    bounds: { frags: true, rxSlots: 2, holders: ['socket', 'defrag'] },
  },
  'bulk-return': {
    says: 'frames come back by xdp_return_frame_bulk()',
    bounds: { pages: 2, ringSize: 2, rxSlots: 2, holders: ['bulk'] },
  },
  'grace-before-unbind': {
    says: 'the grace period of the unregister path between destroy and unbind',
    bounds: { extraReferences: true, driver: 'unregisters' },
  },
  'grace-no-preemption': {
    says: 'the same, and a process in the kernel is not preempted (PREEMPT_NONE)',
    bounds: {
      holders: ['socket', 'defrag'],
      extraReferences: true,
      driver: 'unregisters',
      preempt: false,
    },
  },
  'sync-duty': {
    says: 'follows whether a page was synced before it is posted again',
    bounds: { duties: true },
  },
} as const satisfies Record<string, OtherWorld>

export type WorldName = keyof typeof table
const each = <T>(of: (it: OtherWorld, name: string) => T): Readonly<Record<WorldName, T>> =>
  Object.fromEntries(Object.entries(table).map(([name, it]) => [name, of(it, name)])) as Record<
    WorldName,
    T
  >

export const worlds = each(({ bounds }, name): Scope => ({ ...small, ...bounds, name }))
export const worldSays = each(({ says }) => says)
export const isWorld = (name: string): name is WorldName => Object.hasOwn(table, name)
