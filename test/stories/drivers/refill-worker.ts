/**
 * octeontx2: NAPI finds no memory and leaves the refill to a delayed work, so that the cache has two users on two
 * CPUs. The repair lets the work do nothing but schedule NAPI (173d9d060c92, 2023).
 */
import { functions, step, when, type Steps } from '../../../model/step.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import { nic } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { KWORKER } from '../../../model/world/sync/context.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = '173d9d060c92 ("octeontx2-pf: Fix page pool cache index corruption.", 2023)'

const works = (otx2_pool_refill_task: (this: Kernel) => Steps): Partial<Driver> => ({
  functions: {
    *nic_stop(this: Kernel): Steps {
      yield* nic.nic_stop.call(this)
      yield* when(
        'cancel_delayed_work_sync(&refill_wrk->pool_refill_work)',
        (w) => w.task(KWORKER).pc === 0,
      )
    },
  },
  events: () => [
    {
      context: KWORKER,
      name: 'pool_refill_work runs',
      sort: 'work',
      args: [],
      guard: (w) => w.driver.napi_enabled && w.driver.rx_ring.length < w.driver.rx_ring.capacity,
      fn: otx2_pool_refill_task,
    },
  ],
})
const { work_allocates, work_schedules } = functions({
  *work_allocates(this: Kernel): Steps {
    yield* this.nic_refill()
  },

  *work_schedules(this: Kernel): Steps {
    yield* step('napi_schedule(&cq_poll->napi)', (w) => {
      // Without effect on an instance that is disabled, or scheduled already.
      if (w.driver.napi_enabled) w.driver.napi_scheduled = true
    })
  },
})

export const refillWorker = onLinux612({
  id: 'refill-worker',
  title: 'a delayed work allocates what NAPI could not',
  source,
  brings: works(work_allocates),
  breaks: { 'alloc-cache-has-one-user': 'the work and NAPI are inside alloc.cache at once' },
})
export const refillByNapi = onLinux612({
  id: 'refill-by-napi',
  title: 'the work schedules NAPI',
  source,
  brings: works(work_schedules),
})
