/** When the pool is freed: too early, never, while its work is queued; what it empties first. */
import {
  answer,
  around,
  before,
  chain,
  drop,
  negate,
  twice,
  withArguments,
} from '../engine/mutation/mutate.ts'
import { hoist, swap } from '../engine/mutation/mutate-order.ts'
import { call, step, type Steps } from '../engine/step.ts'
import { rq_page_pool } from '../model/drivers/nic.ts'
import type { Kernel } from '../model/kernel.ts'
import type { World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const left = { violates: 'nothing-left-at-rest' } as const
const early = { violates: 'pool-freed-only-when-empty' } as const
/** Where the release waits for producers, so that the pool is not used after it is freed. */
const barrier = { design: 'producer-barrier', scopes: ['small'] } as const
const stale = { violates: 'no-use-of-freed-pool' } as const
const SCHEDULE = 'schedule_delayed_work(&pool->release_dw)'

function* schedule(): Steps {
  yield* step(SCHEDULE, (w: World) => {
    w.pool(0).release_dw = true
  })
}

function* destroyed(this: Kernel): Steps {
  yield* this.page_pool_destroy(yield* rq_page_pool())
}

export const destroy: readonly Mutant[] = [
  {
    ...deferred,
    id: 'inflight-unasked',
    says: 'freed whatever is in flight',
    change: () => drop('page_pool_release', 'page_pool_inflight', 0),
    expected: early,
  },
  {
    ...deferred,
    id: 'inflight-above-one',
    says: 'freed unless inflight > 1',
    change: () =>
      answer('page_pool_release', 'page_pool_inflight', (n) => ((n as number) <= 1 ? 0 : n)),
    expected: early,
  },
  {
    ...deferred,
    id: 'inflight-inverted',
    says: 'freed if inflight >= 1',
    change: () =>
      answer('page_pool_release', 'page_pool_inflight', (n) => ((n as number) >= 1 ? 0 : 1)),
    expected: early,
  },
  {
    ...deferred,
    id: 'inflight-asked-first',
    says: 'inflight is read before the scrub',
    change: () => hoist('page_pool_release', 'page_pool_inflight', 'page_pool_scrub'),
    expected: {
      nothing: 'The count can only be too high by then: the pool is freed one round later.',
    },
    scopes: ['small', 'shared', 'two'],
  },
  {
    ...deferred,
    id: 'pool-never-freed',
    says: 'the pool is never freed',
    change: () => drop('page_pool_release', '__page_pool_destroy'),
    expected: left,
  },
  {
    ...deferred,
    id: 'not-scheduled',
    says: 'destroy does not queue release_dw',
    change: () => drop('page_pool_destroy', SCHEDULE),
    expected: left,
  },
  {
    ...deferred,
    id: 'not-rescheduled',
    says: 'release_dw does not queue itself',
    change: () => drop('page_pool_release_retry', SCHEDULE),
    expected: left,
  },
  {
    ...barrier,
    id: 'scheduled-twice',
    says: 'destroy queues release_dw twice',
    change: () => twice('page_pool_destroy', SCHEDULE),
    expected: stale,
  },
  {
    ...barrier,
    id: 'scheduled-first',
    says: 'destroy queues, then checks',
    change: () => before('page_pool_destroy', 'page_pool_release', schedule),
    expected: stale,
  },
  {
    ...barrier,
    id: 'rescheduled-first',
    says: 'release_dw queues, then checks',
    change: () => before('page_pool_release_retry', 'page_pool_release', schedule),
    expected: stale,
  },
  {
    ...barrier,
    id: 'uninit-after-kfree',
    says: 'kfree(pool), then page_pool_uninit()',
    change: () => swap('__page_pool_destroy', 'page_pool_uninit', 'kfree(pool)'),
    expected: stale,
  },
  {
    ...deferred,
    id: 'user-count-inverted',
    says: 'destroyed unless by the last user',
    change: () => negate('page_pool_destroy', 'refcount_dec_and_test(&pool->user_cnt)'),
    expected: left,
  },
  {
    ...deferred,
    id: 'cache-never-emptied',
    says: 'the scrub leaves the alloc cache',
    change: () => drop('page_pool_scrub', 'page_pool_empty_alloc_cache_once'),
    expected: left,
  },
  {
    ...deferred,
    id: 'cache-emptied-always',
    says: 'each scrub empties the alloc cache',
    change: () => drop('page_pool_empty_alloc_cache_once', 'if (pool->destroy_cnt)', false),
    expected: {
      nothing: 'NAPI is disabled: nobody fills the cache again, a later look finds it empty.',
    },
    scopes: ['small', 'shared', 'defer-list'],
  },
  {
    ...deferred,
    id: 'ring-never-emptied',
    says: 'the scrub leaves the ring',
    change: () => drop('page_pool_scrub', 'page_pool_empty_ring'),
    expected: left,
  },
  {
    ...deferred,
    id: 'scrubbed-once',
    says: 'release_dw does not empty the ring',
    change: () =>
      around('page_pool_release', 'page_pool_scrub', function* (action): Steps {
        const again = yield* step('if (pool->destroy_cnt)', (w: World) => {
          return w.pool(0).destroy_cnt > 0
        })
        if (!again) yield action as never
      }),
    expected: left,
  },
  {
    ...deferred,
    id: 'napi-not-waited-for',
    says: 'napi_disable() does not wait',
    change: () => drop('nic_stop', 'napi_disable(): !NAPI_STATE_SCHED'),
    expected: { violates: 'alloc-cache-has-one-user' },
    scopes: ['two'],
  },
  {
    ...barrier,
    id: 'napi-still-enabled',
    says: 'napi_disable() is forgotten',
    change: () => drop('nic_remove', 'nic_stop'),
    expected: stale,
  },
  {
    ...deferred,
    id: 'destroy-before-napi',
    says: 'pool destroyed, then napi_disable()',
    change: () =>
      chain(
        drop('nic_remove', 'page_pool_destroy'),
        before('nic_remove', 'nic_stop', () => call(destroyed)),
      ),
    expected: { violates: 'alloc-cache-has-one-user' },
    scopes: ['two'],
  },
  {
    ...deferred,
    id: 'rx-ring-not-drained',
    says: 'remove() leaves the RX ring filled',
    change: () => drop('nic_remove', 'nic_free_rx_ring'),
    expected: left,
  },
  {
    ...deferred,
    id: 'rx-drained-late',
    says: 'pool destroyed, then RX ring drained',
    change: () => swap('nic_remove', 'nic_free_rx_ring', 'page_pool_destroy'),
    expected: {
      nothing:
        'Pages of the RX ring are like pages in the stack then: in flight, and release_dw waits for them.',
    },
    scopes: ['small', 'shared', 'two'],
  },
  {
    ...deferred,
    id: 'rx-drained-direct',
    says: 'remove() drains into the alloc cache',
    change: () =>
      withArguments('nic_free_rx_ring', 'page_pool_put_page', ([pool, page]) => [pool, page, true]),
    expected: {
      nothing: 'NAPI is disabled and the pool not yet destroyed: the cache has no other user.',
    },
    scopes: ['small', 'shared', 'two'],
  },
  {
    ...deferred,
    id: 'direct-not-disabled',
    says: 'pool->p.napi is not cleared',
    change: () => drop('page_pool_destroy', 'page_pool_disable_direct_recycling'),
    expected: {
      nothing:
        'napi_disable() has returned: NAPI_STATE_SCHED is clear for good, so no flush takes the direct way. It matters to drivers that destroy a pool under a running NAPI.',
    },
    scopes: ['small', 'defer-list'],
  },
  {
    ...barrier,
    id: 'direct-disabled-late',
    says: 'pool->p.napi cleared after the scrub',
    change: () =>
      chain(
        swap('page_pool_destroy', 'page_pool_disable_direct_recycling', 'page_pool_free_frag'),
        swap('page_pool_destroy', 'page_pool_disable_direct_recycling', 'page_pool_release'),
      ),
    expected: stale,
  },
]
