/** Two teardown paths meet the same queue, one after the other (the pattern of bnx2x, CVE-2024-26859). */
import type { Steps } from '../../../model/step.ts'
import { nic, rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = 'CVE-2024-26859 (bnx2x, 2024), the same with a pool'

export const destroyedTwice = onLinux612({
  id: 'destroyed-twice',
  title: 'ndo_stop() destroys the pool, and remove() destroys it again',
  source,
  brings: {
    functions: {
      *nic_remove(this: Kernel): Steps {
        yield* nic.nic_remove.call(this)
        const pool = yield* rq_page_pool()
        yield* this.page_pool_destroy(pool)
      },
    },
  },
  breaks: {
    'no-use-of-freed-pool': 'the count of users is in memory that was freed, or goes below zero',
  },
})
export const destroyedTwiceInUse = onLinux612({
  id: 'destroyed-twice-in-use',
  title: 'the pool is destroyed twice before its RX ring is emptied',
  source,
  brings: {
    functions: {
      *nic_open(this: Kernel): Steps {
        yield* this.nic_refill()
        yield* nic.nic_open.call(this)
      },
      *nic_remove(this: Kernel): Steps {
        yield* this.nic_stop()
        const pool = yield* rq_page_pool()
        yield* this.page_pool_destroy(pool)
        yield* this.page_pool_destroy(pool)
        yield* this.nic_free_rx_ring(pool)
      },
    },
  },
  breaks: { 'no-use-of-freed-pool': 'refcount_t: underflow; use-after-free.' },
})
export const destroyedOnce = onLinux612({
  id: 'destroyed-once',
  title: 'the pool is destroyed once',
  source,
})
