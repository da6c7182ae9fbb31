/**
 * ptr_ring (include/linux/ptr_ring.h): producers exclude each other by producer_lock, consumers by
 * consumer_lock; the two sides meet only in the slots.
 *
 * The list holds the pages between consumer_head and the producer. Consumed slots are given back to
 * the producer in batches: until then they are stale, and still taken as the producer sees it.
 */
import { counter, indexOf, list, NONE, optional, type View } from '../../../engine/state/layout.ts'
import { functions, step, type Steps } from '../../step.ts'
import { stored, taken } from '../../ledger/pages.ts'
import type { Scope } from '../../scope/bounds.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../sync/lock.ts'
import { lock } from '../sync/locks.ts'
import type { Page, Pool, PoolState, World } from '../world.ts'

/** The ring of struct page_pool: the slots with its locks, and where it says how many it has. */
export const ringSlots = (s: Scope) => ({
  ring: list('page', s.pages, s.ringSize),
  producer_lock: lock(),
  consumer_lock: lock(),
})
const u32 = (s: Scope, otherwise: number) => optional(s.details, counter(32), otherwise)
export const ringSizes = (s: Scope) => ({
  /** Slots of the ring, and how many consumed ones are given back to the producer at once. */
  ring_size: u32(s, s.ringSize),
  ring_batch: u32(s, 1),
  consumer_head: u32(s, 0),
  consumer_tail: u32(s, 0),
})
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof ringSlots> & ReturnType<typeof ringSizes>> {}
}

/** __ptr_ring_set_size(): batches of 16, or of 1 where that is more than half of the ring. */
export function __ptr_ring_set_size(w: World, pool: Pool, size: number): void {
  const it = w.pool(pool)
  it.ring_size = size
  it.ring_batch = BATCH > size / 2 ? 1 : BATCH
}
/** Two cache lines of pointers: SMP_CACHE_BYTES * 2 / sizeof(*r->queue), 64-bit. */
const BATCH = (64 * 2) / 8

/** Slots that were consumed and not yet given back. */
export const staleSlots = (pool: PoolState): number => pool.consumer_head - pool.consumer_tail

const taken_at_producer = (w: World, pool: Pool): boolean => {
  const it = w.pool(pool)
  return it.ring.length + staleSlots(it) >= it.ring_size
}

export const {
  __ptr_ring_empty,
  __ptr_ring_produce,
  ptr_ring_produce,
  __ptr_ring_consume,
  ptr_ring_consume_bh,
} = functions({
  /** Asked without a lock: somebody else may fill or empty the ring meanwhile. */
  *__ptr_ring_empty(pool: Pool): Steps<boolean> {
    return yield* step('__ptr_ring_empty(r)', (w) => w.pool(pool).ring.length === 0)
  },

  /** __ptr_ring_produce(): false when the slot at the producer is still taken. Caller holds producer_lock. */
  *__ptr_ring_produce(pool: Pool, page: Page): Steps<boolean> {
    const full = yield* step('r->queue[r->producer] taken?', (w) => taken_at_producer(w, pool))
    if (full) return false
    yield* step('r->queue[r->producer++] = page', (w) => {
      stored(w, page, 'ring')
      if (taken_at_producer(w, pool)) overwritten(w, page)
      else w.pool(pool).ring.push(page)
    })
    // By now a consumer may have the page; the ring, and the pool around it, are read once more.
    yield* step('if (r->producer >= r->size) r->producer = 0', (w) => {
      w.pool(pool)
    })
    return true
  },

  /** ptr_ring_produce(): false when the ring is full. */
  *ptr_ring_produce(pool: Pool, page: Page): Steps<boolean> {
    yield* spin_lock('pool.producer_lock', pool)
    const done = yield* __ptr_ring_produce(pool, page)
    yield* spin_unlock('pool.producer_lock', pool)
    return done
  },

  /** __ptr_ring_consume(): the oldest page or NONE. The caller is the only consumer, by lock or context. */
  *__ptr_ring_consume(pool: Pool): Steps<Page> {
    const page = yield* step('r->queue[r->consumer_head]', (w) => w.pool(pool).ring.at(0))
    if (page === NONE) return NONE
    yield* step('r->queue[r->consumer_head++] = NULL', (w) => {
      taken(w, page, 'ring')
      if (w.pool(pool).ring.at(0) === page) w.pool(pool).ring.shift()
      if (w.pool(pool).ring_batch > 1) __ptr_ring_discard_one(w.pool(pool))
    })
    return page
  },

  *ptr_ring_consume_bh(pool: Pool): Steps<Page> {
    yield* spin_lock_bh('pool.consumer_lock', pool)
    const page = yield* __ptr_ring_consume(pool)
    yield* spin_unlock_bh('pool.consumer_lock', pool)
    return page
  },
})

/**
 * The slot was empty when this producer looked: another one has filled it since. One of the two pointers is gone.
 * In the kernel that is the one that was there; a list keeps it and loses the other.
 */
const overwritten = (w: World, page: Page): void =>
  w.report(
    'slot-overwritten',
    `page ${indexOf(page)} is written into a slot of the ring that another producer has filled`,
  )

/** __ptr_ring_discard_one(): slots are given back when a batch is full, or at the end of the ring. */
function __ptr_ring_discard_one(it: PoolState): void {
  const head = it.consumer_head + 1
  it.consumer_head = head
  if (head - it.consumer_tail >= it.ring_batch || head >= it.ring_size) it.consumer_tail = head
  if (head < it.ring_size) return
  it.consumer_head = 0
  it.consumer_tail = 0
}
