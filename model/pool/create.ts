/** page_pool_create(), page_pool_init(), page_pool_uninit() (net/core/page_pool.c). */
import { NONE } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { choose, detail, only, step, type Steps } from '../step.ts'
import { fails } from '../world/fault.ts'
import { __ptr_ring_set_size } from '../world/io/ptr-ring.ts'
import { ENOMEM } from '../world/memory/ida.ts'
import { kfree_pool, kzalloc_pool } from '../world/memory/slab.ts'
import { pr_warn } from '../world/printk.ts'
import type { Pool, World } from '../world/world.ts'

const EINVAL = -22
/** The ring has this many slots when nothing is asked for, and never more than the second. */
const DEFAULT_RING = 1024
const LARGEST_RING = 16_384

export class Create {
  readonly scope: Scope
  /** The function that says "gave up". */
  readonly created_by: string = 'page_pool_create'
  constructor(scope: Scope) {
    this.scope = scope
  }

  /**
   * page_pool_create(): 0 or an errno. What is asked for stands in `w.params`.
   * @param linked false leaves `params.napi` out: page_pool_enable_direct_recycling() will tell the pool.
   */
  *page_pool_create(pool: Pool, linked = true): Steps<number> {
    if (yield* kzalloc_pool(pool)) return ENOMEM
    let err = yield* this.page_pool_init(pool, linked)
    if (err === 0) {
      err = yield* this.page_pool_list(pool)
      if (err === 0) return 0
      yield* this.page_pool_uninit(pool)
    }
    yield* step('pr_warn("%s() gave up with errno %d")', (w) =>
      pr_warn(w, `${this.created_by}() gave up with errno ${err}`),
    )
    yield* kfree_pool(pool)
    return err
  }
  /** 0 or an errno. */
  *page_pool_init(pool: Pool, linked: boolean): Steps<number> {
    if (!(yield* detail('page_pool_params', true, accepts))) return EINVAL
    yield* detail('memcpy(&pool->p, params)', undefined, (w) => fill(w, pool))
    if (yield* only('details', () => fails('ptr_ring_init(&pool->ring)'))) return ENOMEM
    yield* only('any node', () => asks_for_node(pool))
    yield* choose('page_pool_init(pool)', this.scope.counterStarts, (w, start) => {
      const it = w.pool(pool)
      it.user_cnt = 1
      it.dma_map = w.params.flags.dma
      it.dma_sync = w.params.flags.sync
      it.napi = linked && w.params.napi
      it.cpuid = w.params.cpuid
      it.page_frag = w.params.flags.frag
      it.pages_state_hold_cnt = start
      it.pages_state_release_cnt = start
    })
    return 0
  }
  /** Since 6.8 netlink knows the pool. 0, or an errno when there is no memory for its id. */
  *page_pool_list(_pool: Pool): Steps<number> {
    return 0
  }
  *page_pool_uninit(_pool: Pool): Steps {}
}

/** Searched pools ask for no node, or for the one NAPI is on when they are made. */
const asks_for_node = (pool: Pool): Steps =>
  choose('pool->p.nid', ['NUMA_NO_NODE', 'numa_mem_id()'], (w, asked) => {
    w.pool(pool).nid = asked === 'NUMA_NO_NODE' ? NONE : w.numa_mem_id
  })

function accepts({ params }: World): boolean {
  const { flags, unknownFlags, dma_dir, max_len } = params
  if (unknownFlags) return false
  if (flags.dma && dma_dir === 'to') return false
  return !flags.sync || (flags.dma && max_len > 0)
}
function fill(w: World, pool: Pool): void {
  const { params } = w
  const it = w.pool(pool)
  it.dev = params.dev
  it.nid = params.nid
  it.order = params.order
  it.page_frag = params.flags.frag
  it.max_len = params.max_len
  it.offset = params.offset
  it.cpuid = params.cpuid
  it.has_init_callback = params.init_callback
  it.netdev = params.netdev ? 'device' : 'none'
  const size = params.pool_size === 0 ? DEFAULT_RING : params.pool_size
  __ptr_ring_set_size(w, pool, Math.min(size, LARGEST_RING))
}
