/** The pool is destroyed while NAPI still polls: napi_disable() comes after page_pool_destroy(). */
import { rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Steps } from '../../../model/step.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  'net/core/page_pool.c, page_pool_destroy(): the driver disables NAPI first; "page_pool: unlink from napi during destroy" (2023)'

export const lateNapi = onLinux612({
  id: 'late-napi',
  title: 'napi_disable() after page_pool_destroy()',
  source,
  brings: {
    functions: {
      *nic_remove(this: Kernel): Steps {
        const pool = yield* rq_page_pool()
        yield* this.page_pool_destroy(pool)
        yield* this.nic_stop()
        yield* this.nic_free_rx_ring(pool)
      },
    },
  },
  breaks: {
    'alloc-cache-has-one-user': 'the poll allocates from the cache that destroy empties',
    'no-use-of-freed-pool': 'the poll allocates from a pool that was freed',
    'no-lock-in-freed-memory': 'the poll recycles into a pool that was freed',
    'in-flight-equals-ledger':
      'a page is in the cache and not yet counted when destroy takes it out',
    'in-flight-never-negative': 'so it is released before it was held',
    'pool-freed-only-when-empty': 'and the pool is freed when it is about to be counted',
    'no-unmap-after-unbind': 'a page is mapped after destroy has unmapped all',
    'no-dma-after-iommu-release': 'the same',
    'nothing-left-at-rest': 'a page goes into the cache when it was emptied for good',
  },
})
export const napiFirst = onLinux612({
  id: 'napi-first',
  title: 'napi_disable() before page_pool_destroy()',
  source,
})
