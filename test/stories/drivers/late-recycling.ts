/**
 * A queue restart that fails half-way (netdev_rx_queue_restart(), net/core/netdev_rx_queue.c, 6.12: err_start_queue
 * and err_free_new_queue_mem). The new pool was made for a NAPI that still runs, and is destroyed under it; the
 * old one was told to forget NAPI, and nobody tells it again (64fdaa94bfe0, 2025).
 */
import { functions, step, type Steps } from '../../../model/step.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import { ndo_queue_stop_and_wait } from '../../../model/drivers/queue-restart.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { RTNL } from '../../../model/world/sync/context.ts'
import { fails } from '../../../model/world/fault.ts'
import type { Pool } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  '64fdaa94bfe0 ("net: page_pool: allow enabling recycling late, fix false positive warning", 2025)'
const OLD: Pool = 0
const NEW: Pool = 1

const { ndo_queue_start, ndo_queue_start_enables } = functions({
  *ndo_queue_start(this: Kernel, pool: Pool): Steps {
    yield* step('rq->page_pool = pool', (w) => {
      w.driver.pool = pool
    })
    yield* this.nic_open()
  },

  *ndo_queue_start_enables(this: Kernel, pool: Pool): Steps {
    yield* this.page_pool_enable_direct_recycling(pool)
    yield* ndo_queue_start(pool)
  },
})

interface Way {
  /** The new pool knows NAPI from the start. */
  readonly linked: boolean
  readonly start: (pool: Pool) => Steps
  readonly failing: 'ndo_queue_stop()' | 'ndo_queue_start()'
}
const restarts = ({ linked, start, failing }: Way): Partial<Driver> => ({
  events: () => [
    {
      context: RTNL,
      name: 'the RX queue is restarted',
      sort: 'work',
      args: [],
      guard: (w) => w.dev.driver === 'bound' && w.driver.pool === OLD,
      *fn(this: Kernel): Steps {
        if ((yield* this.page_pool_create(NEW, linked)) < 0) return
        if (failing === 'ndo_queue_stop()' && (yield* fails('ndo_queue_stop()')))
          return yield* this.page_pool_destroy(NEW)
        // With the grace period: this story is about another rule than the one that needs it.
        yield* ndo_queue_stop_and_wait()
        if (
          failing === 'ndo_queue_start()' &&
          (yield* fails('ndo_queue_start() of the new queue'))
        ) {
          yield* start(OLD)
          return yield* this.page_pool_destroy(NEW)
        }
        yield* start(NEW)
        yield* this.page_pool_destroy(OLD)
      },
    },
  ],
})

const early = { linked: true, start: ndo_queue_start }
const late = { linked: false, start: ndo_queue_start_enables }
const breaks = {
  'napi-and-its-pool-agree': 'the pool knows its NAPI before it is sure that it will be used',
}

export const stopFailsLinkedEarly = onLinux612({
  id: 'stop-fails-linked-early',
  title: 'ndo_queue_stop() fails, and the new pool is destroyed under the running NAPI',
  source,
  brings: restarts({ ...early, failing: 'ndo_queue_stop()' }),
  breaks,
})
export const stopFailsLinkedLate = onLinux612({
  id: 'stop-fails-linked-late',
  title: 'ndo_queue_stop() fails, and the new pool knows no NAPI yet',
  source,
  brings: restarts({ ...late, failing: 'ndo_queue_stop()' }),
})
export const startFailsLinkedEarly = onLinux612({
  id: 'start-fails-linked-early',
  title: 'ndo_queue_start() fails, and the old pool has forgotten its NAPI',
  source,
  brings: restarts({ ...early, failing: 'ndo_queue_start()' }),
  breaks,
})
export const startFailsLinkedLate = onLinux612({
  id: 'start-fails-linked-late',
  title: 'ndo_queue_start() fails, and the old pool is told of its NAPI again',
  source,
  brings: restarts({ ...late, failing: 'ndo_queue_start()' }),
})
