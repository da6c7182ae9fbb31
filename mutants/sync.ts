/** Syncing for the device: what is asked, where it is asked, and whether it was done before the page is posted. */
import { around, chain, drop, negate, nth, type Mutation } from '../engine/mutation/mutate.ts'
import { merge } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { dma_sync_for_device } from '../model/world/io/dma.ts'
import { rcu_read_lock, rcu_read_unlock } from '../model/world/sync/rcu.ts'
import type { Page, Pool, World } from '../model/world/world.ts'
import { winnerUnmapsAtOnce } from './address.ts'
import type { Mutant } from './mutant.ts'

const duty = { design: 'linux-6.1', scopes: ['sync-duty'] } as const
const unsynced = { violates: 'no-unsynced-page-to-the-device' } as const
const lateSync = { violates: 'no-sync-after-unbind' } as const
const SYNC = 'page_pool_dma_sync_for_device'
const FLAG = 'if (pool->dma_sync)'
const NEEDED = 'dma_dev_need_sync(pool->p.dev)'
const PUT = '__page_pool_put_page'

/** The read section begins before the two tests; where they say no it is left again. */
const testsInside = (): Mutation =>
  chain(
    drop(SYNC, 'rcu_read_lock'),
    drop(SYNC, 'rcu_read_unlock'),
    around(PUT, SYNC, function* (action): Steps<unknown> {
      yield* rcu_read_lock()
      yield action as never
      yield* rcu_read_unlock()
      return undefined
    }),
  )
/** The other way round: the section is entered and left, and nothing is in it. */
const sectionEmpty = (): Mutation =>
  chain(
    drop(SYNC, 'rcu_read_unlock'),
    around(SYNC, 'rcu_read_lock', function* (action): Steps<unknown> {
      yield action as never
      yield* rcu_read_unlock()
      return undefined
    }),
  )
/** Only what goes into the ring is synced, or only what goes into the cache. */
const syncedOnly = (where: 'cache' | 'ring'): Mutation =>
  around(PUT, SYNC, function* (action, _, [, , direct]): Steps<unknown> {
    return direct === (where === 'cache') ? yield action as never : undefined
  })

export const sync: readonly Mutant[] = [
  {
    ...duty,
    id: 'recycled-unsynced',
    says: 'a recycled page is not synced',
    change: () => drop(PUT, SYNC),
    expected: unsynced,
  },
  {
    ...duty,
    id: 'ring-unsynced',
    says: 'only pages for the cache are synced',
    change: () => syncedOnly('cache'),
    expected: unsynced,
  },
  {
    ...duty,
    id: 'cache-unsynced',
    says: 'only pages for the ring are synced',
    change: () => syncedOnly('ring'),
    expected: unsynced,
  },
  {
    ...duty,
    id: 'mapped-unsynced',
    says: 'a new page is not synced',
    change: () => drop('page_pool_dma_map', SYNC),
    expected: unsynced,
  },
  {
    ...duty,
    id: 'synced-in-the-ring',
    says: 'into the ring, then the sync',
    change: () => syncedLate(),
    expected: unsynced,
  },
  {
    ...duty,
    id: 'sync-flag-inverted',
    says: 'if (!pool->dma_sync) sync',
    design: 'linux-6.12',
    change: () => negate(SYNC, nth(FLAG, 1)),
    expected: unsynced,
  },
  {
    id: 'need-sync-inverted',
    says: 'destroy waits for coherent devices',
    design: 'linux-6.12',
    change: () => negate('unmap_tracked', NEEDED),
    expected: lateSync,
    scopes: ['small'],
  },
  {
    id: 'need-sync-unasked',
    says: 'destroy waits for any device',
    design: 'linux-6.12',
    change: () => drop('unmap_tracked', NEEDED, true),
    expected: { nothing: 'A coherent device is never synced: the wait is longer, no more.' },
    scopes: ['small', 'coherent-device'],
  },
  {
    id: 'coherent-synced',
    says: 'coherent devices are synced, no wait',
    design: 'linux-6.12',
    change: () => drop(SYNC, NEEDED, true),
    expected: lateSync,
    scopes: ['coherent-device'],
  },
  {
    id: 'no-sync-flag-synced',
    says: 'dma_sync is not asked',
    design: 'linux-6.12',
    change: () => drop(SYNC, FLAG, true),
    expected: lateSync,
    scopes: ['pool-without-sync'],
  },
  {
    id: 'sync-tests-outside',
    says: 'tested before rcu_read_lock()',
    design: 'xarray-tracking-waits',
    change: () => testsOutside(),
    expected: { violates: 'no-use-of-freed-device' },
    scopes: ['shared'],
  },
  {
    id: 'sync-section-empty',
    says: 'rcu_read_unlock() before the sync',
    design: 'linux-6.12',
    change: () => sectionEmpty(),
    expected: lateSync,
    scopes: ['small'],
  },
  {
    id: 'sync-tests-one-step',
    says: 'both tests, and the winner, one step',
    design: 'linux-6.12',
    change: () => chain(winnerUnmapsAtOnce(), merge(SYNC, FLAG, NEEDED)),
    expected: { loses: 'no-use-of-freed-device' },
    scopes: ['shared'],
  },
  {
    id: 'sync-tests-inside',
    says: 'both tests under RCU, winner in one',
    design: 'linux-6.12',
    change: () => chain(winnerUnmapsAtOnce(), testsInside()),
    expected: { loses: 'no-use-of-freed-device' },
    scopes: ['shared'],
  },
]

/** The order of the repair, taken back: the flag and the device are read, and then the section begins. */
function testsOutside(): Mutation {
  return chain(
    drop(SYNC, 'rcu_read_lock'),
    around(SYNC, NEEDED, function* (action, _, [pool]): Steps<unknown> {
      const needed = yield action as never
      yield* rcu_read_lock()
      return needed === true && (yield* step(FLAG, (w: World) => w.pool(pool as Pool).dma_sync))
    }),
    around(SYNC, FLAG, function* (action): Steps<unknown> {
      const wanted = yield action as never
      // Without it nothing follows but the unlock.
      if (wanted !== true) yield* rcu_read_lock()
      return wanted
    }),
  )
}
/** The page can be found in the ring before it is the device's again. */
function syncedLate(): Mutation {
  return chain(
    syncedOnly('cache'),
    around(
      'page_pool_put_unrefed_page',
      'page_pool_recycle_in_ring',
      function* (action, _, [, page]): Steps<unknown> {
        const done = yield action as never
        yield* step('dma_sync_single_range_for_device()', (w: World) =>
          dma_sync_for_device(w, page as Page, 0, 4096),
        )
        return done
      },
    ),
  )
}
