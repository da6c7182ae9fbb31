/**
 * The node is checked at refill, as merged for 5.6: the first page from another node than the preferred
 * one is released and ends the refill. The refill of all kernels since, there under consumer_lock.
 */
import type { Steps } from '../step.ts'
import type { Pool } from '../world/world.ts'
import { type Design, ways } from '../design.ts'
import { ringUnlockRace } from '../shutdown/known.ts'
import { PagePool2019 } from './page-pool-2019.ts'
import { numa } from './family.ts'

class WithoutFlush extends PagePool2019 {
  override *flush_alloc_cache(_pool: Pool): Steps {}
}

const stopsAtMismatch = {
  'no-allocation-fails-with-pages': ways(
    'a page from elsewhere at the head of the ring ends the refill: the page allocator is asked while local pages wait behind it, and may have none',
    'alloc_pages_node in __page_pool_alloc_pages_slow',
    'put_page in put_page',
  ),
  ...ringUnlockRace,
} as const

export const numaRefillMerged: Design = {
  id: 'numa-refill-merged',
  title: 'the node is checked at refill, one mismatch ends it',
  source: '44768decb7c0 ("page_pool: handle page recycle for NUMA_NO_NODE condition", 2020)',
  family: numa,
  fields: () => ({}),
  functions: (scope) => new PagePool2019(scope),
  breaks: stopsAtMismatch,
}
export const numaRefillNoFlush: Design = {
  id: 'numa-refill-no-flush',
  title: 'the same, page_pool_update_nid() leaves the cache alone',
  source: '44768decb7c0 without the flush in page_pool_update_nid()',
  family: numa,
  fields: () => ({}),
  functions: (scope) => new WithoutFlush(scope),
  breaks: {
    'new-nid-empties-the-cache': {
      'pool->p.nid = new_nid in page_pool_update_nid':
        'pages of the old node stay in the cache, and are served without a question',
    },
    ...stopsAtMismatch,
  },
}
