/**
 * Who can hold a page of a pool that is destroyed: the classes the model knows (model/scope.ts, Holder),
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

/** `cpu` is where most of the pages were last seen; null: unknown. */
export const holderClasses = (cpu: number | null): readonly HolderClass[] => [
  {
    name: 'socket receive queue',
    how: 'a process does not read, or does not close',
    tells: 'a socket with bytes in Recv-Q; the count falls when the process reads or is killed',
    run: [`ss -tuwxanmp | awk '$3 > 0'`, 'ss -0anp   # packet sockets (tcpdump, dhclient)'],
  },
  {
    name: 'skb defer list',
    how: `freed on another CPU and queued for the one that allocated it, which runs no net_rx_action() while it is idle (5.19 and later)`,
    tells: 'the count falls at the next attempt after that CPU received anything',
    run: [
      `taskset -c ${cpu ?? 'CPU'} ping -c 3 127.0.0.1`,
      'sysctl net.core.skb_defer_max   # 0 turns the list off',
    ],
  },
  {
    name: 'IPv4 and IPv6 defragmentation',
    how: 'a fragment waits for the rest, 30 s unless net.ipv4.ipfrag_time says otherwise',
    tells: 'FRAG inuse above 0; the count falls by itself within that time',
    run: ['grep -h FRAG /proc/net/sockstat /proc/net/sockstat6'],
  },
  {
    name: 'cpumap',
    how: 'frames redirected to a CPU whose kthread has not taken them',
    tells: 'a cpumap exists; no xdp_cpumap_kthread event while frames are enqueued',
    run: [
      'bpftool map show | grep -A1 cpumap',
      `bpftrace -e 'tracepoint:xdp:xdp_cpumap_kthread { @[args->cpu] = sum(args->processed); }'`,
    ],
  },
  {
    name: 'TX ring of another device',
    how: 'forwarded, bridged or redirected, and the completion has not come',
    tells:
      'bytes in flight on a queue that does not move; the count falls when that link goes down and up',
    run: ['grep -H . /sys/class/net/*/queues/tx-*/byte_queue_limits/inflight | grep -v ":0$"'],
  },
  {
    name: 'pipe, io_uring, vhost, tap',
    how: 'splice() and zero copy hold references of their own',
    tells: 'the count falls when the process that has the pipe or ring ends',
    run: ['lsof 2>/dev/null | grep -e pipe -e io_uring -e vhost -e /dev/net/tun'],
  },
  {
    name: 'a driver that forgot a release',
    how: 'the page went back with put_page() or not at all: no event will ever come',
    tells:
      'the count never falls, whatever is closed; with CONFIG_DEBUG_VM the page allocator says "page_pool leak"',
    run: ['dmesg | grep -A20 "page_pool leak"'],
  },
]

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
