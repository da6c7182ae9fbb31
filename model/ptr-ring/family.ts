/** A ptr_ring by itself (include/linux/ptr_ring.h): two producers in softirqs of two CPUs, and one consumer. */
import { array, NONE, record, type Fields } from '../../engine/state/layout.ts'
import type { Start } from '../../engine/program/machine.ts'
import type { Family } from '../family.ts'
import { pageTruth } from '../ledger/page-truth.ts'
import { lifeTruth, poolAllocated } from '../ledger/pools.ts'
import type { Scope } from '../scope/bounds.ts'
import { scopes } from '../scope/named.ts'
import { functions, type Steps } from '../step.ts'
import { faults } from '../world/fault.ts'
import { ptr_ring_consume_bh, ringSizes, ringSlots } from '../world/io/ptr-ring.ts'
import { freePages, pages, pfn_to_page, put_page, take_page } from '../world/memory/page.ts'
import { SOFTIRQ0, SOFTIRQ1, TASK0, tasks } from '../world/sync/context.ts'
import type { Page, Pool, World } from '../world/world.ts'

/** The structure the ring lies in: of struct page_pool it has the ring and nothing else. */
export const RING: Pool = 0

/** What a design says: how something is put into the ring. */
export interface Producer {
  /** False when the ring is full. */
  produce(page: Page): Steps<boolean>
}

const { xmit, recv } = functions({
  /** What does not fit is dropped. */
  *xmit(this: Producer, page: Page): Steps {
    if (!(yield* this.produce(page))) yield* put_page(page)
  },
  *recv(this: Producer): Steps {
    const page = yield* ptr_ring_consume_bh(RING)
    if (page !== NONE) yield* put_page(page)
  },
})

const fields = (s: Scope, own: Fields): Fields => ({
  ...tasks(s),
  ...pages(s),
  pool: array('pool', 1, { ...ringSlots(s), ...ringSizes(s), ...own }),
  ...faults(s),
  ledger: record({
    page: array('page', s.pages, pageTruth(s)),
    pool: array('pool', 1, lifeTruth()),
    seen: record({}),
  }),
})

const events = (s: Scope): Start<World>[] => [
  ...[SOFTIRQ0, SOFTIRQ1].flatMap((context) =>
    Array.from({ length: s.pages }, (_, pfn): Start<World> => ({
      context,
      name: 'a packet is put into the ring',
      sort: 'work',
      args: [pfn_to_page(pfn)],
      says: `page ${pfn}`,
      guard: (w) => freePages(w).includes(pfn_to_page(pfn)),
      effect: (w) => take_page(w, pfn_to_page(pfn), RING),
      fn: xmit as Start<World>['fn'],
    })),
  ),
  {
    context: TASK0,
    name: 'a packet is taken from the ring',
    sort: 'end',
    args: [],
    guard: (w) => w.pool(RING).ring.length > 0,
    fn: recv,
  },
]

/** As many packets as there are producers, and a ring that is full with one. */
const ring: Scope = { ...scopes.small, name: 'ptr-ring', pages: 2 }

export const ptrRing: Family = {
  id: 'ptr-ring',
  says: 'a ptr_ring by itself, with two producers and one consumer',
  wholePools: false,
  asksForPreemption: false,
  base: () => ({}),
  fields,
  initial: (w) => poolAllocated(w, RING),
  events,
  size: ({ pages: all, ringSize }) =>
    `${all} packet${all === 1 ? '' : 's'}, ${ringSize} slot${ringSize === 1 ? '' : 's'}`,
  scopes: {
    small: ring,
    searched: [ring, { ...ring, name: 'ptr-ring-2', pages: 3, ringSize: 2 }],
    random: { ...scopes.random, name: 'random-ptr-ring', ringSize: 3 },
  },
}
