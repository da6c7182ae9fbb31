/** Weaknesses of the common return path that every design built on it shares. */

/** CVE-2025-38129, found long after most of these designs were written. */
export const ringUnlockRace = {
  'no-lock-in-freed-memory':
    'page_pool_recycle_in_ring() releases producer_lock after the page is visible in the ring: the release work may take the page, count it and free the pool before the unlock (271683bb2cf3, "page_pool: Fix use-after-free in page_pool_recycle_in_ring", 2025)',
} as const
