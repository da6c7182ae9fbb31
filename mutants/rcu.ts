/** Read sections and grace periods: not entered, not waited for, waited for too long. */
import {
  before,
  chain,
  drop,
  effect,
  negate,
  nth,
  twice,
  waits,
} from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import type { Steps } from '../engine/step.ts'
import { contexts, isReader, might_sleep } from '../model/world/sync/context.ts'
import { rcu_read_lock } from '../model/world/sync/rcu.ts'
import type { World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const scan = { design: 'page-scan-destroy-lock', scopes: ['shared'] } as const
const tracked = { design: 'xarray-tracking', scopes: ['small'] } as const
const lateUnmap = { violates: 'no-unmap-after-unbind' } as const
const lateSync = { violates: 'no-sync-after-unbind' } as const
const unbalanced = { violates: 'locks-are-balanced' } as const

export const rcu: readonly Mutant[] = [
  {
    ...scan,
    id: 'scan-no-wait',
    says: 'no synchronize_rcu() before the scan',
    change: () => drop('before_defer', 'synchronize_rcu'),
    expected: lateUnmap,
  },
  {
    ...scan,
    id: 'return-no-read-lock',
    says: 'returning a page is no read section',
    change: () =>
      chain(
        drop('page_pool_return_page', 'rcu_read_lock'),
        drop('page_pool_return_page', 'rcu_read_unlock'),
      ),
    expected: lateUnmap,
  },
  {
    ...scan,
    id: 'read-unlock-early',
    says: 'rcu_read_unlock() before the unmap',
    change: () => swap('page_pool_return_page', '__page_pool_return_page', 'rcu_read_unlock'),
    expected: lateUnmap,
  },
  {
    ...scan,
    id: 'read-lock-late',
    says: 'rcu_read_lock() after destroy_cnt',
    change: () =>
      chain(
        drop('page_pool_return_page', 'rcu_read_lock'),
        before('page_pool_return_page', '__page_pool_return_page', function* (): Steps {
          yield* rcu_read_lock()
        }),
      ),
    expected: lateUnmap,
  },
  {
    ...scan,
    id: 'grace-period-none',
    says: 'synchronize_rcu() sees no reader',
    change: () =>
      effect('synchronize_rcu', 'synchronize_rcu()', (w: World, original) => {
        original()
        w.task(w.current).gp_wait.mask = 0
      }),
    expected: lateUnmap,
  },
  {
    ...scan,
    id: 'grace-period-all',
    says: 'it waits for idle contexts as well',
    change: () =>
      effect('synchronize_rcu', 'synchronize_rcu()', (w: World) => {
        might_sleep(w, 'synchronize_rcu()')
        w.task(w.current).gp_wait.mask = (1 << contexts.length) - 1 - (1 << w.current)
      }),
    expected: { violates: 'no-deadlock' },
  },
  {
    ...scan,
    id: 'grace-period-late',
    says: 'it waits for readers that come later',
    change: () => waits('synchronize_rcu', 'synchronize_rcu() returns', noReader),
    expected: {
      nothing:
        'It only waits longer: an instant without readers comes whenever packets stop. That it may starve is about fairness, which no property here asks.',
    },
    scopes: ['small', 'shared'],
  },
  {
    ...scan,
    id: 'grace-period-classic',
    says: 'only rcu_read_lock() makes a reader',
    change: () =>
      effect('synchronize_rcu', 'synchronize_rcu()', (w: World, original) => {
        original()
        for (const [context, task] of w.task.all.entries())
          if (task.rcu_nesting === 0) w.task(w.current).gp_wait.delete(context)
      }),
    expected: {
      nothing: 'Returners take rcu_read_lock() themselves: none relies on being a softirq.',
    },
    scopes: ['small', 'shared'],
  },
  {
    ...scan,
    id: 'wait-in-read-section',
    says: 'synchronize_rcu() in a read section',
    change: () =>
      before('before_defer', 'synchronize_rcu', function* (): Steps {
        yield* rcu_read_lock()
      }),
    expected: { violates: 'no-sleeping-while-atomic' },
    scopes: ['small'],
  },
  {
    id: 'remove-in-read-lock',
    says: 'remove() runs under rcu_read_lock()',
    design: 'xarray-tracking',
    change: () =>
      before('device_release_driver', 'nic_remove', function* (): Steps {
        yield* rcu_read_lock()
      }),
    expected: { violates: 'no-sleeping-while-atomic' },
    scopes: ['small'],
  },
  {
    ...scan,
    id: 'read-unlock-lost',
    says: 'rcu_read_unlock() is forgotten',
    change: () => drop('page_pool_return_page', 'rcu_read_unlock'),
    expected: unbalanced,
    scopes: ['small'],
  },
  {
    ...scan,
    id: 'read-unlock-twice',
    says: 'rcu_read_unlock() twice',
    change: () => twice('page_pool_return_page', 'rcu_read_unlock'),
    expected: unbalanced,
    scopes: ['small'],
  },
  {
    ...scan,
    id: 'read-unlock-silent',
    says: 'grace periods miss rcu_read_unlock()',
    change: () =>
      effect('rcu_read_unlock', 'rcu_read_unlock()', (w: World) => {
        w.task(w.current).rcu_nesting -= 1
      }),
    expected: {
      nothing: 'The reader is noticed when its function returns: the wait is longer, no more.',
    },
    scopes: ['small', 'shared'],
  },
  {
    ...tracked,
    id: 'sync-no-wait',
    says: 'dma_sync = false without a wait',
    change: () => drop('unmap_tracked', 'synchronize_rcu'),
    expected: lateSync,
  },
  {
    ...tracked,
    id: 'sync-no-read-lock',
    says: 'the sync is no read section',
    change: () =>
      chain(
        drop('page_pool_dma_sync_for_device', 'rcu_read_lock'),
        drop('page_pool_dma_sync_for_device', 'rcu_read_unlock'),
      ),
    expected: lateSync,
  },
  {
    ...tracked,
    id: 'sync-no-recheck',
    says: 'dma_sync is not read again under RCU',
    change: () => drop('page_pool_dma_sync_for_device', nth('if (pool->dma_sync)', 2), true),
    expected: lateSync,
  },
  {
    ...tracked,
    id: 'sync-flag-kept',
    says: 'destroy does not clear dma_sync',
    change: () => drop('unmap_tracked', 'pool->dma_sync = false'),
    expected: { violates: 'no-sync-of-an-unmapped-page' },
  },
  {
    ...tracked,
    id: 'sync-wait-inverted',
    says: 'it waits only if the xarray is empty',
    change: () => negate('unmap_tracked', 'xa_empty(&pool->dma_mapped)'),
    expected: lateSync,
  },
]
const noReader = (w: World): boolean =>
  contexts.every((_, context) => context === w.current || !isReader(w, context))
