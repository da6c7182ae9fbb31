/**
 * page_pool_put_netmem_bulk() of 6.14, whose second half is a function of its own,
 * page_pool_recycle_ring_bulk(): the pages are counted after the unlock. By then all of them may have been
 * taken, counted and freed, and the barrier of 271683bb2cf3 has been passed. And its repair.
 */
import type { Steps } from '../step.ts'
import { recycle_stat_add } from '../world/statistics.ts'
import type { Page, Pool } from '../world/world.ts'
import { type Design, onlyInOtherWorlds, ways } from '../design.ts'
import { Linux612, linux612 } from './linux-6-12.ts'
import { pool } from '../shutdown/family.ts'

class StatisticsAfterUnlock extends Linux612 {
  override *page_pool_recycle_ring_bulk(pool: Pool, ...bulk: readonly Page[]): Steps<number> {
    const softirq = yield* this.page_pool_producer_lock(pool)
    const produced = yield* this.produce_bulk(pool, ...bulk)
    yield* this.page_pool_producer_unlock(pool, softirq)
    yield* recycle_stat_add(pool, produced)
    return produced
  }
}

const { breaks } = linux612

export const bulkStatisticsAfterUnlock: Design = {
  id: 'bulk-stats-after-unlock',
  title: 'a bulk is counted after producer_lock is released',
  source: 'fcc680a647ba (6.14), as far as page_pool_recycle_ring_bulk() is concerned',
  family: pool,
  fields: linux612.fields,
  functions: (scope) => new StatisticsAfterUnlock(scope),
  scopes: onlyInOtherWorlds,
  breaks,
  worlds: {
    'bulk-return': {
      breaks: {
        'no-use-of-freed-pool': ways(
          'with CONFIG_PAGE_POOL_STATS recycle_stat_add() dereferences pool->recycle_stats after the unlock: the release work may have taken all pages of the bulk and freed the pool (bdea4980182e, "net: page_pool: fix use-after-free in page_pool_recycle_ring_bulk()", 2026)',
          'recycle_stat_add in page_pool_recycle_ring_bulk amid page_pool_recycle_ring_bulk',
        ),
      },
    },
  },
}
export const bulkStatisticsInside: Design = {
  id: 'bulk-stats-inside',
  title: 'a bulk is counted before producer_lock is released',
  source:
    'bdea4980182e ("net: page_pool: fix use-after-free in page_pool_recycle_ring_bulk()", 2026), which is the order of 6.12',
  family: pool,
  fields: linux612.fields,
  functions: (scope) => new Linux612(scope),
  scopes: onlyInOtherWorlds,
  breaks,
  worlds: {
    'bulk-return': {
      keeps: {
        'no-use-of-freed-pool':
          'a bulk is counted under producer_lock, which the release takes before it frees the pool',
      },
    },
  },
}
