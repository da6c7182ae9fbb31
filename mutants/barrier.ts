/**
 * Who frees the pool waits until producers have left producer_lock, and they do nothing with the pool after it:
 * one page, and a bulk of them.
 */
import {
  after,
  answer,
  around,
  before,
  chain,
  drop,
  inline,
  type Mutation,
} from '../engine/mutation/mutate.ts'
import { merge, swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { spin_lock_bh, spin_unlock, spin_unlock_bh } from '../model/world/sync/lock.ts'
import type { Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const barred = { design: 'linux-6.12', scopes: ['small'] } as const
const bulk = { design: 'bulk-stats-inside', scopes: ['bulk-return'] } as const
const stale = { violates: 'no-use-of-freed-pool' } as const
const staleLock = { violates: 'no-lock-in-freed-memory' } as const
const IN_RING = 'page_pool_recycle_in_ring'
const IN_BULK = 'page_pool_recycle_ring_bulk'
const COUNTED = 'recycle_stat_inc(pool, ring)'
const PRODUCED = 'r->queue[r->producer++] = page'
const WRAPPED = 'if (r->producer >= r->size) r->producer = 0'
const LOCK = 'page_pool_producer_lock'
const UNLOCK = 'page_pool_producer_unlock'
const UNLOCKED = 'spin_unlock_bh(&pool->producer_lock)'

const noBarrier = (): Mutation =>
  chain(drop('page_pool_release', LOCK), drop('page_pool_release', UNLOCK))
function* takeAndDrop(pool: Pool): Steps {
  yield* spin_lock_bh('pool.producer_lock', pool)
  yield* spin_unlock_bh('pool.producer_lock', pool)
}

export const barrier: readonly Mutant[] = [
  {
    ...barred,
    id: 'barrier-lost',
    says: 'the release takes no producer_lock',
    change: noBarrier,
    expected: staleLock,
  },
  {
    ...barred,
    id: 'barrier-lost-61',
    says: 'the same in 6.1',
    design: 'linux-6.1',
    change: noBarrier,
    expected: stale,
  },
  {
    ...barred,
    id: 'barrier-not-waited',
    says: 'producer_lock is tried, not awaited',
    change: () =>
      chain(
        noBarrier(),
        after('page_pool_release', 'page_pool_inflight', function* (_, __, [pool]): Steps {
          yield* step('spin_is_locked(&r->producer_lock)', (w: World) => {
            w.pool(pool as Pool)
          })
        }),
      ),
    expected: staleLock,
  },
  {
    ...barred,
    id: 'barrier-first',
    says: 'the barrier comes before the scrub',
    change: () =>
      chain(
        noBarrier(),
        before('page_pool_release', 'page_pool_scrub', function* (_, __, [pool]): Steps {
          yield* takeAndDrop(pool as Pool)
        }),
      ),
    expected: staleLock,
  },
  {
    ...barred,
    id: 'barrier-before-count',
    says: 'the barrier, then the count is read',
    change: () =>
      chain(
        noBarrier(),
        before('page_pool_release', 'page_pool_inflight', function* (_, __, [pool]): Steps {
          yield* takeAndDrop(pool as Pool)
        }),
      ),
    expected: {
      nothing:
        'The ring is emptied by who releases, before either: a producer whose page counts as released by then was in its section when the barrier was reached. Who returns a page without the ring touches the pool last when it counts.',
    },
    scopes: ['small', 'shared'],
  },
  {
    ...barred,
    id: 'barrier-other-lock',
    says: 'the barrier is consumer_lock',
    change: () =>
      chain(
        around('page_pool_release', LOCK, (_, __, [pool]) =>
          spin_lock_bh('pool.consumer_lock', pool as Pool),
        ),
        around('page_pool_release', UNLOCK, (_, __, [pool]) =>
          spin_unlock_bh('pool.consumer_lock', pool as Pool),
        ),
      ),
    expected: staleLock,
  },
  {
    ...barred,
    id: 'counted-unlocked',
    says: 'what is recycled counts after unlock',
    change: () => swap(IN_RING, COUNTED, UNLOCK),
    expected: stale,
  },
  {
    ...barred,
    id: 'wrapped-unlocked',
    says: 'the ring index wraps after unlock',
    change: () =>
      chain(
        drop('__ptr_ring_produce', WRAPPED),
        after(IN_RING, UNLOCK, function* (_, __, [pool]): Steps {
          yield* step(WRAPPED, (w: World) => {
            w.pool(pool as Pool)
          })
        }),
      ),
    expected: stale,
  },
  {
    id: 'ring-count-one-step',
    says: 'ring store to statistics, one step',
    design: 'deferred-release',
    change: () =>
      chain(
        inline(IN_RING, '__ptr_ring_produce'),
        inline(IN_RING, UNLOCK),
        inline(IN_RING, 'spin_unlock_bh'),
        merge(IN_RING, PRODUCED, WRAPPED),
        merge(IN_RING, `${PRODUCED}; ${WRAPPED}`, UNLOCKED),
        merge(IN_RING, `${PRODUCED}; ${WRAPPED}; ${UNLOCKED}`, COUNTED),
      ),
    expected: { loses: 'no-use-of-freed-pool' },
    scopes: ['small'],
  },
  {
    ...bulk,
    id: 'bulk-unlocked',
    says: 'a bulk is produced without the lock',
    change: () => chain(drop(IN_BULK, LOCK), drop(IN_BULK, UNLOCK)),
    expected: stale,
  },
  {
    ...bulk,
    id: 'bulk-counted-late',
    says: 'a bulk is counted after the unlock',
    change: () => swap(IN_BULK, 'recycle_stat_add(pool, ring, i)', UNLOCK),
    expected: stale,
  },
  {
    ...bulk,
    id: 'bulk-unlock-early',
    says: 'unlocked before its last page',
    change: () =>
      chain(
        drop(IN_BULK, UNLOCK),
        before('produce_bulk', '__ptr_ring_produce', function* (_, done, [pool, ...pages]): Steps {
          if (done.length === pages.length - 1)
            yield* spin_unlock('pool.producer_lock', pool as Pool)
        }),
      ),
    expected: stale,
  },
  {
    ...bulk,
    id: 'bulk-rest-lost',
    says: 'what found no room is forgotten',
    change: () => drop('page_pool_put_page_bulk', 'page_pool_return_page'),
    expected: { violates: 'nothing-left-at-rest' },
    scopes: ['bulk-full-ring'],
  },
  {
    ...bulk,
    id: 'bulk-rest-twice',
    says: 'pages in the ring are released, too',
    change: () => answer('page_pool_put_page_bulk', IN_BULK, () => 0),
    expected: { violates: 'page-in-one-place' },
    scopes: ['bulk-full-ring'],
  },
]
