/** page_pool_init() in full, and what a pool says of itself (net/core/page_pool.c). */
import { again, functions, step, type Steps } from '../step.ts'
import { NONE } from '../../engine/state/layout.ts'
import { fails } from '../world/fault.ts'
import { ENOMEM } from '../world/memory/ida.ts'
import { pr_warn } from '../world/printk.ts'
import { __ptr_ring_set_size } from '../world/io/ptr-ring.ts'
import type { Pool, World } from '../world/world.ts'
import type { PagePool } from './page-pool.ts'

const EINVAL = -22
/** The ring has this many slots when nothing is asked for, and never more than the second. */
const DEFAULT_RING = 1024
const LARGEST_RING = 16_384
/** DEFER_TIME and DEFER_WARN_INTERVAL, in jiffies at HZ = 1000. */
export const DEFER_TIME = 1000
export const DEFER_WARN_INTERVAL = 60_000

export const { __page_pool_init, warnStalled, page_pool_update_nid, page_pool_nid_changed } =
  functions({
    /** Checks what is asked for, and sets up what needs memory. 0 or an errno. */
    *__page_pool_init(this: PagePool, pool: Pool): Steps<number> {
      const valid = yield* step('page_pool_params', (w) => accepts(w))
      if (!valid) return EINVAL
      yield* step('memcpy(&pool->p, params)', (w) => fill(w, pool))
      if (yield* fails('ptr_ring_init(&pool->ring)')) return ENOMEM
      return 0
    },

    /** page_pool_release_retry(): a word once a minute about a pool that does not get empty. */
    *warnStalled(this: PagePool, pool: Pool, inflight: number): Steps {
      const due = yield* step('time_after_eq(jiffies, pool->defer_warn)', (w) => {
        return ((w.jiffies - w.pool(pool).defer_warn) | 0) >= 0
      })
      if (!due) return
      yield* step('pr_warn("stalled pool shutdown")', (w) => {
        const it = w.pool(pool)
        const seconds = Math.trunc(((w.jiffies - it.defer_start) | 0) / 1000)
        const text = this.stalled(w, pool, inflight, seconds)
        if (text === undefined) return
        pr_warn(w, text)
        it.defer_warn = w.jiffies + DEFER_WARN_INTERVAL
      })
    },

    /** page_pool_update_nid(): pages of the old node leave the cache; those in the ring are met at refill. */
    *page_pool_update_nid(this: PagePool, pool: Pool, nid: number): Steps {
      yield* step('pool->p.nid = new_nid', (w) => {
        w.trace?.('update_nid', nid)
        w.pool(pool).nid = nid
      })
      while (this.flushes_on_new_nid) {
        yield* again('while (pool->alloc.count)')
        const page = yield* this.pop_alloc_cache(pool, '')
        if (page === NONE) break
        yield* this.page_pool_return_page(pool, page)
      }
      if (!this.scope.whole)
        yield* step('page_pool_update_nid() returns', (w) => this.nid_is_set(w, pool))
    },

    /** page_pool_nid_changed(). */
    *page_pool_nid_changed(this: PagePool, pool: Pool, nid: number): Steps {
      const changed = yield* step('pool->p.nid != new_nid', (w) => w.pool(pool).nid !== nid)
      if (changed) yield* page_pool_update_nid(pool, nid)
    },
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
