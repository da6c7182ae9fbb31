/**
 * Two producers of one ring, with the lock that makes them one at a time, and without. __ptr_ring_produce() looks
 * at the slot and then writes into it: "Callers must hold producer_lock" is all that keeps a second one out.
 */
import { type Design, ways } from '../design.ts'
import type { Steps } from '../step.ts'
import { __ptr_ring_produce, ptr_ring_produce } from '../world/io/ptr-ring.ts'
import type { Page } from '../world/world.ts'
import { ptrRing, RING, type Producer } from './family.ts'

class Locked implements Producer {
  *produce(page: Page): Steps<boolean> {
    return yield* ptr_ring_produce(RING, page)
  }
}
class Unlocked implements Producer {
  *produce(page: Page): Steps<boolean> {
    return yield* __ptr_ring_produce(RING, page)
  }
}

export const ptrRingLocked: Design = {
  id: 'ptr-ring-locked',
  title: 'two producers of a ptr_ring, each by ptr_ring_produce()',
  source:
    'include/linux/ptr_ring.h, 2e0ab8ca83c1 ("ptr_ring: array based FIFO for pointers", 2016)',
  family: ptrRing,
  fields: () => ({}),
  functions: () => new Locked(),
  breaks: {},
}
export const ptrRingUnlocked: Design = {
  id: 'ptr-ring-unlocked',
  title: 'two producers of a ptr_ring, each by __ptr_ring_produce() without producer_lock',
  source: 'what the comment of __ptr_ring_produce() rules out (include/linux/ptr_ring.h)',
  family: ptrRing,
  fields: () => ({}),
  functions: () => new Unlocked(),
  breaks: {
    'no-ring-slot-overwritten': ways(
      'both find the slot empty before either writes into it; "Callers must hold producer_lock" (include/linux/ptr_ring.h)',
      'r->queue[r->producer++] = page in __ptr_ring_produce amid __ptr_ring_produce',
    ),
  },
}
