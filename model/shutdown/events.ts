/** What the environment may begin, in which context, and when. */
import { NONE } from '../../engine/state/layout.ts'
import type { Start } from '../../engine/program/machine.ts'
import type { Steps } from '../step.ts'
import type { Kernel } from '../kernel.ts'
import type { Holder, Scope } from '../scope/bounds.ts'
import { dequeue, queueOf } from '../skb/stack.ts'
import { ELSEWHERE, KWORKER, RTNL, SOFTIRQ0, SOFTIRQ1, TASK0 } from '../world/sync/context.ts'
import { isFreed } from '../ledger/pools.ts'
import {
  allocateElsewhere,
  freeElsewhere,
  freePages,
  get_page,
  ownedElsewhere,
  pfn_to_page,
  put_extra_reference,
} from '../world/memory/page.ts'
import type { Page, World } from '../world/world.ts'

type Event = Start<World>
function* instant(): Steps {}
const everyPage = (s: Scope, make: (page: Page) => Event): Event[] =>
  Array.from({ length: s.pages }, (_, pfn) => ({
    ...make(pfn_to_page(pfn)),
    says: `page ${pfn}`,
  }))

const lifecycle = (kernel: Kernel): Event[] => [
  {
    context: RTNL,
    name: 'driver is bound',
    sort: 'work',
    args: [],
    // Where the error path of a probe lost its pool, there is none left for another try.
    guard: (w) => w.dev.driver === 'none' && isFreed(w, 0),
    effect: (w) => {
      w.dev.driver = 'probing'
    },
    fn: kernel.really_probe,
  },
  {
    context: RTNL,
    name: 'VF is disabled',
    sort: 'end',
    args: [],
    guard: (w) => w.dev.driver === 'bound',
    effect: (w) => {
      w.dev.driver = 'removing'
    },
    fn: kernel.pci_stop_and_remove_bus_device,
  },
]

const napi = (holders: readonly Holder[], kernel: Kernel): Event[] => [
  {
    context: ELSEWHERE,
    name: 'RX interrupt: napi_schedule()',
    sort: 'work',
    args: [],
    guard: (w) => w.driver.napi_enabled && !w.driver.napi_scheduled,
    effect: (w) => {
      w.driver.napi_scheduled = true
    },
    fn: instant,
  },
  {
    context: SOFTIRQ0,
    name: 'napi_complete_done()',
    sort: 'end',
    args: [],
    guard: (w) => w.driver.napi_scheduled,
    effect: (w) => {
      w.driver.napi_scheduled = false
    },
    fn: instant,
  },
  {
    context: SOFTIRQ0,
    name: 'NAPI poll: refill the RX ring',
    sort: 'work',
    args: [],
    guard: (w) => w.driver.napi_scheduled && w.driver.rx_ring.length < w.driver.rx_ring.capacity,
    fn: kernel.nic_refill,
  },
  {
    context: SOFTIRQ0,
    name: 'NAPI poll: XDP_DROP',
    sort: 'work',
    args: [],
    guard: (w) => w.driver.napi_scheduled && w.driver.rx_ring.length > 0,
    fn: kernel.nic_xdp_drop,
  },
  ...holders
    .filter((holder) => holder !== 'defer')
    .map((holder): Event => ({
      context: SOFTIRQ0,
      name: `NAPI poll: packet to ${holder}`,
      sort: 'work',
      args: [holder],
      guard: (w) => w.driver.napi_scheduled && w.driver.rx_ring.length > 0,
      fn: kernel.nic_receive,
    })),
]

/** A packet leaves the queue it waits in. */
const released = (
  s: Scope,
  holder: Holder,
  context: number,
  name: string,
  fn: Event['fn'],
): Event[] =>
  everyPage(s, (page) => ({
    context,
    name,
    sort: 'end',
    args: [page],
    guard: (w) => queueOf(w, holder).has(page),
    effect: (w) => dequeue(w, holder, page),
    fn,
  }))

const holders = (s: Scope, kernel: Kernel): Event[] =>
  s.holders.flatMap((holder): Event[] => {
    switch (holder) {
      case 'socket':
        return released(s, 'socket', TASK0, 'recvmsg() frees the skb', kernel.consume_skb)
      case 'defrag':
        return released(s, 'defrag', SOFTIRQ1, 'fragment queue times out', kernel.ip_expire)
      case 'redirect':
        return released(
          s,
          'redirect',
          SOFTIRQ1,
          'TX completion of the frame',
          kernel.xdp_return_frame,
        )
      case 'defer':
        return [
          ...released(
            s,
            'socket',
            TASK0,
            'recvmsg() defers the skb to CPU 0',
            kernel.skb_attempt_defer_free,
          ),
          {
            context: SOFTIRQ0,
            name: 'net_rx_action() flushes the defer list',
            sort: 'end',
            args: [],
            guard: (w) => w.stack.defer_list.length > 0,
            fn: kernel.skb_defer_free_flush,
          },
        ]
      case 'bulk':
        return [
          {
            context: SOFTIRQ1,
            name: 'TX completion returns its frames in bulk',
            sort: 'end',
            args: [],
            guard: (w) => w.stack.bulk.length > 0,
            effect: (w) => {
              for (const page of w.stack.bulk.toArray()) {
                dequeue(w, 'bulk', page)
                w.stack.bq.push(page)
              }
            },
            fn: kernel.xdp_flush_frame_bulk,
          },
        ]
    }
  })

const worker = (s: Scope, kernel: Kernel): Event[] =>
  Array.from({ length: s.pools }, (_, pool) => ({
    context: KWORKER,
    name: 'release_dw runs',
    sort: 'retry',
    args: [pool],
    ...(s.pools === 1 ? {} : { says: `pool ${pool}` }),
    guard: (w) => w.pool(pool).release_dw,
    effect: (w) => {
      w.pool(pool).release_dw = false
    },
    fn: kernel.page_pool_release_retry as Event['fn'],
  }))

/**
 * A clone that a packet tap made is copied (pskb_copy(), pskb_expand_head()): a reference to each page, also of
 * a packet in a fragment queue. Left out where sockets have packets, too: there splice() has the same effect.
 */
const taps = (s: Scope): Event[] =>
  everyPage(s, (page) => ({
    context: ELSEWHERE,
    name: 'a tap copies the skb: pskb_copy() takes a page reference',
    sort: 'work',
    args: [page],
    guard: (w) => w.stack.defrag.has(page) && !w.stack.pipe.has(page),
    effect: (w) => {
      get_page(w, page)
      w.stack.pipe.push(page)
    },
    fn: instant,
  }))

const otherUsers = (s: Scope): Event[] => [
  ...(s.extraReferences
    ? [
        ...everyPage(s, (page) => ({
          context: ELSEWHERE,
          name: 'splice() takes a page reference',
          sort: 'work',
          args: [page],
          guard: (w) => w.stack.socket.has(page) && !w.stack.pipe.has(page),
          effect: (w) => {
            get_page(w, page)
            w.stack.pipe.push(page)
          },
          fn: instant,
        })),
        ...(s.holders.includes('socket') ? [] : taps(s)),
        ...everyPage(s, (page) => ({
          context: TASK0,
          name: 'the pipe is read',
          sort: 'end',
          args: [page],
          guard: (w) => w.stack.pipe.has(page),
          effect: (w) => {
            w.stack.pipe.remove(page)
          },
          fn: put_extra_reference,
        })),
      ]
    : []),
  ...(s.reuse
    ? [
        ...everyPage(s, (page) => ({
          context: ELSEWHERE,
          name: 'somebody else allocates a page',
          sort: 'work',
          args: [page],
          guard: (w) => freePages(w).includes(page),
          effect: (w) => allocateElsewhere(w, page),
          fn: instant,
        })),
        ...everyPage(s, (page) => ({
          context: ELSEWHERE,
          name: 'somebody else frees a page',
          sort: 'end',
          args: [page],
          guard: (w) => ownedElsewhere(w, page),
          effect: (w) => freeElsewhere(w, page),
          fn: instant,
        })),
      ]
    : []),
]

/** The interrupt, and NAPI with it, is on CPU 0; moving it to a CPU of another node moves CPU 0. */
const nodes = (s: Scope, kernel: Kernel): Event[] =>
  s.nodes === 1
    ? []
    : [
        {
          context: ELSEWHERE,
          name: 'the interrupt moves to another node',
          sort: 'work',
          args: [],
          guard: (w) => w.driver.napi_enabled && w.task(SOFTIRQ0).pc === 0,
          effect: (w) => {
            w.numa_mem_id = (w.numa_mem_id + 1) % s.nodes
          },
          fn: instant,
        },
        {
          context: SOFTIRQ0,
          name: 'NAPI poll: page_pool_nid_changed()',
          sort: 'work',
          args: [],
          guard: (w) => w.driver.napi_scheduled && w.pool(w.driver.pool).nid !== NONE,
          fn: kernel.nic_nid_changed,
        },
      ]

export const poolEvents = (s: Scope, kernel: Kernel): Event[] => [
  ...lifecycle(kernel),
  ...nodes(s, kernel),
  ...napi(s.holders, kernel),
  ...holders(s, kernel),
  ...worker(s, kernel),
  ...otherUsers(s),
]
