/**
 * A driver that takes its napi_struct away in the wrong order, as idpf and bnxt do: the grace period that
 * netif_napi_del() asks for comes before page_pool_destroy(), and the memory is freed right after it.
 */
import { rq_page_pool } from './nic.ts'
import { step, type Steps } from '../step.ts'
import type { Kernel } from '../kernel.ts'
import { synchronize_rcu } from '../world/sync/rcu.ts'
import type { Driver } from './driver.ts'

export const napiFreedEarly: Driver = {
  functions: {
    *nic_remove(this: Kernel): Steps {
      yield* this.nic_stop()
      yield* synchronize_rcu()
      const pool = yield* rq_page_pool()
      yield* this.nic_free_rx_ring(pool)
      yield* this.page_pool_destroy(pool)
      yield* step('kfree(bp->bnapi)', (w) => {
        w.napi.freed = true
      })
    },
  },
  events: () => [],
}
