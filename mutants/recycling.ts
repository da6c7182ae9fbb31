/** Direct recycling: pools that are replaced while their NAPI lives on, percpu pools, a napi_struct that is freed. */
import {
  after,
  answer,
  before,
  chain,
  drop,
  effect,
  type Mutation,
} from '../engine/mutation/mutate.ts'
import { merge, swap } from '../engine/mutation/mutate-order.ts'
import { NONE } from '../engine/state/layout.ts'
import type { Steps } from '../engine/step.ts'
import { synchronize_rcu } from '../model/world/sync/rcu.ts'
import type { Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const restarted = { design: 'linux-6.12', scopes: ['queue-restart-waits'] } as const
const percpu = { design: 'percpu-cpuid-waits', scopes: ['percpu-pool'] } as const
const raced = { violates: 'alloc-cache-has-one-user' } as const
const stopped = 'ndo_queue_stop_and_wait'
const DISABLE = 'page_pool_disable_direct_recycling'
const CPUID = 'WRITE_ONCE(pool->cpuid, -1)'
const MINE = 'READ_ONCE(pool->cpuid) == smp_processor_id()'
const OWNER = 'READ_ONCE(napi->list_owner) == cpuid'

function* wait(): Steps {
  yield* synchronize_rcu()
}

/** Who resets p.napi and cpuid waits for whoever has read them. */
const destroyWaits = (): Mutation => after('page_pool_destroy', DISABLE, wait)

export const recycling: readonly Mutant[] = [
  {
    ...restarted,
    id: 'restart-no-wait',
    says: 'no grace period before napi_enable()',
    change: () => drop(stopped, 'synchronize_rcu'),
    expected: raced,
  },
  {
    ...restarted,
    id: 'restart-waits-first',
    says: 'the wait is before the queue stops',
    change: () => swap(stopped, 'ndo_queue_stop', 'synchronize_rcu'),
    expected: raced,
  },
  {
    ...restarted,
    id: 'restart-waits-last',
    says: 'the wait is after napi_enable()',
    change: () =>
      chain(
        drop(stopped, 'synchronize_rcu'),
        before('netdev_rx_queue_restart', 'page_pool_destroy', wait),
      ),
    expected: {
      nothing:
        'The old pool has forgotten its NAPI by then, and NAPI runs on the new one: nobody but the late softirq is inside the old cache until page_pool_destroy(). The wait may stand anywhere between the two.',
    },
  },
  {
    ...restarted,
    id: 'restart-waits-after',
    says: 'the wait is after the destroy',
    change: () =>
      chain(
        drop(stopped, 'synchronize_rcu'),
        after('netdev_rx_queue_restart', 'page_pool_destroy', wait),
      ),
    expected: raced,
  },
  {
    ...restarted,
    id: 'restart-napi-kept',
    says: 'a stopped pool still knows its NAPI',
    change: () => drop('ndo_queue_stop', DISABLE),
    expected: raced,
  },
  {
    ...restarted,
    id: 'restart-wrong-pool',
    says: 'the destroyed pool is used again',
    change: () => drop('ndo_queue_start', 'rq->page_pool = new'),
    expected: { violates: 'no-use-of-freed-pool' },
  },
  {
    ...restarted,
    id: 'list-owner-unasked',
    says: 'pool->p.napi, wherever it runs',
    change: () => drop('page_pool_napi_local', OWNER, true),
    expected: raced,
  },
  {
    id: 'napi-loads-one-step',
    says: 'p.napi and list_owner in one step',
    design: 'deferred-release',
    change: () =>
      merge(
        'napi_pp_put_page',
        'napi = READ_ONCE(pp->p.napi)',
        'READ_ONCE(napi->list_owner) == smp_processor_id()',
      ),
    expected: { loses: 'alloc-cache-has-one-user' },
    scopes: ['queue-restart'],
  },
  {
    id: 'napi-loads-one-step-2',
    says: 'the same two loads of 6.12',
    design: 'linux-6.12',
    change: () => merge('page_pool_napi_local', 'READ_ONCE(pool->p.napi)', OWNER),
    expected: { loses: 'alloc-cache-has-one-user' },
    scopes: ['queue-restart'],
  },
  {
    id: 'restart-destroy-waits',
    says: 'the wait is in page_pool_destroy()',
    design: 'linux-6.12',
    change: destroyWaits,
    expected: { loses: 'alloc-cache-has-one-user' },
    scopes: ['queue-restart'],
  },
  {
    id: 'unlink-destroy-waits',
    says: 'the same where p.napi is reset late',
    design: 'linux-6.12',
    change: destroyWaits,
    expected: { loses: 'alloc-cache-has-one-user' },
    scopes: ['late-unlink'],
  },
  {
    id: 'bulk-direct-always',
    says: 'a bulk is recycled into the cache',
    design: 'bulk-stats-inside',
    change: () => answer('page_pool_put_page_bulk', 'bulk_allows_direct', () => true),
    expected: raced,
    scopes: ['bulk-return'],
  },
  {
    ...percpu,
    id: 'cpuid-kept',
    says: 'destroy does not reset pool->cpuid',
    change: () => drop(DISABLE, CPUID),
    expected: raced,
  },
  {
    ...percpu,
    id: 'cpuid-no-wait',
    says: 'cpuid = -1 is not waited for',
    change: () => drop(DISABLE, 'synchronize_rcu'),
    expected: raced,
  },
  {
    ...percpu,
    id: 'cpuid-wait-first',
    says: 'the wait comes before cpuid = -1',
    change: () => chain(drop(DISABLE, 'synchronize_rcu'), before(DISABLE, CPUID, wait)),
    expected: { violates: 'nothing-left-at-rest' },
  },
  {
    ...percpu,
    id: 'cpuid-any-cpu',
    says: 'softirqs of any CPU count as its own',
    change: () =>
      effect('page_pool_napi_local', MINE, (w: World, _, __, [pool]) => {
        return w.pool(pool as Pool).cpuid !== NONE
      }),
    expected: raced,
    scopes: ['percpu-elsewhere'],
  },
  {
    ...percpu,
    id: 'cpuid-in-process',
    says: 'a process recycles into the cache',
    change: () => drop('page_pool_napi_local', 'in_softirq()', true),
    expected: raced,
  },
  {
    id: 'napi-freed-known',
    says: 'destroy leaves p.napi, NAPI is freed',
    design: 'xarray-tracking-waits',
    change: () => drop('page_pool_destroy', DISABLE),
    expected: { violates: 'no-use-of-freed-napi' },
    scopes: ['napi-freed-early'],
  },
  {
    id: 'napi-freed-first',
    says: 'NAPI freed, then the pool destroyed',
    design: 'xarray-tracking-waits',
    change: () => swap('nic_remove', 'page_pool_destroy', 'kfree(bp->bnapi)'),
    expected: { violates: 'no-use-of-freed-napi' },
    scopes: ['napi-freed-early'],
  },
  {
    id: 'napi-freed-no-wait',
    says: 'destroy does not wait, NAPI is freed',
    design: 'xarray-tracking-waits',
    change: () => drop('before_defer', 'synchronize_rcu'),
    expected: { violates: 'no-use-of-freed-napi' },
    scopes: ['napi-freed-early'],
  },
  {
    id: 'napi-freed-late',
    says: 'the driver waits after destroy',
    design: 'linux-6.12',
    change: () =>
      chain(drop('nic_remove', 'synchronize_rcu'), before('nic_remove', 'kfree(bp->bnapi)', wait)),
    expected: { loses: 'no-use-of-freed-napi' },
    scopes: ['napi-freed-early'],
  },
]
