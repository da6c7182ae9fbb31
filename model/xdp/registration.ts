/**
 * Registration of XDP memory models (net/core/xdp.c, 5.1): an id from a cyclic IDA, entered in a
 * hash table; unregistration looks the id up again.
 */
import { NONE, type Ref } from '../../engine/layout.ts'
import { call, step, type Steps } from '../../engine/step.ts'
import { fails } from '../world/fault.ts'
import { ida_simple_get, ida_simple_remove, type MemId } from '../world/ida.ts'
import { saw } from '../world/ledger.ts'
import { mutex_lock, mutex_unlock } from '../world/lock.ts'
import { call_rcu } from '../world/rcu.ts'
import type { World } from '../world/world.ts'

export type Rxq = Ref<'rxq'>

export class XdpRegistration {
  /** Returns false when it fails (-ENOMEM, -ENOSPC, or what the insert returned). */
  *xdp_rxq_info_reg_mem_model(rxq: Rxq): Steps<boolean> {
    if (yield* fails('kzalloc(struct xdp_mem_allocator)')) return false
    yield* call(mutex_lock, 'xdp.mem_id_lock')
    const done = yield* call(this.get_id_and_insert, rxq)
    yield* call(mutex_unlock, 'xdp.mem_id_lock')
    return done
  }
  *get_id_and_insert(rxq: Rxq): Steps<boolean> {
    const id = yield* call(this.__mem_id_cyclic_get)
    if (id === NONE) return false
    yield* step('xdp_rxq->mem.id = id', (w: World) => {
      w.rxq(rxq).mem_id = id
    })
    const failed = yield* fails(
      'rhashtable_insert_slow(mem_id_ht)',
      (w) => w.mem.mem_id_ht.add(id),
      (w) => saw(w, 'insert_failed'),
    )
    if (failed) yield* call(this.insert_failed, rxq)
    return !failed
  }
  /** What the error path of the insert does with the id. */
  *insert_failed(_rxq: Rxq): Steps {}

  /** Goes round once when the ids above mem_id_next are used up. NONE: no id. */
  *__mem_id_cyclic_get(): Steps<MemId> {
    if (yield* fails('ida_simple_get()')) return NONE
    return yield* step('id = ida_simple_get(mem_id_next)', (w: World) => {
      let id = ida_simple_get(w, w.mem.mem_id_next - 1)
      if (id === NONE) id = ida_simple_get(w, 0)
      if (id !== NONE) w.mem.mem_id_next = id + 2
      return id
    })
  }

  *xdp_rxq_info_unreg_mem_model(rxq: Rxq): Steps {
    const id = yield* step('id = xdp_rxq->mem.id', (w: World) => w.rxq(rxq).mem_id)
    if (id === NONE) return
    yield* call(mutex_lock, 'xdp.mem_id_lock')
    const found = yield* step('rhashtable_lookup_fast(mem_id_ht, &id)', (w: World) => {
      return w.mem.mem_id_ht.has(id)
    })
    if (found)
      yield* step('rhashtable_remove_fast(), call_rcu()', (w: World) => {
        w.mem.mem_id_ht.delete(id)
        w.mem.rcu_pending.add(id)
        call_rcu(w, w.mem_head(id))
      })
    yield* call(mutex_unlock, 'xdp.mem_id_lock')
  }
  /** The RCU callback. */
  *__xdp_mem_allocator_rcu_free(id: MemId): Steps {
    yield* step('ida_simple_remove(&mem_id_pool, id)', (w: World) => ida_simple_remove(w, id))
  }
}
