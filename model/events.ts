/** What the environment may begin, in which context, and when. */
import { NONE } from '../engine/layout.ts'
import type { Start } from '../engine/machine.ts'
import type { Steps } from '../engine/step.ts'
import {
  really_probe,
  nic_nid_changed,
  nic_receive,
  nic_refill,
  nic_xdp_drop,
  device_release_driver,
} from './drivers/nic.ts'
import type { PagePool } from './pool/page-pool.ts'
import type { Holder, Scope } from './scope.ts'
import {
  consume_skb,
  dequeue,
  ip_expire,
  queueOf,
  skb_attempt_defer_free,
  skb_defer_free_flush,
  xdp_return_frame,
} from './skb/stack.ts'
import { ELSEWHERE, KWORKER, RTNL, SOFTIRQ0, SOFTIRQ1, TASK0 } from './world/context.ts'
import {
  allocateElsewhere,
  freeElsewhere,
  freePages,
  get_page,
  ownedElsewhere,
  pfn_to_page,
  put_extra_reference,
} from './world/page.ts'
import type { Page, World } from './world/world.ts'

type Event = Start<World>
function* instant(): Steps {}
const everyPage = (s: Scope, make: (page: Page) => Event): Event[] =>
  Array.from({ length: s.pages }, (_, pfn) => ({
    ...make(pfn_to_page(pfn)),
    says: `page ${pfn}`,
  }))

const lifecycle = (): Event[] => [
  {
    context: RTNL,
    name: 'driver is bound',
    sort: 'work',
    args: [],
    guard: (w) => w.dev.driver === 'none',
    effect: (w) => {
      w.dev.driver = 'probing'
    },
    fn: really_probe,
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
    fn: device_release_driver,
  },
]

const napi = (holders: readonly Holder[]): Event[] => [
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
    fn: nic_refill,
  },
  {
    context: SOFTIRQ0,
    name: 'NAPI poll: XDP_DROP',
    sort: 'work',
    args: [],
    guard: (w) => w.driver.napi_scheduled && w.driver.rx_ring.length > 0,
    fn: nic_xdp_drop,
  },
  ...holders
    .filter((holder) => holder !== 'defer')
    .map((holder): Event => ({
      context: SOFTIRQ0,
      name: `NAPI poll: packet to ${holder}`,
      sort: 'work',
      args: [holder],
      guard: (w) => w.driver.napi_scheduled && w.driver.rx_ring.length > 0,
      fn: nic_receive,
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

const holders = (s: Scope): Event[] =>
  s.holders.flatMap((holder): Event[] => {
    switch (holder) {
      case 'socket':
        return released(s, 'socket', TASK0, 'recvmsg() frees the skb', consume_skb)
      case 'defrag':
        return released(s, 'defrag', SOFTIRQ1, 'fragment queue times out', ip_expire)
      case 'redirect':
        return released(s, 'redirect', SOFTIRQ1, 'TX completion of the frame', xdp_return_frame)
      case 'defer':
        return [
          ...released(
            s,
            'socket',
            TASK0,
            'recvmsg() defers the skb to CPU 0',
            skb_attempt_defer_free,
          ),
          {
            context: SOFTIRQ0,
            name: 'net_rx_action() flushes the defer list',
            sort: 'end',
            args: [],
            guard: (w) => w.stack.defer_list.length > 0,
            fn: skb_defer_free_flush,
          },
        ]
    }
  })

const worker = (design: PagePool): Event[] => [
  {
    context: KWORKER,
    name: 'release_dw runs',
    sort: 'retry',
    args: [0],
    guard: (w) => w.pool(0).release_dw,
    effect: (w) => {
      w.pool(0).release_dw = false
    },
    fn: design.page_pool_release_retry as Event['fn'],
  },
]

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
const nodes = (s: Scope): Event[] =>
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
          guard: (w) => w.driver.napi_scheduled && w.pool(0).nid !== NONE,
          fn: nic_nid_changed,
        },
      ]

export const poolEvents = (s: Scope, design: PagePool): Event[] => [
  ...lifecycle(),
  ...nodes(s),
  ...napi(s.holders),
  ...holders(s),
  ...worker(design),
  ...otherUsers(s),
]
