/**
 * Two users of one pool: two ports (cpsw), or a driver and the memory model it registered
 * (page_pool_use_xdp_mem()). Each gives up its share in a context of its own; whoever is last destroys.
 */
import { functions, step, when, type Steps } from '../step.ts'
import type { Kernel } from '../kernel.ts'
import { TASK0 } from '../world/sync/context.ts'
import { refcount_inc } from '../world/memory/refcount.ts'
import type { Pool } from '../world/world.ts'
import type { Driver } from './driver.ts'
import { nic } from './nic.ts'

const POOL: Pool = 0

const { other_port_stop } = functions({
  /** The other user has no packets of its own under way. */
  *other_port_stop(this: Kernel): Steps {
    yield* this.page_pool_destroy(POOL)
    yield* step('the other port is closed', (w) => {
      w.driver.other_port = 'closed'
    })
  },
})

export const twoPorts: Driver = {
  functions: {
    *nic_open(this: Kernel): Steps {
      yield* step('refcount_inc(&pool->user_cnt)', (w) => {
        const it = w.pool(POOL)
        it.user_cnt = refcount_inc(w, it.user_cnt)
        w.driver.other_port = 'open'
      })
      yield* nic.nic_open.call(this)
    },
    /** The device goes when both are closed. */
    *nic_remove(this: Kernel): Steps {
      yield* nic.nic_remove.call(this)
      yield* when('every port is closed', (w) => w.driver.other_port === 'closed')
    },
  },
  events: () => [
    {
      context: TASK0,
      name: 'the other port is closed',
      sort: 'end',
      args: [],
      guard: (w) => w.driver.other_port === 'open',
      effect: (w) => {
        w.driver.other_port = 'closing'
      },
      fn: other_port_stop,
    },
  ],
}
