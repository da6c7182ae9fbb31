/** The bounds of a world: what a verdict covers, said in full beside it. */
export interface Scope {
  readonly name: string
  /** Physical pages, one struct page each. */
  readonly pages: number
  /** Pools a driver may create. */
  readonly pools: number
  readonly cpus: number
  /** `PP_ALLOC_CACHE_SIZE` (128 in the kernel). */
  readonly cacheSize: number
  /** Pages asked for in one slow-path allocation, and refilled at once (64 in the kernel). */
  readonly bulk: number
  /** Slots of the pool's ptr_ring. */
  readonly ringSize: number
  /** Slots of the driver's RX ring. */
  readonly rxSlots: number
  /** Width in bits of `pages_state_hold_cnt` and `pages_state_release_cnt` (32 in the kernel). */
  readonly counterBits: number
  /** Both counters start at one of these values, picked by the environment. */
  readonly counterStarts: readonly number[]
  /** Injected failures (allocation, DMA mapping, id, insert) the environment may spend. */
  readonly faults: number
  /** The pool was created with `PP_FLAG_DMA_SYNC_DEV`. */
  readonly dmaSync: boolean
  /** dma_dev_need_sync(): the device is not coherent, so that syncs do something. */
  readonly needSync: boolean
  /** struct page has room for the index of a mapping (PP_DMA_INDEX_BITS > 0): most 64-bit builds. */
  readonly indexBits: boolean
  /** The pool was made by page_pool_create_percpu() for CPU 0, and has no NAPI. */
  readonly percpu: boolean
  /** A process in the kernel may be preempted (CONFIG_PREEMPT); without, it is an RCU reader until it sleeps. */
  readonly preempt: boolean
  /** Timers and TX completions run on the CPU of rtnl and the release work: they interrupt a destroy, and never run beside it. */
  readonly softirqsOnRtnlCpu: boolean
  /** Whether a page was synced before the device may write into it again is followed. */
  readonly duties: boolean
  /** Which pages the descriptors of the device name is followed: it may write into those while RX DMA runs. */
  readonly descriptors: boolean
  /** Somebody disables hard interrupts, and where bottom halves may be toggled is followed. */
  readonly irqs: boolean
  /** Whether the pool that NAPI polls knows its NAPI, and no other does, is followed. */
  readonly napiLinks: boolean
  /** Who uses the pool, and in what order (model/drivers). */
  readonly driver: DriverName
  /** Where the stack may hold a packet. */
  readonly holders: readonly Holder[]
  /** Others (splice, zero copy) may hold an extra page reference. */
  readonly extraReferences: boolean
  /** Somebody else allocates pages too, so a freed page may be in use again. */
  readonly reuse: boolean
  /** RX queues that register a memory model (registration designs). */
  readonly rxqs: number
  /** Ids of the IDA (1..65533 in the kernel); starts at 1. */
  readonly ids: number
  /** NUMA nodes. With 1, every page is local and no node is asked for. */
  readonly nodes: number
  /** Pages may be cut in fragments: `pp_frag_count` (6.1), `pp_ref_count` (6.12). */
  readonly frags: boolean
  /**
   * Everything struct page_pool keeps: parameters, statistics, jiffies, ids, XDP memory models. Left
   * out of what is searched, where none of it decides who owns a page and all of it multiplies states.
   */
  readonly whole: boolean
}

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

const base: Scope = {
  name: 'base',
  pages: 4,
  pools: 1,
  cpus: 2,
  cacheSize: 2,
  bulk: 2,
  ringSize: 2,
  rxSlots: 2,
  counterBits: 32,
  counterStarts: [0, 2 ** 31 - 2, 2 ** 32 - 2],
  faults: 2,
  dmaSync: true,
  needSync: true,
  indexBits: true,
  percpu: false,
  preempt: true,
  softirqsOnRtnlCpu: false,
  duties: false,
  descriptors: false,
  irqs: false,
  napiLinks: false,
  driver: 'nic',
  holders: ['socket', 'defrag', 'defer', 'redirect'],
  extraReferences: true,
  reuse: true,
  rxqs: 3,
  ids: 3,
  nodes: 1,
  frags: false,
  whole: false,
}

const corner: Scope = {
  ...base,
  name: 'corner',
  pages: 1,
  bulk: 1,
  cacheSize: 1,
  ringSize: 1,
  rxSlots: 1,
  counterBits: 3,
  counterStarts: [0, 3, 7],
  faults: 1,
  rxqs: 2,
  ids: 2,
}

const small: Scope = {
  ...corner,
  name: 'small',
  counterStarts: [0],
  faults: 0,
  holders: ['socket'],
  extraReferences: false,
  reuse: false,
}
/** The flush of CPU 0's defer_list is a softirq on the CPU of NAPI that is not NAPI. */
const besideNapi = { ...small, holders: ['socket', 'defer'] } as const

/**
 * Other worlds than that of one driver, one pool and one kind of device, each the smallest in which what it
 * is about can go wrong. A design says in which it is held.
 */
export const worlds = {
  /** Every page has one reference and is recycled: what breaks here needs no splice(), no tap and no full ring. */
  'one-reference': { ...small, name: 'one-reference' },
  'queue-restart': { ...besideNapi, name: 'queue-restart', pools: 2, driver: 'queue-restart' },
  'queue-restart-waits': {
    ...besideNapi,
    name: 'queue-restart-waits',
    pools: 2,
    driver: 'queue-restart-waits',
  },
  'queue-restart-waits-early': {
    ...besideNapi,
    name: 'queue-restart-waits-early',
    pools: 2,
    driver: 'queue-restart-waits-early',
  },
  'late-unlink': { ...besideNapi, name: 'late-unlink', pools: 2, driver: 'late-unlink' },
  'percpu-pool': { ...besideNapi, name: 'percpu-pool', percpu: true },
  'two-ports': {
    ...small,
    name: 'two-ports',
    driver: 'two-ports',
    holders: ['defrag'],
    extraReferences: true,
  },
  'softirq-returners': {
    ...small,
    name: 'softirq-returners',
    holders: ['defrag', 'redirect'],
    extraReferences: true,
  },
  'softirqs-on-rtnl-cpu': {
    ...small,
    name: 'softirqs-on-rtnl-cpu',
    holders: ['defrag', 'redirect'],
    extraReferences: true,
    softirqsOnRtnlCpu: true,
  },
  'coherent-device': {
    ...small,
    name: 'coherent-device',
    needSync: false,
    holders: ['socket', 'defrag'],
    extraReferences: true,
  },
  'pool-without-sync': {
    ...small,
    name: 'pool-without-sync',
    dmaSync: false,
    holders: ['socket', 'defrag'],
    extraReferences: true,
  },
  'no-index-bits': { ...small, name: 'no-index-bits', indexBits: false, extraReferences: true },
  'napi-freed-early': {
    ...besideNapi,
    name: 'napi-freed-early',
    dmaSync: false,
    driver: 'napi-freed-early',
  },
  fragments: {
    ...small,
    name: 'fragments',
    frags: true,
    rxSlots: 2,
    holders: ['socket', 'defrag'],
  },
  'bulk-return': {
    ...small,
    name: 'bulk-return',
    pages: 2,
    ringSize: 2,
    rxSlots: 2,
    holders: ['bulk'],
  },
  /** The grace period of the unregister path, with preemption and without. */
  'grace-before-unbind': {
    ...small,
    name: 'grace-before-unbind',
    extraReferences: true,
    driver: 'unregisters',
  },
  'grace-no-preemption': {
    ...small,
    name: 'grace-no-preemption',
    holders: ['socket', 'defrag'],
    extraReferences: true,
    driver: 'unregisters',
    preempt: false,
  },
  'sync-duty': { ...small, name: 'sync-duty', duties: true },
} as const satisfies Record<string, Scope>

/**
 * Named scopes. `random` is for random runs. The others are searched: `small` is the least that
 * shuts down with a page out, `corner` has every mechanism with one page, `medium` has two pages on
 * their way back from four holders at once, `large` has every mechanism with two pages and is run by
 * hand (minutes, some GB).
 */
export const scopes = {
  random: { ...base, name: 'random' },
  small,
  corner,
  medium: {
    ...corner,
    name: 'medium',
    pages: 2,
    counterStarts: [0],
    faults: 0,
    holders: ['socket', 'defrag', 'defer'],
    extraReferences: false,
    reuse: false,
    rxqs: 3,
  },
  large: {
    ...corner,
    name: 'large',
    pages: 2,
    bulk: 2,
    cacheSize: 2,
    ringSize: 2,
    rxSlots: 2,
    faults: 2,
    ids: 3,
  },
  /** Two nodes: interrupts move, zones run dry, packets come back on the CPU of NAPI. */
  numa: {
    ...corner,
    name: 'numa',
    pages: 2,
    cacheSize: 2,
    ringSize: 2,
    rxSlots: 2,
    counterStarts: [0],
    faults: 1,
    dmaSync: false,
    holders: ['socket'],
    extraReferences: false,
    reuse: false,
    nodes: 2,
  },
  ...worlds,
} as const satisfies Record<string, Scope>
export type WorldName = keyof typeof worlds
/** What each of the other worlds has that the world of every design has not. */
export const worldSays: Readonly<Record<WorldName, string>> = {
  'one-reference': 'every page has one reference: no splice(), no tap, no full ring',
  'queue-restart':
    'the RX queue gets a new pool while its NAPI lives on (netdev_rx_queue_restart()), no grace period',
  'queue-restart-waits': 'the same, with a grace period before NAPI is enabled again',
  'queue-restart-waits-early':
    'the same, with the grace period before the old pool forgets its NAPI (as bnxt_queue_stop() of 6.12 has one)',
  'late-unlink': 'a ring swap whose old pool knows its NAPI until it is destroyed',
  'percpu-pool': 'page_pool_create_percpu() for CPU 0, destroyed on CPU 1',
  'two-ports':
    'two users of one pool, closed in any order and at once, while softirqs return pages',
  'softirq-returners': 'pages come back in softirq only, with a second reference (a tap) as well',
  'softirqs-on-rtnl-cpu':
    'the same softirqs on the CPU of rtnl and release_dw: they interrupt a destroy and never run beside it',
  'coherent-device': 'the device needs no sync: destroy does not wait for one',
  'pool-without-sync': 'a pool without PP_FLAG_DMA_SYNC_DEV',
  'no-index-bits': 'struct page has no room for the index of a mapping (PP_DMA_INDEX_BITS 0)',
  'napi-freed-early':
    'the napi_struct is freed right after the pool was destroyed, the grace period came before',
  fragments: 'pages are cut in two, and each half comes back by itself',
  'bulk-return': 'frames come back by xdp_return_frame_bulk()',
  'grace-before-unbind': 'the grace period of the unregister path between destroy and unbind',
  'grace-no-preemption': 'the same, and a process in the kernel is not preempted (PREEMPT_NONE)',
  'sync-duty': 'follows whether a page was synced before it is posted again',
}

/** What a design is about that differs in what it does about NUMA: `corner` has every other mechanism. */
export const numaScopes = {
  searched: [
    {
      ...scopes.corner,
      name: 'corner-numa',
      nodes: 2,
      counterStarts: [0],
      holders: ['defrag'],
      extraReferences: false,
      reuse: false,
    },
    scopes.numa,
  ],
  random: {
    ...scopes.random,
    name: 'random-numa',
    nodes: 2,
    holders: ['socket', 'defrag'],
    extraReferences: false,
    reuse: false,
  },
} as const satisfies { searched: readonly Scope[]; random: Scope }

/** Where destroy goes through pages by number they cannot be exchanged: two kinds of holders at once, not three. */
export const pagesToldApart = {
  searched: [
    scopes.corner,
    { ...scopes.medium, name: 'medium,holders=socket+defrag', holders: ['socket', 'defrag'] },
    { ...scopes.small, name: 'small,pages=2,reuse=true', pages: 2, reuse: true },
  ],
  random: scopes.random,
} as const satisfies { searched: readonly Scope[]; random: Scope }

/** Three queues and a failure: two pages make no difference to the registration of memory models. */
export const queues: Scope = { ...scopes.medium, name: 'queues', faults: 1 }

/** Every scope that has a name of its own, by that name. */
export const namedScopes: ReadonlyMap<string, Scope> = new Map(
  [...Object.values(scopes), ...numaScopes.searched, numaScopes.random, queues].map((it) => [
    it.name,
    it,
  ]),
)

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
  whole: true,
}

/**
 * A scope by name, or by `key=value,...` over a named one (`medium,pages=3,holders=socket+defrag`);
 * without a name the values change `medium`. Throws an Error that names the key and what it takes.
 */
export function parseScope(text: string): Scope {
  const [head = '', ...rest] = text.split(',')
  const named = !head.includes('=')
  const start = named ? namedScopes.get(head) : scopes.medium
  if (start === undefined)
    throw new Error(`there is no scope "${head}"; there are ${[...namedScopes.keys()].join(', ')}.`)
  let scope: Scope = start
  for (const pair of named ? rest : [head, ...rest]) scope = change(scope, pair)
  const wrong = contradiction(scope)
  if (wrong !== undefined) throw new Error(wrong)
  return rest.length === 0 && named ? scope : { ...scope, name: text }
}

/** Drivers that make a second pool. */
const SECOND_POOL: ReadonlySet<DriverName> = new Set([
  'queue-restart',
  'queue-restart-waits',
  'queue-restart-waits-early',
  'late-unlink',
])
/** What keeps the bounds of a scope from going together, in a sentence that says the way out, or undefined. */
export function contradiction(s: Scope): string | undefined {
  if (s.whole) return "the kernel's own sizes are replayed, not searched: leave out whole."
  const told = 2 ** (s.counterBits - 1) - 1
  if (s.pages > told)
    return `counters of ${s.counterBits} bits tell at most ${told} pages in flight from a negative count: take fewer pages than ${s.pages}, or more counterBits.`
  const start = s.counterStarts.find((it) => it >= 2 ** s.counterBits)
  if (start !== undefined)
    return `counters of ${s.counterBits} bits cannot start at ${start}: take more counterBits, or another counterStarts.`
  if (s.bulk > s.cacheSize)
    return `a bulk of ${s.bulk} does not fit into a cache of ${s.cacheSize}: take a bulk of ${s.cacheSize} or less.`
  const pools = SECOND_POOL.has(s.driver) ? 2 : 1
  if (s.pools !== pools)
    return `the driver ${s.driver} makes ${pools === 1 ? 'one pool' : 'two pools'}: take pools=${pools}.`
  if (new Set(s.holders).size < s.holders.length) return 'holders names one of them twice.'
  if (s.holders.includes('defer') && !s.holders.includes('socket'))
    return 'an skb is deferred by the reader of a socket: take socket with defer.'
  return undefined
}

function change(scope: Scope, pair: string): Scope {
  const [key = '', value = '', ...more] = pair.split('=')
  if (more.length > 0) throw new Error(`"${pair}" has more than one "=".`)
  if (!Object.hasOwn(scope, key) || key === 'name' || key === 'whole')
    throw new Error(
      `"${key}" is no bound of a scope; there are ${Object.keys(scope).slice(1, -1).join(', ')}.`,
    )
  const old = scope[key as keyof Scope]
  if (key === 'driver') return { ...scope, driver: oneOf('drivers', DRIVERS, value) }
  if (key === 'holders')
    return { ...scope, holders: value.split('+').map((it) => oneOf('holders', HOLDERS, it)) }
  if (key === 'counterStarts') return { ...scope, counterStarts: value.split('+').map(whole(key)) }
  if (typeof old === 'boolean') {
    if (value !== 'true' && value !== 'false')
      throw new Error(`${key} takes true or false, not "${value}".`)
    return { ...scope, [key]: value === 'true' }
  }
  return { ...scope, [key]: whole(key as keyof typeof scopeLimits)(value) }
}
/** Least and most of each number in a scope. */
export const scopeLimits = {
  pages: [1, 30],
  pools: [1, 2],
  cpus: [2, 2],
  cacheSize: [1, 128],
  bulk: [1, 64],
  ringSize: [1, 1024],
  rxSlots: [1, 1024],
  counterBits: [2, 32],
  counterStarts: [0, 2 ** 32 - 1],
  faults: [0, 7],
  rxqs: [1, 8],
  ids: [1, 30],
  nodes: [1, 4],
} as const satisfies Partial<Record<keyof Scope, readonly [number, number]>>
const whole =
  (key: keyof typeof scopeLimits) =>
  (text: string): number => {
    const value = Number(text)
    const [least, most] = scopeLimits[key]
    if (!/^\d+$/.test(text) || !Number.isInteger(value) || value < least || value > most)
      throw new Error(`${key} takes a whole number from ${least} to ${most}, not "${text}".`)
    return value
  }
function oneOf<T extends string>(what: string, known: readonly T[], text: string): T {
  const found = known.find((it) => it === text)
  if (found === undefined) throw new Error(`${what} are ${known.join(', ')}, not "${text}".`)
  return found
}
