/** The races designs are known for: changes that close one, so that its violation must disappear. */
import { before, chain, drop, inline } from '../engine/mutation/mutate.ts'
import { merge } from '../engine/mutation/mutate-order.ts'
import type { Steps } from '../engine/step.ts'
import { spin_lock_bh, spin_unlock_bh } from '../model/world/sync/lock.ts'
import type { Mutant } from './mutant.ts'

const PRODUCE = 'r->queue[r->producer++] = page'
const WRAP = 'if (r->producer >= r->size) r->producer = 0'
const UNLOCK = 'spin_unlock_bh(&pool->producer_lock)'
const CMPXCHG = 'xa_cmpxchg(&pool->dma_mapped, id, page, NULL)'
const GET_DMA = 'dma = page_pool_get_dma_addr(page)'

export const races: readonly Mutant[] = [
  {
    id: 'ring-unlock-atomic',
    says: 'ring store and unlock are one step',
    design: 'deferred-release',
    change: () =>
      chain(
        inline('page_pool_recycle_in_ring', '__ptr_ring_produce'),
        inline('page_pool_recycle_in_ring', 'page_pool_producer_unlock'),
        inline('page_pool_recycle_in_ring', 'spin_unlock_bh'),
        merge('page_pool_recycle_in_ring', PRODUCE, WRAP),
        merge('page_pool_recycle_in_ring', `${PRODUCE}; ${WRAP}`, UNLOCK),
      ),
    expected: { loses: 'no-lock-in-freed-memory' },
    scopes: ['small'],
  },
  {
    id: 'ring-unlock-awaited',
    says: 'the release takes producer_lock once',
    design: 'deferred-release',
    change: () =>
      before('page_pool_release', '__page_pool_destroy', function* (): Steps {
        yield* spin_lock_bh('pool.producer_lock', 0)
        yield* spin_unlock_bh('pool.producer_lock', 0)
      }),
    expected: { loses: 'no-lock-in-freed-memory' },
    scopes: ['small'],
  },
  {
    id: 'winner-unmaps',
    says: 'xa_cmpxchg() and unmap are one step',
    design: 'xarray-tracking',
    change: () =>
      chain(
        merge('page_pool_release_page_dma', CMPXCHG, GET_DMA),
        merge(
          'page_pool_release_page_dma',
          `${CMPXCHG}; ${GET_DMA}`,
          'dma_unmap_page_attrs(pool->p.dev, dma)',
        ),
      ),
    expected: { loses: 'no-unmap-after-unbind' },
    scopes: ['shared'],
  },
  {
    id: 'destroy-releases-none',
    says: 'destroy releases no page',
    design: 'destroy-count-only',
    change: () => drop('before_defer', 'page_pool_release_page'),
    expected: { loses: 'no-mapping-unmapped-twice' },
    scopes: ['small'],
  },
]
