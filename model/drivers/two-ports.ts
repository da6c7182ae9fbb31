/**
 * Two ports that share one pool (cpsw, and every queue whose memory model is registered: each is a user,
 * page_pool_use_xdp_mem()). All under rtnl: either port may be closed first, and the last one destroys.
 */
import { call, loop, step, type Steps } from '../../engine/step.ts'
import type { Kernel } from '../kernel.ts'
import { RTNL } from '../world/context.ts'
import { refcount_inc } from '../world/refcount.ts'
import type { Pool, World } from '../world/world.ts'
import type { Driver } from './driver.ts'
import { nic } from './nic.ts'

const POOL: Pool = 0

/** ndo_stop() of the other port, which has no packets of its own under way. */
function* other_port_stop(this: Kernel): Steps {
  yield* call(this.page_pool_destroy, POOL)
  yield* step('the other port is closed', (w: World) => {
    w.driver.other_port = 'closed'
  })
}

export const twoPorts: Driver = {
  functions: {
    *nic_open(this: Kernel): Steps {
      yield* step('refcount_inc(&pool->user_cnt)', (w: World) => {
        const it = w.pool(POOL)
        it.user_cnt = refcount_inc(w, it.user_cnt)
        w.driver.other_port = 'open'
      })
      yield* nic.nic_open.call(this)
    },
    /** The device goes with both ports: the other one is closed after this one, if it is still open. */
    *nic_remove(this: Kernel): Steps {
      yield* this.nic_stop()
      yield* loop(this.nic_free_rx_slot, POOL)
      yield* call(this.page_pool_destroy, POOL)
      const open = yield* step('the other port is open', (w: World) => {
        return w.driver.other_port === 'open'
      })
      if (open) yield* call(other_port_stop)
    },
  },
  events: () => [
    {
      context: RTNL,
      name: 'the other port is closed',
      sort: 'work',
      args: [],
      guard: (w) => w.dev.driver === 'bound' && w.driver.other_port === 'open',
      fn: other_port_stop,
    },
  ],
}
