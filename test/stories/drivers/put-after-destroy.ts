/**
 * The RX ring is emptied after page_pool_destroy(). Until 5.5 the pool could be gone by then (mlx5 destroyed its
 * pool before it drained its page cache). Since c3f812cea0d7 the pages that are out keep it, and all that is
 * left is what the last put does to the pool after its page is visible in the ring.
 */
import { rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Steps } from '../../../model/step.ts'
import { deferredRelease } from '../../../model/shutdown/deferred-release.ts'
import type { Design } from '../../../model/design.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  '"mlx5: more strict use of page_pool API" (2019); c3f812cea0d7 (2019); 271683bb2cf3 (2025)'
const brings: Design['brings'] = {
  functions: {
    *nic_remove(this: Kernel): Steps {
      yield* this.nic_stop()
      const pool = yield* rq_page_pool()
      yield* this.page_pool_destroy(pool)
      yield* this.nic_free_rx_ring(pool)
    },
  },
}

export const putAfterDestroy: Design = {
  ...deferredRelease,
  id: 'put-after-destroy',
  title: 'the RX ring is emptied after page_pool_destroy(), and producers are not waited for',
  source,
  brings,
  worlds: {},
}
export const putBeforeDestroy: Design = {
  ...deferredRelease,
  id: 'put-before-destroy',
  title: 'the RX ring is emptied before page_pool_destroy()',
  source,
  worlds: {},
}
/** The same driver where who frees the pool takes producer_lock once before. */
export const putAfterDestroyWaited = onLinux612({
  id: 'put-after-destroy-waited',
  title: 'the RX ring is emptied after page_pool_destroy(), on 6.12',
  source,
  brings,
})
