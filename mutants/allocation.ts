/**
 * The allocation side: sizes, orders, nodes, fragments, ids. Each is held against the recorded behaviour
 * of the kernel it is made from.
 */
import { answer, around, chain, drop, effect, withArguments } from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { NONE } from '../engine/state/layout.ts'
import { call, type Steps } from '../engine/step.ts'
import { count_held } from '../model/world/memory/in-flight.ts'
import type { Page, Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'
import { mismatchGoesOn } from './numa.ts'

const v61 = { design: 'linux-6.1', scopes: [], expected: { differs: 'linux-6.1' } } as const
const v612 = { design: 'linux-6.12', scopes: [], expected: { differs: 'linux-6.12' } } as const

const POPPED = 'page = pool->alloc.cache[--pool->alloc.count]'
/** Wherever a page is taken out of the cache. */
const POPPING = [
  '__page_pool_get_cached',
  'refill',
  '__page_pool_alloc_pages_slow',
  'flush_alloc_cache',
  'page_pool_empty_alloc_cache_once',
]
const RELEASE = 'atomic_inc(&pool->pages_state_release_cnt)'
const CONSUMED = 'r->queue[r->consumer_head++] = NULL'
const FULL = 'pool->alloc.count == PP_ALLOC_CACHE_SIZE'
const RECYCLABLE = 'page_ref_count(page) == 1'

/** The pool a function was called for, always its first argument. */
const poolOf = (w: World, [pool]: readonly unknown[]) => w.pool(pool as Pool)
const fullAt = (pages: number) =>
  effect('page_pool_recycle_in_cache', FULL, (w: World, _, __, args) => {
    return poolOf(w, args).alloc_cache.length === pages
  })

const drainsOneMore = (fn: string) =>
  withArguments(fn, 'page_pool_unref_page', ([page, nr]) => [page, (nr as number) + 1])
/** The oldest page of the cache, not the newest. */
const popsFirst = (fn: string) =>
  effect(fn, POPPED, (w: World, original, _, args) => {
    const { alloc_cache } = poolOf(w, args)
    alloc_cache.push(original() as Page)
    return alloc_cache.shift()
  })

export const allocation: readonly Mutant[] = [
  { ...v612, id: 'cache-127', says: 'the cache is full at 127', change: () => fullAt(127) },
  { ...v61, id: 'cache-129', says: 'the cache is full at 129', change: () => fullAt(129) },
  {
    ...v612,
    id: 'cache-fifo',
    says: 'the page cached first is taken first',
    change: () => chain(...POPPING.map(popsFirst)),
  },
  {
    ...v61,
    id: 'refill-first',
    says: 'a refill returns the first page',
    change: () => popsFirst('refill'),
  },
  {
    ...v612,
    id: 'no-ring-batch',
    says: 'consumed slots are free at once',
    change: () =>
      effect('__ptr_ring_consume', CONSUMED, (w: World, original, _, args) => {
        original()
        poolOf(w, args).consumer_tail = poolOf(w, args).consumer_head
      }),
  },
  {
    ...v61,
    id: 'ring-batch-always',
    says: 'rings below 32 have a batch of 16',
    change: () =>
      effect('page_pool_init', 'memcpy(&pool->p, params)', (w: World, original, _, args) => {
        original()
        poolOf(w, args).ring_batch = 16
      }),
  },
  {
    ...v612,
    id: 'ring-size-of-0',
    says: 'a pool of size 0 has a ring of 256',
    change: () =>
      effect('page_pool_init', 'memcpy(&pool->p, params)', (w: World, original, _, args) => {
        original()
        if (w.params.pool_size === 0) poolOf(w, args).ring_size = 256
      }),
  },
  {
    ...v612,
    id: 'put-before-count',
    says: 'put_page(), then release_cnt++',
    change: () =>
      chain(
        swap('page_pool_return_page', RELEASE, 'page_pool_clear_pp_info'),
        swap('page_pool_return_page', RELEASE, 'put_page'),
      ),
  },
  {
    ...v61,
    id: 'count-before-unmap-61',
    says: 'release_cnt++, then the unmap',
    change: () =>
      chain(
        swap('page_pool_release_page', 'page_pool_clear_pp_info', RELEASE),
        swap('page_pool_release_page', 'page_pool_release_page_dma', RELEASE),
      ),
  },
  {
    ...v612,
    id: 'failed-map-held',
    says: 'a page that cannot be mapped is held',
    change: () =>
      around(
        '__page_pool_alloc_pages_slow',
        'put_page',
        function* (action, _, [pool]): Steps<unknown> {
          const [page] = (action as unknown as { args: readonly Page[] }).args
          yield* count_held(pool as Pool, page!)
          return yield action as never
        },
      ),
  },
  {
    ...v61,
    id: 'pfmemalloc-recycled',
    says: 'emergency pages are recycled',
    change: () =>
      effect('__page_pool_put_page', RECYCLABLE, (w: World, _, __, [, page]) => {
        return w.page(page as Page).refcount === 1
      }),
  },
  {
    ...v61,
    id: 'direct-in-process',
    says: 'a process recycles into the cache',
    change: () => drop('page_pool_recycle_in_cache', 'in_softirq()', true),
  },
  {
    ...v612,
    id: 'no-napi-local',
    says: 'puts in NAPI go into the ring',
    change: () => drop('page_pool_napi_local', 'in_softirq()', false),
  },
  {
    ...v612,
    id: 'refill-goes-on',
    says: 'a remote page ends no refill',
    change: mismatchGoesOn,
  },
  {
    ...v61,
    id: 'remote-cached',
    says: 'the node of a page is not asked',
    change: () => drop('refill', 'page_to_nid(page) == pref_nid', true),
  },
  {
    ...v612,
    id: 'nid-cache-kept',
    says: 'update_nid() keeps the cache',
    change: () => drop('page_pool_update_nid', 'flush_alloc_cache'),
  },
  {
    ...v61,
    id: 'node-of-cpu-only',
    says: 'p.nid is not preferred',
    change: () => answer('pref_nid', 'pool->p.nid', () => NONE),
  },
  {
    ...v612,
    id: 'frag-bias-off-by-one',
    says: 'one fragment too many is drained',
    change: () =>
      chain(drainsOneMore('page_pool_drain_frag'), drainsOneMore('page_pool_free_frag')),
  },
  {
    ...v61,
    id: 'frag-user-lost',
    says: 'frag_users is not raised',
    change: () =>
      effect('page_pool_alloc_frag', 'pool->frag_users++', (w: World, original, _, args) => {
        original()
        poolOf(w, args).frag_users -= 1
      }),
  },
  {
    ...v612,
    id: 'frag-count-unset',
    says: 'a new page counts no fragment',
    change: () => drop('page_pool_set_pp_info', 'atomic_long_set(&page->pp_ref_count, nr)'),
  },
  {
    ...v612,
    id: 'frag-page-recycled',
    says: 'destroy recycles the page being cut',
    change: () =>
      around('page_pool_free_frag', 'page_pool_return_page', function* (action): Steps<unknown> {
        const { args } = action as unknown as { args: readonly [Pool, Page] }
        const recycled = yield* call(recycle, ...args)
        return recycled ? undefined : yield action as never
      }),
  },
  {
    ...v61,
    id: 'bulk-past-full-ring',
    says: 'a full ring does not end the bulk',
    change: () => answer('produce_bulk', '__ptr_ring_produce', () => true),
  },
  {
    ...v612,
    id: 'sync-all-of-it',
    says: 'recycling syncs max_len, always',
    change: () =>
      withArguments('__page_pool_put_page', 'page_pool_dma_sync_for_device', ([pool, page]) => [
        pool,
        page,
        -1,
      ]),
  },
  {
    ...v612,
    id: 'scrub-empties-again',
    says: 'every scrub empties the cache',
    change: () => drop('page_pool_empty_alloc_cache_once', 'if (pool->destroy_cnt)', false),
  },
  {
    ...v61,
    id: 'retries-negative',
    says: 'negative in flight is tried again',
    change: () =>
      answer('page_pool_release_retry', 'page_pool_release', (n) => Math.abs(n as number)),
  },
  {
    ...v612,
    id: 'warns-twice-a-minute',
    says: 'the stall is told every 30 s',
    change: () =>
      effect('page_pool_destroy', 'pool->defer_start = jiffies', (w: World, original, _, args) => {
        original()
        poolOf(w, args).defer_warn -= 30_000
      }),
  },
  {
    ...v61,
    id: 'id-from-1',
    says: 'the lowest free id is taken',
    change: () => answer('__mem_id_cyclic_get', 'mem_id_next', () => 1),
  },
  {
    ...v612,
    id: 'user-not-counted',
    says: 'registration takes no pool user',
    change: () =>
      effect(
        'enter_allocator',
        'page_pool_use_xdp_mem(pool)',
        (w: World, original, _, [, pool]) => {
          original()
          w.pool(pool as Pool).user_cnt -= 1
        },
      ),
  },
  {
    ...v61,
    id: 'device-put-lost',
    says: 'put_device() is forgotten',
    change: () => drop('page_pool_uninit', 'put_device(pool->p.dev)'),
  },
]

/** Into the ring, as a put would. */
function* recycle(
  this: { page_pool_recycle_in_ring: (pool: Pool, page: Page) => Steps<boolean> },
  pool: Pool,
  page: Page,
): Steps<boolean> {
  return yield* this.page_pool_recycle_in_ring(pool, page)
}
