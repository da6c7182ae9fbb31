/** What kernel readers call things: the order of net/core/page_pool.c, types of parameters, fields, constants. */
import type { Spelling } from '../c-code/frame.ts'

/** Functions in the order of net/core/page_pool.c; those of several versions side by side. */
const ORDER: readonly string[] = [
  'page_pool_producer_lock',
  'page_pool_producer_unlock',
  '__page_pool_init',
  'page_pool_init',
  'page_pool_uninit',
  'page_pool_create',
  'page_pool_refill_alloc_cache',
  '__page_pool_get_cached',
  'page_pool_dma_sync_for_device',
  'page_pool_register_dma_index',
  '__page_pool_unmap_netmem_dma',
  'page_pool_dma_map',
  '__page_pool_alloc_page_order',
  '__page_pool_alloc_pages_slow',
  'page_pool_alloc_pages',
  'page_pool_inflight',
  'page_pool_set_pp_info',
  'page_pool_clear_pp_info',
  'netmem_set_dma_index',
  '__page_pool_release_netmem_dma',
  'page_pool_release_page_dma',
  'page_pool_release_page',
  '__page_pool_return_page',
  'page_pool_return_page',
  'page_pool_recycle_in_ring',
  'page_pool_recycle_in_cache',
  '__page_pool_put_page',
  'page_pool_napi_local',
  'page_pool_put_unrefed_page',
  'page_pool_is_last_frag',
  'page_pool_unref_page',
  'page_pool_put_page',
  'page_pool_recycle_ring_bulk',
  'page_pool_put_page_bulk',
  'page_pool_drain_frag',
  'page_pool_free_frag',
  'page_pool_alloc_frag',
  'page_pool_empty_ring',
  '__page_pool_destroy',
  'page_pool_empty_alloc_cache_once',
  'page_pool_scrub',
  'page_pool_release',
  'page_pool_release_retry',
  'page_pool_use_xdp_mem',
  'page_pool_enable_direct_recycling',
  'page_pool_disable_direct_recycling',
  'page_pool_destroy',
  'page_pool_update_nid',
  'page_pool_nid_changed',
]
/** Where it stands in page_pool.c; undefined: nowhere. */
export const placeIn = (name: string): number | undefined => {
  const at = ORDER.indexOf(name)
  return at === -1 ? undefined : at
}

const PREFIXES = /^_*(page_pool|netmem|xdp|mem)_/
/** Does a reader look for it in the kernel? Other functions are there because the model needs a piece of one. */
export const isKernelName = (name: string): boolean => PREFIXES.test(name)

const TYPES: Readonly<Record<string, string>> = {
  pool: 'struct page_pool *',
  page: 'struct page *',
  pages: 'struct page **',
  bulk: 'int ',
  rxq: 'struct xdp_rxq_info *',
  lock: 'spinlock_t *',
  of: 'void *',
  skb: 'struct sk_buff *',
  allow_direct: 'bool ',
  napi_direct: 'bool ',
  linked: 'bool ',
  softirq: 'bool ',
  strict: 'bool ',
  dma_sync_size: 'unsigned int ',
  size: 'unsigned int ',
  nr: 'long ',
  id: 'u32 ',
  nid: 'int ',
  pref_nid: 'int ',
  curr_nid: 'int ',
  err: 'int ',
  inflight: 's32 ',
  slot: 'int ',
}
/** With the space or the star that stands in front of the name. */
export const typeOf = (variable: string): string | undefined =>
  Object.hasOwn(TYPES, variable) ? TYPES[variable] : undefined
/** What NULL points to, where nothing else says it. */
export const POINTER = 'struct page *'
/** Parameters a function takes any number of. */
export const LIST = 'struct page **'

export const spelling: Spelling = {
  bounds: {
    bulk: 'PP_ALLOC_CACHE_REFILL',
    cacheSize: 'PP_ALLOC_CACHE_SIZE',
    ringSize: 'RING_SIZE',
    pages: 'NR_PAGES',
    ids: 'MEM_ID_MAX',
  },
  none: (variable) => {
    if (/nid$|node$/.test(variable)) return 'NUMA_NO_NODE'
    return variable.endsWith('cpuid') ? '-1' : undefined
  },
  fields: { 'alloc.cache_len': 'alloc.count', alloc_cache: 'alloc.cache' },
}
