/**
 * Deferred release with the repair of CVE-2025-38129: who frees the pool takes producer_lock once before,
 * and what was recycled is counted inside it. Before it: deferred-release.
 */
import { scopes } from '../scope/named.ts'
import { DeferredRelease, deferredRelease } from './deferred-release.ts'
import type { Design } from '../design.ts'
import { ringUnlockRace } from './known.ts'
import { pool } from './family.ts'

class ProducerBarrier extends DeferredRelease {
  override readonly producer_barrier = true
}

const repaired = new Set(Object.keys(ringUnlockRace))

export const producerBarrier: Design = {
  id: 'producer-barrier',
  title: 'deferred release, producers are waited for before the pool is freed',
  source:
    '271683bb2cf3 (Dong Chenchen, "page_pool: Fix use-after-free in page_pool_recycle_in_ring", 2025)',
  family: pool,
  fields: () => ({}),
  functions: (scope) => new ProducerBarrier(scope),
  scopes: { searched: [scopes.corner] },
  breaks: Object.fromEntries(
    Object.entries(deferredRelease.breaks).filter(([id]) => !repaired.has(id)),
  ),
  worlds: { 'bulk-return': {}, 'softirq-returners': {} },
}
