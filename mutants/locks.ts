/** Locks left out, taken in the wrong form, released twice or never. */
import {
  around,
  callInstead,
  chain,
  drop,
  twice,
  type Mutation,
} from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { spin_lock, spin_unlock } from '../model/world/sync/lock.ts'
import type { Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

/** Neither taken nor released, in any form. */
const never = (lock: string): Mutation =>
  chain(
    drop('spin_lock', `spin_lock(&${lock})`),
    drop('spin_unlock', `spin_unlock(&${lock})`),
    neverBh(lock),
  )
const neverBh = (lock: string): Mutation =>
  chain(
    drop('spin_lock_bh', `spin_lock_bh(&${lock})`),
    drop('spin_unlock_bh', `spin_unlock_bh(&${lock})`),
  )
/** spin_lock() where spin_lock_bh() is needed. */
const plain = (fn: string): Mutation =>
  chain(
    callInstead(fn, 'spin_lock_bh', spin_lock as never),
    callInstead(fn, 'spin_unlock_bh', spin_unlock as never),
  )

/** The model adds to the list in one step; the kernel reads its head and then writes it. */
const twoSteps = (): Mutation =>
  around('skb_attempt_defer_free', 'sd->defer_list = skb', function* (action): Steps {
    const seen = yield* step('skb->next = sd->defer_list', (w: World) =>
      w.stack.defer_list.toArray().join(),
    )
    const { effect } = action as unknown as { effect: (w: World) => void }
    yield* step('sd->defer_list = skb', (w: World) => {
      effect(w)
      const { defer_list } = w.stack
      const skb = defer_list.pop()
      defer_list.clear()
      for (const page of seen.split(',')) if (page !== '') defer_list.push(Number(page))
      defer_list.push(skb)
    })
  })

export const locks: readonly Mutant[] = [
  {
    id: 'producer-lock-never',
    says: 'the ring is filled without a lock',
    design: 'deferred-release',
    change: () => never('pool->producer_lock'),
    expected: { violates: 'nothing-left-at-rest' },
    scopes: ['two-holders'],
  },
  {
    id: 'ring-alone-no-lock',
    says: 'two producers of a ring, no lock',
    design: 'ptr-ring-locked',
    change: () => never('pool->producer_lock'),
    expected: { violates: 'no-ring-slot-overwritten' },
    scopes: ['ptr-ring'],
  },
  {
    id: 'producer-lock-no-bh',
    says: 'a process takes it with spin_lock()',
    design: 'deferred-release',
    change: () => chain(plain('page_pool_producer_lock'), plain('page_pool_producer_unlock')),
    expected: { violates: 'no-deadlock' },
    scopes: ['two-holders'],
  },
  {
    id: 'producer-unlock-twice',
    says: 'spin_unlock_bh(producer_lock) twice',
    design: 'deferred-release',
    change: () => twice('spin_unlock_bh', 'spin_unlock_bh(&pool->producer_lock)'),
    expected: { violates: 'locks-are-balanced' },
    scopes: ['small'],
  },
  {
    id: 'producer-unlock-lost',
    says: 'producer_lock is not released',
    design: 'deferred-release',
    change: () => drop('page_pool_producer_unlock', 'spin_unlock_bh'),
    expected: { violates: 'locks-are-balanced' },
    scopes: ['small'],
  },
  {
    id: 'producer-unlock-form',
    says: 'spin_lock_bh(), then spin_unlock()',
    design: 'deferred-release',
    change: () => callInstead('page_pool_producer_unlock', 'spin_unlock_bh', spin_unlock as never),
    expected: { violates: 'locks-are-balanced' },
    scopes: ['small'],
  },
  {
    id: 'consumer-lock-never',
    says: 'the scrub empties the ring unlocked',
    design: 'deferred-release',
    change: () => neverBh('pool->consumer_lock'),
    expected: {
      nothing:
        'The scrub is the only consumer: NAPI, which refills without the lock since 5.17, is disabled, and release_dw is queued only after the scrub of page_pool_destroy() has ended.',
    },
    scopes: ['small', 'shared', 'two-holders'],
  },
  {
    id: 'consumer-lock-no-bh',
    says: 'the scrub takes it with spin_lock()',
    design: 'deferred-release',
    change: () => plain('ptr_ring_consume_bh'),
    expected: {
      nothing: 'No softirq takes consumer_lock since page_pool_refill_alloc_cache() does not.',
    },
    scopes: ['small', 'shared', 'two-holders'],
  },
  {
    id: 'destroy-lock-never',
    says: 'returner and scan without a lock',
    design: 'page-scan-destroy-lock',
    change: () => neverBh('pool->destroy_lock'),
    expected: { violates: 'no-unmap-after-unbind' },
    scopes: ['shared'],
  },
  {
    id: 'scan-unlocked',
    says: 'the scan does not take destroy_lock',
    design: 'page-scan-destroy-lock',
    change: () =>
      chain(
        drop('page_pool_inflight_unmap', 'spin_lock_bh'),
        drop('page_pool_inflight_unmap', 'spin_unlock_bh'),
      ),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['no-sync'],
  },
  {
    id: 'destroy-lock-no-bh',
    says: 'spin_lock() on the CPU of softirqs',
    design: 'page-scan-destroy-lock',
    change: () => plain('page_pool_inflight_unmap'),
    expected: { violates: 'no-deadlock' },
    scopes: ['softirqs-on-rtnl-cpu'],
  },
  {
    id: 'barrier-no-bh',
    says: 'the barrier is a plain spin_lock()',
    design: 'linux-6.12',
    change: () =>
      around(
        'page_pool_release',
        'page_pool_producer_lock',
        function* (_, __, [pool]): Steps<boolean> {
          yield* spin_lock('pool.producer_lock', pool as Pool)
          // As in a softirq: page_pool_producer_unlock() takes the form that goes with it.
          return true
        },
      ),
    expected: { violates: 'no-deadlock' },
    scopes: ['softirqs-on-rtnl-cpu'],
  },
  {
    id: 'sleep-under-lock',
    says: 'get_online_mems() under destroy_lock',
    design: 'page-scan-destroy-lock',
    change: () => swap('page_pool_inflight_unmap', 'get_online_mems()', 'spin_lock_bh'),
    expected: { violates: 'no-sleeping-while-atomic' },
    scopes: ['small'],
  },
  {
    id: 'defer-list-two-steps',
    says: 'skb->next = list; list = skb',
    design: 'deferred-release',
    change: () => twoSteps(),
    expected: { nothing: 'Under defer_lock nobody comes in between.' },
    scopes: ['defer-list'],
  },
  {
    id: 'defer-lock-never',
    says: 'the same two steps, no defer_lock',
    design: 'deferred-release',
    change: () => chain(twoSteps(), never('softnet->defer_lock')),
    expected: { violates: 'page-in-one-place' },
    scopes: ['defer-list'],
  },
  {
    id: 'defer-lock-no-bh',
    says: 'the reader takes it with spin_lock()',
    design: 'deferred-release',
    change: () => plain('skb_attempt_defer_free'),
    expected: { violates: 'no-deadlock' },
    scopes: ['defer-list'],
  },
]
