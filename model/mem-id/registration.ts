/**
 * Registration of XDP memory models (net/core/xdp.c, 5.1): an id from a cyclic IDA, entered in a
 * hash table; unregistration looks the id up again.
 */
import { NONE, type Ref } from '../../engine/state/layout.ts'
import { functions, local, step, type Steps } from '../step.ts'
import { fails } from '../world/fault.ts'
import {
  rhashtable_insert_slow,
  rhashtable_lookup,
  rhashtable_remove_fast,
} from '../world/memory/rhashtable.ts'
import { ENOSPC, ida_simple_get, ida_simple_remove, type MemId } from '../world/memory/ida.ts'
import { allocatorFreed, allocatorLives, allocatorOf, usesAllocator } from '../ledger/allocators.ts'
import { saw } from '../ledger/truth.ts'
import { mutex_lock, mutex_unlock } from '../world/sync/lock.ts'
import { call_rcu, rcu_read_lock, rcu_read_unlock } from '../world/sync/rcu.ts'

export type Rxq = Ref<'rxq'>

export const { __mem_id_cyclic_get } = functions({
  /** Goes round once when the ids above mem_id_next are used up. An id, or an errno. */
  *__mem_id_cyclic_get(): Steps<MemId> {
    const next = yield* local('mem_id_next', (w) => w.mem.mem_id_next)
    let id = yield* ida_simple_get(next - 1)
    if (id === ENOSPC) id = yield* ida_simple_get(0)
    if (id < 0) return id
    yield* local('mem_id_next = id + 1', (w) => {
      w.mem.mem_id_next = id + 2
    })
    return id
  },
})

export class XdpRegistration {
  /** Returns false when it fails (-ENOMEM, -ENOSPC, or what the insert returned). */
  *xdp_rxq_info_reg_mem_model(rxq: Rxq): Steps<boolean> {
    if (yield* fails('kzalloc(struct xdp_mem_allocator)')) return false
    yield* mutex_lock('xdp.mem_id_lock')
    const done = yield* this.get_id_and_insert(rxq)
    yield* mutex_unlock('xdp.mem_id_lock')
    return done
  }
  *get_id_and_insert(rxq: Rxq): Steps<boolean> {
    const id = yield* __mem_id_cyclic_get()
    if (id < 0) return false
    yield* local('xdp_rxq->mem.id = id', (w) => {
      w.rxq(rxq).mem_id = id
    })
    const failed = yield* rhashtable_insert_slow(
      id,
      (w) => allocatorLives(w, id),
      (w) => saw(w, 'insert_failed'),
    )
    if (failed) yield* this.insert_failed(rxq)
    return !failed
  }
  /** What the error path of the insert does with the id. */
  *insert_failed(_rxq: Rxq): Steps {}

  *xdp_rxq_info_unreg_mem_model(rxq: Rxq): Steps {
    const id = yield* local('id = xdp_rxq->mem.id', (w) => w.rxq(rxq).mem_id)
    if (id === NONE) return
    yield* mutex_lock('xdp.mem_id_lock')
    const says = 'rhashtable_lookup_fast(mem_id_ht, &id)'
    const found = yield* rhashtable_lookup(id, () => true, says)
    if (found === true) yield* this.remove_and_free(id)
    yield* mutex_unlock('xdp.mem_id_lock')
  }
  *remove_and_free(id: MemId): Steps {
    yield* rhashtable_remove_fast(id)
    yield* step('call_rcu(&xa->rcu)', (w) => {
      w.mem.rcu_pending.add(id)
      call_rcu(w, w.mem_head(id), id)
    })
  }
  /** The RCU callback: the id and the allocator, which nobody can find any more, are freed. */
  *__xdp_mem_allocator_rcu_free(id: MemId): Steps {
    yield* step('ida_simple_remove(&mem_id_pool, id)', (w) => {
      ida_simple_remove(w, id)
      allocatorFreed(w, id)
    })
  }

  /** __xdp_return(): a frame comes back and its allocator is looked up, in softirq. */
  *__xdp_return(id: MemId): Steps {
    yield* rcu_read_lock()
    const says = 'xa = rhashtable_lookup(mem_id_ht, &mem->id)'
    const xa = yield* rhashtable_lookup(id, (w) => allocatorOf(w, id), says)
    if (xa !== NONE)
      yield* step('page_pool_put_page(xa->page_pool)', (w) => usesAllocator(w, id, xa))
    yield* rcu_read_unlock()
  }
}
