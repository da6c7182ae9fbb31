import { BROKE_OFF } from '../../engine/system.ts'

/** What a mechanism can see go wrong. Properties of the kind "never" name these. */
export type ReportKind =
  /** dma_unmap_page() when the device's driver is gone. */
  | 'unmap-after-unbind'
  /** dma_sync_*() when the device's driver is gone. */
  | 'sync-after-unbind'
  /** The same after iommu_release_device(): no group, no domain. */
  | 'unmap-after-iommu-release'
  | 'sync-after-iommu-release'
  /** A mapping is alive at BUS_NOTIFY_UNBOUND_DRIVER (dma-debug: "device driver has pending DMA allocations"). */
  | 'mapping-outlives-driver'
  /** dma-debug: "device driver tries to free DMA memory it has not allocated". */
  | 'unmap-of-unmapped'
  /** dma-debug: "device driver tries to sync DMA memory it has not allocated". */
  | 'sync-of-unmapped'
  /** struct device used after its last reference was dropped. */
  | 'use-of-freed-device'
  /** A device reference was dropped that nobody held. */
  | 'device-reference-underflow'
  /** A page went back to the allocator with a live mapping. */
  | 'freed-while-mapped'
  /** A page went back to the allocator with PP_SIGNATURE in it ("Bad page state: page_pool leak"). */
  | 'freed-with-signature'
  | 'use-of-freed-pool'
  /** page->pp was followed when it was NULL. */
  | 'null-pool'
  /** struct page written after the page went back to the allocator. */
  | 'use-of-freed-page'
  /** struct page read after the page went back to the allocator. */
  | 'read-of-freed-page'
  | 'page-freed-twice'
  /** A page is put somewhere while it is somewhere else. */
  | 'two-places'
  /** Two contexts are inside alloc.cache at once. */
  | 'alloc-cache-race'
  /** The in-flight count the kernel acted on is not the true one. */
  | 'inflight-wrong'
  /** The kernel read a negative in-flight count ("Negative(%d) inflight packet-pages"). */
  | 'inflight-negative'
  /** A pool was freed while pages it took were not given back. */
  | 'pool-freed-in-flight'
  /** napi_struct read after what it lies in was freed. */
  | 'use-of-freed-napi'
  /** The device may write into a page that the CPU touched and nobody synced, though the pool was to. */
  | 'unsynced-page-posted'
  /** A page is returned, or bottom halves are enabled, with hard interrupts disabled. */
  | 'interrupts-off'
  /** A pool forgets its NAPI, or is destroyed, while that NAPI runs (napi_assert_will_not_race()). */
  | 'napi-may-race'
  /** NAPI is enabled with a pool that does not know it: nothing is recycled into alloc.cache any more. */
  | 'recycling-lost'
  /** A producer of a ptr_ring wrote where another one had: its pointer is lost. */
  | 'slot-overwritten'
  /** struct xdp_mem_allocator used after its RCU callback freed it. */
  | 'use-of-freed-allocator'
  /** A refill put a page into the cache that lies on another node than the pool prefers. */
  | 'remote-page-refilled'
  /** A page on the preferred node was released because of its node. */
  | 'local-page-released'
  /** One refill released more than one page. */
  | 'refill-releases-many'
  /** A refill took more than PP_ALLOC_CACHE_REFILL pages, or stopped before for no reason. */
  | 'refill-size'
  /** page_pool_update_nid() left a page of another node in the cache. */
  | 'remote-page-kept'
  /** An allocation failed while the pool had pages on the preferred node. */
  | 'allocation-failed-with-pages'
  | 'sleeping-while-atomic'
  | 'lock-imbalance'
  /** A lock inside freed memory was taken or released. */
  | 'lock-in-freed-memory'
  | 'id-freed-twice'
  /** A step could not be carried out: the engine reports what it threw. */
  | typeof BROKE_OFF

/** After these the kernel's memory is corrupt; what follows would only be consequences. */
export const fatalKinds: ReadonlySet<ReportKind> = new Set<ReportKind>([
  'use-of-freed-device',
  'use-of-freed-pool',
  'use-of-freed-allocator',
  'use-of-freed-napi',
  'null-pool',
  'use-of-freed-page',
  'page-freed-twice',
  'two-places',
  'alloc-cache-race',
  'lock-in-freed-memory',
  'lock-imbalance',
  BROKE_OFF,
])
