/** What a refill takes from the ring, and which of it. */
import { after, answer, drop, effect, negate, type Mutation } from '../engine/mutation/mutate.ts'
import { again, call, type Steps } from '../engine/step.ts'
import { NONE } from '../engine/state/layout.ts'
import type { PagePool } from '../model/pool/page-pool.ts'
import { alloc_push } from '../model/world/io/alloc-cache.ts'
import { __ptr_ring_consume } from '../model/world/io/ptr-ring.ts'
import { netmem_is_pref_nid } from '../model/world/memory/page.ts'
import { stat_inc } from '../model/world/statistics.ts'
import type { Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const merged = { design: 'numa-refill-merged', scopes: ['two-nodes'] } as const
const wrongSize = { violates: 'refill-takes-a-bulk' } as const

/** The refill goes on while so many pages more, or fewer, are in the cache. */
const refillBy = (more: number) =>
  effect(
    'refill',
    'pool->alloc.cache[pool->alloc.count++] = page',
    (w: World, original, _, [pool]) => {
      original()
      return w.pool(pool as Pool).alloc_cache.length < w.scope.bulk + more
    },
  )

export const numa: readonly Mutant[] = [
  {
    ...merged,
    id: 'refill-65',
    says: 'the refill takes one page too many',
    change: () => refillBy(1),
    expected: wrongSize,
  },
  {
    ...merged,
    id: 'refill-63',
    says: 'the refill takes one page too few',
    change: () => refillBy(-1),
    expected: wrongSize,
    scopes: ['two-nodes-bulk-2'],
  },
  {
    ...merged,
    id: 'mismatch-goes-on',
    says: 'a remote page ends no refill',
    change: mismatchGoesOn,
    expected: { violates: 'refill-releases-one-page' },
  },
  {
    ...merged,
    id: 'node-unasked',
    says: 'the refill asks no page for its node',
    change: () => drop('refill', 'page_to_nid(page) == pref_nid', true),
    expected: { violates: 'refill-serves-preferred-node' },
  },
  {
    ...merged,
    id: 'cpu-node-always',
    says: 'numa_mem_id(), whatever p.nid says',
    change: () => answer('pref_nid', 'pool->p.nid', () => NONE),
    expected: { violates: 'local-pages-are-recycled' },
  },
  {
    ...merged,
    id: 'flush-lost',
    says: 'update_nid() does not flush',
    change: () => drop('page_pool_update_nid', 'flush_alloc_cache'),
    expected: { violates: 'new-nid-empties-the-cache' },
  },
  {
    design: 'numa-check-on-put',
    id: 'never-refilled',
    says: 'the ring is asked when it is empty',
    change: () => negate('page_pool_refill_alloc_cache', '__ptr_ring_empty'),
    expected: { violates: 'no-allocation-fails-with-pages' },
    scopes: ['two-nodes'],
  },
]

/** After a page from elsewhere the refill takes what is behind it. */
export function mismatchGoesOn(): Mutation {
  return after('refill', 'page_pool_return_page', (_, __, [pool, pref_nid]) =>
    call(goes_on, pool as Pool, pref_nid as number),
  )
}
function* goes_on(this: PagePool, pool: Pool, pref_nid: number): Steps {
  for (;;) {
    yield* again('do while (pool->alloc.count < PP_ALLOC_CACHE_REFILL)')
    const page = yield* __ptr_ring_consume(pool)
    if (page === NONE) return
    if (yield* netmem_is_pref_nid(page, pref_nid)) {
      if (!(yield* alloc_push(pool, page))) return
    } else {
      yield* this.page_pool_return_page(pool, page)
      yield* stat_inc(pool, 'waive')
    }
  }
}
