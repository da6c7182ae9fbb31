/**
 * XDP memory models backed by a page_pool (net/core/xdp.c, since 5.5): registration is one more user
 * of the pool, and the pool, when it is freed, takes its ids out of the table.
 */
import { NONE } from '../../engine/state/layout.ts'
import { again, functions, step, type Steps } from '../step.ts'
import type { PagePool } from '../pool/page-pool.ts'
import { fails } from '../world/fault.ts'
import {
  rhashtable_insert_slow,
  rhashtable_lookup,
  rhashtable_remove_fast,
  rhashtable_walk_next,
} from '../world/memory/rhashtable.ts'
import { ENOMEM, ida_simple_remove, type MemId } from '../world/memory/ida.ts'
import { mutex_lock, mutex_unlock } from '../world/sync/lock.ts'
import { put_page } from '../world/memory/page.ts'
import { WARN } from '../world/printk.ts'
import { call_rcu } from '../world/sync/rcu.ts'
import { refcount_inc } from '../world/memory/refcount.ts'
import type { Page, Pool } from '../world/world.ts'
import { __mem_id_cyclic_get, type Rxq } from '../mem-id/registration.ts'

const EINVAL = -22
const EFAULT = -14

/** The pool registered under an id, or NONE. */
export const pool_of_mem_id = (id: MemId): Steps<Pool> =>
  rhashtable_lookup(id, (w): Pool => w.mem_head(id).page_pool)

export const {
  xdp_rxq_info_reg,
  xdp_rxq_info_unreg,
  xdp_rxq_info_reg_mem_model,
  xdp_rxq_info_reg_page_order0,
  xdp_rxq_info_unreg_mem_model,
  mem_allocator_disconnect,
  __xdp_mem_allocator_rcu_free,
  __xdp_return,
  __xdp_release_frame,
  xdp_return_order0,
} = functions({
  /** __xdp_rxq_info_reg(). */
  *xdp_rxq_info_reg(this: PagePool, rxq: Rxq): Steps<number> {
    const again = yield* step('REG_STATE_REGISTERED', (w) => {
      const registered = w.rxq(rxq).state === 'registered'
      if (registered) WARN(w, 'Missing unregister, handled but fix driver')
      return registered
    })
    if (again) yield* xdp_rxq_info_unreg(rxq)
    yield* step('xdp_rxq_info_init(xdp_rxq)', (w) => {
      const it = w.rxq(rxq)
      it.state = 'registered'
      it.mem_id = NONE
      it.page_pool = false
    })
    return 0
  },

  /** xdp_rxq_info_unreg(). */
  *xdp_rxq_info_unreg(this: PagePool, rxq: Rxq): Steps {
    yield* xdp_rxq_info_unreg_mem_model(rxq)
    yield* step('REG_STATE_UNREGISTERED', (w) => {
      w.rxq(rxq).state = 'new'
    })
  },

  /**
   * xdp_rxq_info_reg_mem_model(): 0 or an errno.
   * @param pool NONE: MEM_TYPE_PAGE_POOL without an allocator.
   */
  *xdp_rxq_info_reg_mem_model(this: PagePool, rxq: Rxq, pool: Pool): Steps<number> {
    if (!(yield* is_registered(rxq))) return EFAULT
    yield* step('mem->type = type', (w) => {
      w.rxq(rxq).page_pool = true
    })
    if (pool === NONE) return EINVAL
    if (!(yield* __mem_id_init_hash_table())) return ENOMEM
    if (yield* fails('kzalloc(struct xdp_mem_allocator)')) return ENOMEM
    yield* mutex_lock('xdp.mem_id_lock')
    const err = yield* enter_allocator(rxq, pool)
    yield* mutex_unlock('xdp.mem_id_lock')
    if (err === 0)
      yield* step('trace_mem_connect()', (w) => w.trace?.('mem_connect', w.rxq(rxq).mem_id + 1))
    return err
  },

  /** The same for MEM_TYPE_PAGE_ORDER0, which needs no allocator. */
  *xdp_rxq_info_reg_page_order0(this: PagePool, rxq: Rxq): Steps<number> {
    if (!(yield* is_registered(rxq))) return EFAULT
    yield* step('mem->type = type', (w) => {
      w.rxq(rxq).page_pool = false
    })
    return 0
  },

  /** xdp_rxq_info_unreg_mem_model(): drops the pool's user; the pool does the rest when it is freed. */
  *xdp_rxq_info_unreg_mem_model(this: PagePool, rxq: Rxq): Steps {
    if (!(yield* is_registered(rxq))) return
    const pool = yield* step('xdp_unreg_mem_model(mem)', (w) => {
      const it = w.rxq(rxq)
      const { mem_id, page_pool } = it
      it.mem_id = NONE
      it.page_pool = false
      return mem_id === NONE || !page_pool ? NONE : w.mem_head(mem_id).page_pool
    })
    if (pool !== NONE) yield* this.page_pool_destroy(pool)
  },

  /** mem_allocator_disconnect(): walks the table for every entry of this pool. */
  *mem_allocator_disconnect(this: PagePool, pool: Pool): Steps {
    yield* mutex_lock('xdp.mem_id_lock')
    for (;;) {
      yield* again('do')
      const id = yield* rhashtable_walk_next((w, it) => w.mem_head(it).page_pool === pool)
      if (id === NONE) break
      yield* mem_xa_remove(id)
    }
    yield* mutex_unlock('xdp.mem_id_lock')
  },

  /** __xdp_mem_allocator_rcu_free(), a grace period later: the id may be used again. */
  *__xdp_mem_allocator_rcu_free(id: MemId): Steps {
    yield* step('ida_simple_remove(&mem_id_pool, id)', (w) => {
      w.mem.rcu_pending.delete(id)
      w.mem_head(id).page_pool = NONE
      ida_simple_remove(w, id)
    })
  },

  /** __xdp_return(): page->pp says whose the page is, the id is not looked up. */
  *__xdp_return(this: PagePool, page: Page, napi_direct: boolean): Steps {
    const pool = yield* step('pp = page->pp', (w) => w.page(page).pp)
    yield* this.page_pool_put_page(pool, page, napi_direct)
  },

  /** __xdp_release_frame() (until 6.5): the page leaves the pool that the id belongs to, if it is known. */
  *__xdp_release_frame(
    this: PagePool & { page_pool_release_page: (pool: Pool, page: Page) => Steps },
    page: Page,
    id: MemId,
  ): Steps {
    const pool = yield* pool_of_mem_id(id)
    if (pool !== NONE) yield* this.page_pool_release_page(pool, page)
  },

  /** MEM_TYPE_PAGE_ORDER0: a page like any other. */
  *xdp_return_order0(page: Page): Steps {
    yield* put_page(page)
  },
})

const { is_registered, __mem_id_init_hash_table, enter_allocator, mem_xa_remove } = functions({
  /** False, and a warning, when the driver did not register the queue. */
  *is_registered(rxq: Rxq): Steps<boolean> {
    return yield* step('REG_STATE_REGISTERED', (w) => {
      const registered = w.rxq(rxq).state === 'registered'
      if (!registered) WARN(w, 'Missing register, driver bug')
      return registered
    })
  },

  /** The table is made when it is first needed; false when there is no memory. */
  *__mem_id_init_hash_table(): Steps<boolean> {
    const made = yield* step('mem_id_init', (w) => w.mem.mem_id_init)
    if (made) return true
    if (yield* fails('kzalloc(struct rhashtable)')) return false
    yield* step('mem_id_init = true', (w) => {
      w.mem.mem_id_init = true
    })
    return true
  },

  *enter_allocator(this: PagePool, rxq: Rxq, pool: Pool): Steps<number> {
    const id = yield* __mem_id_cyclic_get()
    if (id < 0) return id
    yield* step('mem->id = id', (w) => {
      w.rxq(rxq).mem_id = id
    })
    const failed = yield* rhashtable_insert_slow(id, (w) => {
      w.mem_head(id).page_pool = pool
    })
    if (failed) {
      yield* step('ida_simple_remove(&mem_id_pool, mem->id)', (w) => ida_simple_remove(w, id))
      yield* step('mem->id = 0', (w) => {
        w.rxq(rxq).mem_id = NONE
      })
      return ENOMEM
    }
    yield* step('page_pool_use_xdp_mem(pool)', (w) => {
      const it = w.pool(pool)
      it.user_cnt = refcount_inc(w, it.user_cnt)
      it.disconnect = true
      it.xdp_mem_id = id + 1
    })
    return 0
  },

  *mem_xa_remove(this: PagePool, id: MemId): Steps {
    yield* rhashtable_remove_fast(id)
    yield* step('call_rcu(&xa->rcu)', (w) => {
      w.mem.rcu_pending.add(id)
      call_rcu(w, w.mem_head(id), id)
    })
  },
})
