/** Weaknesses of the common return path that every design built on it shares. */

import { ways } from '../design.ts'

/** CVE-2025-38129, found long after most of these designs were written. */
export const ringUnlockRace = {
  'no-use-of-freed-pool': ways(
    'page_pool_recycle_in_ring() goes on in the ring, and counts, after the page is visible there: the release work may take the page, count it and free the pool meanwhile (271683bb2cf3, "page_pool: Fix use-after-free in page_pool_recycle_in_ring", 2025)',
    'if (r->producer >= r->size) r->producer = 0 in __ptr_ring_produce amid __ptr_ring_produce',
    'recycle_stat_inc in page_pool_recycle_in_ring amid page_pool_recycle_in_ring',
  ),
  'no-lock-in-freed-memory': ways(
    'the same race: producer_lock is released in the freed pool',
    'spin_unlock in spin_unlock amid spin_unlock',
    'spin_unlock_bh in spin_unlock_bh amid spin_unlock_bh',
  ),
} as const

/** What a late unmap or sync meets when the VF is not only unbound but deleted. */
export const afterDeviceDel = (...names: readonly string[]) => ({
  'no-dma-after-iommu-release': ways(
    'the same, after device_del() took the IOMMU group away: the oops in iommu_get_dma_domain() that was reported in 2024-07',
    ...names,
  ),
})

export const cacheOfTwo =
  'pool->alloc.count in page_pool_empty_alloc_cache_once amid page_pool_recycle_in_cache'
export const leftInCache =
  'the page that went into the cache after it was emptied stays there: the cache is emptied once, the pool is never freed'
const freedUnderRecycler =
  'destroy finds the page in the cache, counts it and frees the pool under the recycler, who still counts what it recycled (with CONFIG_PAGE_POOL_STATS)'
const countsWhatItRecycled =
  'recycle_stat_inc in page_pool_recycle_in_cache amid page_pool_recycle_in_cache'

/** With CONFIG_PAGE_POOL_STATS: who recycles goes on with the pool after the page is visible to others. */
export const countsCached = {
  'no-use-of-freed-pool': { [countsWhatItRecycled]: freedUnderRecycler },
} as const
export const countsBulk = {
  'no-use-of-freed-pool': {
    'recycle_stat_add in page_pool_recycle_ring_bulk amid page_pool_recycle_ring_bulk':
      'the same race of producer_lock: what a bulk recycled is counted after the unlock (bdea4980182e, "net: page_pool: fix use-after-free in page_pool_recycle_ring_bulk()", 2026)',
  },
} as const

/** Windows that pools of 6.4 and later have when their NAPI is used again before they are destroyed. */
export const directRecyclingBesideDestroy = {
  'alloc-cache-has-one-user': ways(
    'a softirq that has read pool->p.napi is late; NAPI is restarted and scheduled on its CPU, list_owner matches, and it recycles into the cache that page_pool_destroy() empties (J. Kicinski, 2024-12-06, <20241206080943.32da477c@kernel.org>)',
    cacheOfTwo,
  ),
  'nothing-left-at-rest': ways(
    leftInCache,
    'state: page N in the alloc cache, the pool at rest amid page_pool_napi_local and synchronize_rcu',
  ),
  'no-use-of-freed-pool': ways(freedUnderRecycler, countsWhatItRecycled),
} as const

/** Without preemption a returner is an RCU reader until it has returned, wherever it is. */
export const graceKeeps = {
  'no-unmap-after-unbind':
    'every returner is a reader, so the grace period of the unregister path waits for the winner',
  'no-mapping-outlives-its-driver': 'the same',
  'no-use-of-freed-device': 'the same, and whoever reads the device has ended, too',
  'no-dma-after-iommu-release': 'the same',
} as const
