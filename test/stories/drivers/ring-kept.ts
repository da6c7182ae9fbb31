/** remove() forgets what is posted: the pages of the RX ring are never put. */
import { rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Steps } from '../../../model/step.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  'Documentation/networking/page_pool.rst: whoever allocates a page returns it; "page_pool_release_retry() stalled pool shutdown"'

export const ringKept = onLinux612({
  id: 'ring-kept',
  title: 'the RX ring is freed with its pages in it',
  source,
  brings: {
    functions: {
      *nic_remove(this: Kernel): Steps {
        yield* this.nic_stop()
        const pool = yield* rq_page_pool()
        yield* this.page_pool_destroy(pool)
      },
    },
  },
  breaks: { 'nothing-left-at-rest': 'the pages stay in the ring, and the pool waits for them' },
})
export const ringEmptied = onLinux612({
  id: 'ring-emptied',
  title: 'the RX ring is emptied first',
  source,
})
