/**
 * A queue that gets a new pool while its NAPI lives on: netdev_rx_queue_restart() (net/core/netdev_rx_queue.c,
 * 6.12), with a driver that keeps to the order of 64fdaa94bfe0: memory for the new queue, stop with NAPI
 * disabled, start, and only then the memory of the old queue is freed.
 */
import { functions, step, type Steps } from '../step.ts'
import type { Kernel } from '../kernel.ts'
import { RTNL } from '../world/sync/context.ts'
import { synchronize_rcu } from '../world/sync/rcu.ts'
import type { Pool } from '../world/world.ts'
import type { Driver } from './driver.ts'

const OLD: Pool = 0
const NEW: Pool = 1

const { ndo_queue_stop, wait_and_ndo_queue_stop, swap_rings, ndo_queue_start } = functions({
  /** NAPI is stopped, the old pool forgets it, and the pages that were posted go back. */
  *ndo_queue_stop(this: Kernel): Steps {
    yield* this.nic_stop()
    yield* this.page_pool_disable_direct_recycling(OLD)
    yield* this.nic_free_rx_ring(OLD)
  },

  /** Whoever reads the old pool's NAPI between the two is not waited for. */
  *wait_and_ndo_queue_stop(this: Kernel): Steps {
    yield* synchronize_rcu()
    yield* ndo_queue_stop()
  },

  /** A ring swap of 2023: nobody tells the old pool about NAPI until it is destroyed, when NAPI runs again. */
  *swap_rings(this: Kernel): Steps {
    yield* this.nic_stop()
    yield* this.nic_free_rx_ring(OLD)
  },

  *ndo_queue_start(this: Kernel): Steps {
    yield* step('rq->page_pool = new', (w) => {
      w.driver.pool = NEW
    })
    yield* this.nic_open()
  },
})
export const { ndo_queue_stop_and_wait } = functions({
  /** And softirqs that read the old pool's NAPI have ended before it runs again. */
  *ndo_queue_stop_and_wait(this: Kernel): Steps {
    yield* ndo_queue_stop()
    yield* synchronize_rcu()
  },
})

const restarts = (stop: () => Steps): Driver => ({
  functions: {},
  events: () => [
    {
      context: RTNL,
      name: 'the RX queue is restarted',
      sort: 'work',
      args: [],
      guard: (w) => w.dev.driver === 'bound' && w.driver.pool === OLD,
      fn: function* netdev_rx_queue_restart(this: Kernel): Steps {
        if ((yield* this.page_pool_create(NEW)) < 0) return
        yield* stop()
        yield* ndo_queue_start()
        yield* this.page_pool_destroy(OLD)
      },
    },
  ],
})
export const queueRestart = restarts(ndo_queue_stop)
export const queueRestartWaits = restarts(ndo_queue_stop_and_wait)
export const queueRestartWaitsEarly = restarts(wait_and_ndo_queue_stop)
export const lateUnlink = restarts(swap_rings)
