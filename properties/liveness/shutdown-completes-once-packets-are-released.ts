import { pool } from '../../model/families.ts'
import type { Facts } from '../property.ts'
import type { LivenessProperty } from './liveness-property.ts'

const poolsLeft = (f: Facts): boolean => f.ledger.pool.all.some(({ life }) => life === 'allocated')

export const shutdownCompletesOncePacketsAreReleased: LivenessProperty = {
  id: 'shutdown-completes-once-packets-are-released',
  says: 'once the driver is gone and every packet is released sooner or later, the pool is freed',
  because:
    'page_pool_release_retry() asks again every second, without limit, until nothing is in flight (c3f812cea0d7, "page_pool: do not release pool until inflight == 0.", 2019). A page that went into alloc.cache after page_pool_empty_alloc_cache_once() had run is never found again: "stalled pool shutdown" for ever ("net: page_pool: disable direct recycling based on pool->cpuid on destroy", 2024).',
  families: [pool],
  assumes:
    'every context that has begun something goes on, delayed work runs when its time has come, and every event that lets a packet, a page reference or NAPI end happens sooner or later, for each packet',
  fair: () => 'strong',
  from: (f) => f.dev.driver === 'removed',
  until: (f) => !poolsLeft(f),
  owes: () => 'the pool is still allocated',
  exercisedBy: {
    says: 'the driver is gone while its pool is still there',
    when: (f) => f.dev.driver === 'removed' && poolsLeft(f),
  },
}
