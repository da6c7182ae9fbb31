/** Ids of memory models: kept, freed twice, freed too early. */
import {
  after,
  before,
  callInstead,
  chain,
  drop,
  effect,
  twice,
} from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { ida_simple_remove, type MemId } from '../model/world/memory/ida.ts'
import { allocatorFreed } from '../model/ledger/allocators.ts'
import { mutex_lock } from '../model/world/sync/lock.ts'
import type { World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const fixed = { design: 'mem-id-insert-fixed', scopes: ['fault'] } as const
const leaked = { violates: 'no-mem-id-leaked' } as const
const LOCK = 'mutex_lock(&xdp->mem_id_lock)'
const UNLOCK = 'mutex_unlock(&xdp->mem_id_lock)'
const UNREGISTER = 'xdp_rxq_info_unreg_mem_model'

export const registration: readonly Mutant[] = [
  {
    ...fixed,
    id: 'id-kept-on-failure',
    says: 'the failed insert keeps its id',
    change: () => drop('insert_failed', 'ida_simple_remove(&mem_id_pool, mem.id)'),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'id-freed-twice',
    says: 'the RCU callback frees the id twice',
    change: () => twice('__xdp_mem_allocator_rcu_free', 'ida_simple_remove(&mem_id_pool, id)'),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'id-never-freed',
    says: 'the RCU callback keeps the id',
    change: () => drop('__xdp_mem_allocator_rcu_free', 'ida_simple_remove(&mem_id_pool, id)'),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'insert-lost',
    says: 'the allocator is not entered',
    change: () => drop('get_id_and_insert', 'rhashtable_insert_slow(mem_id_ht)', false),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'remove-lost',
    says: 'unregistration removes nothing',
    change: () => drop(UNREGISTER, 'remove_and_free'),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'call-rcu-lost',
    says: 'nobody is told to free the id',
    change: () => drop('remove_and_free', 'call_rcu(&xa->rcu)'),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'call-rcu-first',
    says: 'call_rcu(), then the removal',
    change: () =>
      swap('remove_and_free', 'rhashtable_remove_fast(mem_id_ht)', 'call_rcu(&xa->rcu)'),
    expected: { violates: 'no-use-of-freed-allocator' },
  },
  {
    ...fixed,
    id: 'mem-id-not-zeroed',
    says: 'mem.id stays after the failed insert',
    change: () => drop('insert_failed', 'xdp_rxq->mem.id = 0'),
    expected: { violates: 'registered-queue-can-be-found' },
  },
  {
    ...fixed,
    id: 'allocator-not-awaited',
    says: 'no grace period before the kfree()',
    change: () => callInstead(UNREGISTER, 'remove_and_free', removeAndFreeNow),
    expected: { violates: 'no-use-of-freed-allocator' },
  },
  {
    ...fixed,
    id: 'id-freed-early-too',
    says: 'freed at once and by the callback',
    change: () =>
      after(UNREGISTER, 'remove_and_free', function* (action): Steps {
        yield* freeNow((action as unknown as { args: readonly [MemId] }).args[0])
      }),
    expected: leaked,
  },
  {
    ...fixed,
    id: 'mem-id-lock-never',
    says: 'no mem_id_lock',
    change: () => chain(drop('mutex_lock', LOCK), drop('mutex_unlock', UNLOCK)),
    expected: {
      nothing:
        'The IDA and the hash table lock themselves, mem_id_next is only a hint, and a queue is registered and unregistered by its owner. The mutex guards mem_id_init_hash_table(), which is done before these worlds begin.',
    },
  },
  {
    ...fixed,
    id: 'lookup-unlocked',
    says: 'the lookup comes before mem_id_lock',
    change: () => swap(UNREGISTER, 'mutex_lock', 'rhashtable_lookup_fast(mem_id_ht, &id)'),
    expected: { nothing: 'Nobody but its owner enters or removes the id of a queue.' },
  },
  {
    ...fixed,
    id: 'mem-id-unlock-lost',
    says: 'mem_id_lock is not released',
    change: () => drop('mutex_unlock', UNLOCK),
    expected: { violates: 'no-deadlock' },
  },
  {
    ...fixed,
    id: 'mem-id-unlock-twice',
    says: 'mem_id_lock is released twice',
    change: () => twice('mutex_unlock', UNLOCK),
    expected: { violates: 'locks-are-balanced' },
  },
  {
    ...fixed,
    id: 'mutex-in-callback',
    says: 'the RCU callback takes mem_id_lock',
    change: () =>
      before(
        '__xdp_mem_allocator_rcu_free',
        'ida_simple_remove(&mem_id_pool, id)',
        function* (): Steps {
          yield* mutex_lock('xdp.mem_id_lock')
        },
      ),
    expected: { violates: 'no-sleeping-while-atomic' },
  },
  {
    ...fixed,
    id: 'ids-not-cyclic',
    says: 'mem_id_next is not advanced',
    change: () => drop('__mem_id_cyclic_get', 'mem_id_next = id + 1'),
    expected: { nothing: 'The IDA alone keeps ids apart; going round only delays their reuse.' },
  },
  {
    ...fixed,
    id: 'id-taken-unasked',
    says: 'the id is mem_id_next, free or not',
    change: () => callInstead('__mem_id_cyclic_get', 'ida_simple_get', takeUnasked),
    expected: leaked,
  },
  {
    id: 'rcu-free-asks-pool',
    says: 'the RCU callback asks its pool',
    design: 'mem-id-insert-fixed',
    change: () =>
      effect(
        '__xdp_mem_allocator_rcu_free',
        'ida_simple_remove(&mem_id_pool, id)',
        (w: World, original) => {
          original()
          // A world of registrations has no pool: what asking one that is gone would be told.
          w.report('use-of-freed-pool', 'struct page_pool is read after it was freed')
        },
      ),
    expected: { violates: 'no-other-report' },
    scopes: ['fault'],
  },
]

function* removeAndFreeNow(id: MemId): Steps {
  yield* step('rhashtable_remove_fast(mem_id_ht)', (w: World) => w.mem.mem_id_ht.delete(id))
  yield* step('ida_simple_remove(&mem_id_pool, id)', (w: World) => {
    ida_simple_remove(w, id)
    allocatorFreed(w, id)
  })
}
function* freeNow(id: MemId): Steps {
  yield* step('ida_simple_remove(&mem_id_pool, id)', (w: World) => ida_simple_remove(w, id))
}
function* takeUnasked(start: MemId): Steps<MemId> {
  return yield* step('id = mem_id_next', (w: World) => {
    const id = start % w.scope.ids
    w.mem.mem_id_pool.add(id)
    return id
  })
}
