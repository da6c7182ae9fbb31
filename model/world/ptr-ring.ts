/**
 * ptr_ring (include/linux/ptr_ring.h): producers exclude each other by producer_lock, consumers by
 * consumer_lock; the two sides meet only in the slots.
 */
import { NONE } from '../../engine/layout.ts'
import { step, type Steps } from '../../engine/step.ts'
import { stored, taken } from './ledger.ts'
import type { Page, Pool, World } from './world.ts'

/** __ptr_ring_produce(): false when the slot at the producer is still taken. Caller holds producer_lock. */
export function* __ptr_ring_produce(pool: Pool, page: Page): Steps<boolean> {
  const full = yield* step('r->queue[r->producer] taken?', (w: World) => {
    const { ring } = w.pool(pool)
    return ring.length === ring.capacity
  })
  if (full) return false
  yield* step('r->queue[r->producer++] = page', (w: World) => {
    const { ring } = w.pool(pool)
    stored(w, page, 'ring')
    if (ring.length < ring.capacity) ring.push(page)
  })
  return true
}

/** __ptr_ring_consume(): the oldest page or NONE. The caller is the only consumer, by lock or context. */
export function* __ptr_ring_consume(pool: Pool): Steps<Page> {
  const page = yield* step('r->queue[r->consumer_head]', (w: World) => w.pool(pool).ring.at(0))
  if (page === NONE) return NONE
  yield* step('r->queue[r->consumer_head++] = NULL', (w: World) => {
    taken(w, page, 'ring')
    if (w.pool(pool).ring.at(0) === page) w.pool(pool).ring.shift()
  })
  return page
}
