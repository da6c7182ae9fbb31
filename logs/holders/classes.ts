/**
 * Who can hold a page of a pool that is destroyed: the classes the model knows (model/scope/bounds.ts, Holder),
 * what tells one from the others, and what to run next. None of this is a finding.
 */

export interface HolderClass {
  readonly name: string
  /** How a page stays there. */
  readonly how: string
  /** What would be seen if it is this one. */
  readonly tells: string
  readonly run: readonly string[]
}
/** What is known of the stall. */
export interface Stall {
  /** Where most of the pages were last seen; null: unknown. */
  readonly cpu: number | null
  /** Seconds since page_pool_destroy(); null: unknown. */
  readonly age: number | null
  /** Does the count fall? */
  readonly trend: 'falling' | 'constant' | 'unknown'
  /** Classes that a call trace in the log shows. */
  readonly seen: readonly string[]
}
interface Known extends Omit<HolderClass, 'run'> {
  readonly run: (stall: Stall) => readonly string[]
  /** Seconds after which it cannot be this one any more. */
  readonly longest: number
  /** How likely it is if the count falls, and if it does not: the least comes first. */
  readonly rank: { readonly falling: number; readonly constant: number; readonly unknown: number }
}

const CLASSES: readonly Known[] = [
  {
    name: 'socket receive queue',
    how: 'a process does not read, or does not close',
    tells: 'a socket with bytes in Recv-Q; the count falls when the process reads or is killed',
    run: () => [`ss -tuwxanmp | awk '$3 > 0'`, 'ss -0anp   # packet sockets (tcpdump, dhclient)'],
    longest: Infinity,
    rank: { falling: 1, constant: 2, unknown: 1 },
  },
  {
    name: 'skb defer list',
    how: `freed on another CPU and queued for the one that allocated it, which runs no net_rx_action() while it is idle (5.19 and later)`,
    tells: 'the count falls at the next attempt after that CPU received anything',
    run: ({ cpu }) => [
      `taskset -c ${cpu ?? 'CPU'} ping -c 3 127.0.0.1`,
      'sysctl net.core.skb_defer_max   # 0 turns the list off',
    ],
    longest: Infinity,
    rank: { falling: 2, constant: 3, unknown: 2 },
  },
  {
    name: 'IPv4 and IPv6 defragmentation',
    how: 'a fragment waits for the rest, 30 s (IPv6: 60 s) unless net.ipv4.ipfrag_time or net.ipv6.ip6frag_time says otherwise',
    tells: 'FRAG inuse above 0; the count falls by itself within that time',
    run: () => ['grep -h FRAG /proc/net/sockstat /proc/net/sockstat6'],
    longest: 60,
    rank: { falling: 3, constant: 6, unknown: 3 },
  },
  {
    name: 'cpumap',
    how: 'frames redirected to a CPU whose kthread has not taken them',
    tells: 'a cpumap exists; no xdp_cpumap_kthread event while frames are enqueued',
    run: () => [
      'bpftool map show | grep -A1 cpumap',
      `bpftrace -e 'tracepoint:xdp:xdp_cpumap_kthread { @[args->cpu] = sum(args->processed); }'`,
    ],
    longest: Infinity,
    rank: { falling: 5, constant: 6, unknown: 4 },
  },
  {
    name: 'TX ring of another device',
    how: 'forwarded, bridged or redirected, and the completion has not come',
    tells:
      'bytes in flight on a queue that does not move; the count falls when that link goes down and up',
    run: () => [
      'grep -H . /sys/class/net/*/queues/tx-*/byte_queue_limits/inflight | grep -v ":0$"',
    ],
    longest: Infinity,
    rank: { falling: 4, constant: 5, unknown: 5 },
  },
  {
    name: 'pipe, io_uring, vhost, tap',
    how: 'splice() and zero copy hold references of their own',
    tells: 'the count falls when the process that has the pipe or ring ends',
    run: () => [
      `find /proc/[0-9]*/fd \\( -lname '*io_uring*' -o -lname '/dev/vhost*' -o -lname /dev/net/tun \\) 2>/dev/null`,
      `bpftrace -e 'tracepoint:syscalls:sys_enter_splice { @[comm, pid] = count(); }'`,
    ],
    longest: Infinity,
    rank: { falling: 6, constant: 4, unknown: 6 },
  },
  {
    name: 'a driver that forgot a release',
    how: 'the page went back with put_page() or not at all: no event will ever come',
    tells:
      'the count never falls, whatever is closed; with CONFIG_DEBUG_VM the page allocator says "page_pool leak"',
    run: () => ['dmesg | grep -A20 "page_pool leak"'],
    longest: Infinity,
    rank: { falling: 9, constant: 1, unknown: 7 },
  },
]

/** Those that are still possible, the likeliest first: seen in a trace, then by how the count goes. */
export function holderClasses(stall: Stall): readonly HolderClass[] {
  const { age, trend, seen } = stall
  return CLASSES.filter(({ longest, name }) => !((age ?? 0) > longest) || seen.includes(name))
    .toSorted(
      (a, b) =>
        Number(seen.includes(b.name)) - Number(seen.includes(a.name)) ||
        a.rank[trend] - b.rank[trend],
    )
    .map(({ name, how, tells, run }) => ({ name, how, tells, run: run(stall) }))
}
/** Those that the age rules out. */
export const ruledOut = ({ age, seen }: Stall): readonly string[] =>
  CLASSES.filter(({ longest, name }) => (age ?? 0) > longest && !seen.includes(name)).map(
    ({ name, longest }) => `${name} (at most ${longest} s)`,
  )

/** What shows who returns the rest: the stacks of the releases still to come. '': of any pool. */
export function nextCommands(pool: string): readonly string[] {
  const isHashed = /^(0x)?0{8}/.test(pool)
  const filter =
    isHashed || pool === ''
      ? ''
      : ` /(uint64)args->pool == ${pool.startsWith('0x') ? pool : `0x${pool}`}/`
  return [
    `bpftrace -e 'tracepoint:page_pool:page_pool_state_release${filter} { @[kstack, comm, cpu] = count(); }'`,
    '# before the next run:',
    'echo stacktrace > /sys/kernel/tracing/events/page_pool/page_pool_state_hold/trigger',
  ]
}

/** Which device a pool is of, and if its pages are still out: netlink, 6.8 and later. */
export const askNetlink = (ids: readonly number[]): string =>
  ids.length === 1
    ? `ynl --family netdev --do page-pool-get --json '{"id": ${ids[0]}}'`
    : `ynl --family netdev --dump page-pool-get   # ids ${ids.slice(0, 12).join(', ')}${ids.length > 12 ? ', ...' : ''}`
/** The lines of dmesg around one moment of its clock, in seconds. */
export const askDmesg = (at: number): string =>
  `dmesg | awk -F'[][ ]+' '$2 > ${Math.max(0, Math.floor(at) - 10)} && $2 < ${Math.ceil(at) + 2}'`
