/**
 * The bounds of a world, each said once: what it is, what it may be, and what it is where nobody says. The
 * type of a scope, what `--scope` takes, what a counterexample file may hold and what `list bounds` says
 * are all made from this table.
 */

/**
 * - `socket`: a receive queue; released by the reader in process context, or never.
 * - `defrag`: an IPv4 fragment queue; released by its timer in softirq (`ip_expire`, up to 30 s).
 * - `defer`: the reader hands the skb to the allocating CPU's `softnet_data.defer_list`, flushed by
 *   that CPU's `net_rx_action`, which may never run.
 * - `redirect`: an xdp_frame on another device's TX ring, returned by its completion.
 * - `bulk`: the same, and the completion returns all of them at once (xdp_return_frame_bulk()).
 */
export const HOLDERS = ['socket', 'defrag', 'defer', 'redirect', 'bulk'] as const
export type Holder = (typeof HOLDERS)[number]

/**
 * - `nic`: one queue, one pool, torn down as the API asks for.
 * - `queue-restart`: the queue gets a new pool while its NAPI lives on (netdev_rx_queue_restart()).
 * - `queue-restart-waits`: the same, with a grace period before NAPI is enabled again.
 * - `queue-restart-waits-early`: the same, with the grace period before the old pool forgets its NAPI.
 * - `late-unlink`: the same ring swap, and the old pool knows its NAPI until it is destroyed.
 * - `napi-freed-early`: the napi_struct is freed right after the pool was destroyed.
 * - `unregisters`: the pool is destroyed in ndo_stop(), so the grace period of unregister_netdevice_many_notify()
 *   comes before unbind.
 * - `two-ports`: two ports share one pool, and either may be closed last.
 */
export const DRIVERS = [
  'nic',
  'queue-restart',
  'queue-restart-waits',
  'queue-restart-waits-early',
  'late-unlink',
  'napi-freed-early',
  'two-ports',
  'unregisters',
] as const
export type DriverName = (typeof DRIVERS)[number]

interface About {
  /** What it is, for people: a line of `list bounds`. */
  readonly says: string
  /** Scopes that differ in it are other worlds, and not the same one in another size. */
  readonly world?: true
  /** Files were saved before it was there: one without it means the base, and one that means it leaves it out. */
  readonly later?: true
  /** What the kernel has and no search stores: true in `kernelSizes` only, and nobody may ask for it. */
  readonly kernelOnly?: true
}
export interface NumberBound extends About {
  readonly kind: 'number'
  readonly base: number
  readonly least: number
  readonly most: number
}
export interface NumbersBound extends About {
  readonly kind: 'numbers'
  readonly base: readonly number[]
  readonly least: number
  readonly most: number
}
export interface SwitchBound extends About {
  readonly kind: 'switch'
  readonly base: boolean
}
export interface OneBound<N extends string = string> extends About {
  readonly kind: 'one'
  readonly base: N
  readonly names: readonly N[]
}
export interface SeveralBound<N extends string = string> extends About {
  readonly kind: 'several'
  readonly base: readonly N[]
  readonly names: readonly N[]
}
export type Bound = NumberBound | NumbersBound | SwitchBound | OneBound | SeveralBound

const number = (
  base: number,
  [least, most]: readonly [number, number],
  about: About,
): NumberBound => ({ kind: 'number', base, least, most, ...about })
const numbers = (
  base: readonly number[],
  [least, most]: readonly [number, number],
  about: About,
): NumbersBound => ({ kind: 'numbers', base, least, most, ...about })
const toggle = (base: boolean, about: About): SwitchBound => ({ kind: 'switch', base, ...about })
const one = <N extends string>(base: N, names: readonly N[], about: About): OneBound<N> => ({
  kind: 'one',
  base,
  names,
  ...about,
})
const several = <N extends string>(
  base: readonly N[],
  names: readonly N[],
  about: About,
): SeveralBound<N> => ({ kind: 'several', base, names, ...about })
/** True in `kernelSizes` only. */
const asInKernel = (says: string): SwitchBound =>
  toggle(false, { says, later: true, kernelOnly: true })

/** In the order in which a counterexample file has them: what is new goes to the end. */
export const bounds = {
  pages: number(4, [1, 30], { says: 'physical pages, one struct page each' }),
  pools: number(1, [1, 2], { says: 'pools the driver creates', world: true }),
  cpus: number(2, [2, 2], { says: 'CPUs a pool may belong to' }),
  cacheSize: number(2, [1, 128], { says: 'PP_ALLOC_CACHE_SIZE (128 in the kernel)' }),
  bulk: number(2, [1, 64], {
    says: 'pages asked for in one slow-path allocation, and refilled at once (64 in the kernel)',
  }),
  ringSize: number(2, [1, 1024], { says: 'slots of the ptr_ring of a pool' }),
  rxSlots: number(2, [1, 1024], { says: 'slots of the RX ring of the driver' }),
  counterBits: number(32, [2, 32], {
    says: 'width of pages_state_hold_cnt and pages_state_release_cnt (32 in the kernel)',
  }),
  counterStarts: numbers([0, 2 ** 31 - 2, 2 ** 32 - 2], [0, 2 ** 32 - 1], {
    says: 'both counters start at one of these values, picked by the environment',
  }),
  faults: number(2, [0, 7], {
    says: 'injected failures (allocation, DMA mapping, id, insert) the environment may spend',
  }),
  dmaSync: toggle(true, {
    says: 'the pool was created with PP_FLAG_DMA_SYNC_DEV',
    world: true,
  }),
  holders: several<Holder>(['socket', 'defrag', 'defer', 'redirect'], HOLDERS, {
    says: 'where the stack may hold a packet',
  }),
  extraReferences: toggle(true, {
    says: 'others (splice, zero copy, a tap) may hold an extra page reference',
  }),
  reuse: toggle(true, {
    says: 'somebody else allocates pages too, so a freed page may be in use again',
  }),
  rxqs: number(3, [1, 8], { says: 'RX queues that register a memory model' }),
  ids: number(3, [1, 30], { says: 'ids of memory models (65,533 in the kernel)' }),
  needSync: toggle(true, {
    says: 'dma_dev_need_sync(): the device is not coherent, so that syncs do something',
    world: true,
    later: true,
  }),
  indexBits: toggle(true, {
    says: 'struct page has room for the index of a mapping (PP_DMA_INDEX_BITS > 0): most 64-bit builds',
    world: true,
    later: true,
  }),
  percpu: toggle(false, {
    says: 'the pool was made by page_pool_create_percpu() for CPU 0, and has no NAPI',
    world: true,
    later: true,
  }),
  preempt: toggle(true, {
    says: 'CONFIG_PREEMPT; without it a process in the kernel is an RCU reader until it sleeps',
    world: true,
    later: true,
  }),
  softirqsOnRtnlCpu: toggle(false, {
    says: 'timers and TX completions run on the CPU of rtnl and the release work: they interrupt a destroy, and never run beside it',
    world: true,
    later: true,
  }),
  duties: toggle(false, {
    says: 'whether a page was synced before the device may write into it again is followed',
    world: true,
    later: true,
  }),
  descriptors: toggle(false, {
    says: 'which pages the descriptors of the device name is followed: it may write into those while RX DMA runs',
    world: true,
    later: true,
  }),
  irqs: toggle(false, {
    says: 'somebody disables hard interrupts, and where bottom halves may be toggled is followed',
    world: true,
    later: true,
  }),
  napiLinks: toggle(false, {
    says: 'whether the pool that NAPI polls knows its NAPI, and no other does, is followed',
    world: true,
    later: true,
  }),
  driver: one<DriverName>('nic', DRIVERS, {
    says: 'who uses the pool, and in what order',
    world: true,
    later: true,
  }),
  nodes: number(1, [1, 4], {
    says: 'NUMA nodes; with 1, every page is local and no node is asked for',
    world: true,
    later: true,
  }),
  frags: toggle(false, {
    says: 'pages are cut in fragments: pp_frag_count (6.1), pp_ref_count (6.12)',
    world: true,
    later: true,
  }),
  /** Left out of what is searched, where none of it decides who owns a page and all of it multiplies states. */
  details: asInKernel(
    'all that struct page_pool and its surroundings keep: parameters, statistics, jiffies, ids, memory models, more devices',
  ),
  /** What a real kernel does when it survives: it warns, and nothing stops at the first mistake. */
  goesOnAfterMistakes: asInKernel('a mistake is told, and what comes after it is run'),
  /** `w.napi` is asked; in a search it follows from what the driver does. */
  ownNapi: asInKernel('whoever runs the calls says where NAPI is, and whether it is scheduled'),
  /** destroy_cnt, user_cnt and pp_ref_count; in a search they go as far as makes a difference. */
  wideCounts: asInKernel('counts are as wide as those of the kernel'),
} as const

export type BoundName = keyof typeof bounds
/** The bounds of a world: what a verdict covers, said in full beside it. */
export type Scope = { readonly name: string } & {
  readonly [B in BoundName]: (typeof bounds)[B]['base']
}

/** Every bound by its name, in the order of the table. */
export const everyBound = Object.entries(bounds) as readonly (readonly [BoundName, Bound])[]
/** Those a user may ask for. */
export const askedFor = everyBound.filter(([, { kernelOnly }]) => kernelOnly !== true)

/** What a user may ask for of a scope, as it is there. */
export const askedBounds = (scope: Scope): Readonly<Partial<Omit<Scope, 'name'>>> =>
  Object.fromEntries(askedFor.map(([bound]) => [bound, scope[bound]]))

export const base = {
  name: 'base',
  ...Object.fromEntries(everyBound.map(([bound, it]) => [bound, it.base])),
} as Scope

/** The same world, whatever its size: what breaks in one scope of it is broken in it. */
export const isOfWorld = (one: Scope, other: Scope): boolean =>
  everyBound.every(([bound, { world }]) => world !== true || one[bound] === other[bound])

/**
 * The kernel's own sizes, for runs of one call after another: as many pools and pages as are asked
 * for, a page that was freed never comes back, and a ring is as long as its pool was told.
 */
export const kernelSizes: Scope = {
  ...base,
  name: 'kernel',
  pages: Infinity,
  pools: Infinity,
  cacheSize: 128,
  bulk: 64,
  ringSize: 16_384,
  counterStarts: [0],
  faults: Infinity,
  rxqs: Infinity,
  ids: 65_533,
  nodes: 4,
  frags: true,
  details: true,
  goesOnAfterMistakes: true,
  ownNapi: true,
  wideCounts: true,
}
