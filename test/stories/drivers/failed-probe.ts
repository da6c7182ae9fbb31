/**
 * probe() fails after the pool was made and the RX ring filled: the error path undoes both, in that order
 * (73e940c4249d, lan966x, 2026: the pool was leaked; "net: fec: handle page_pool_dev_alloc_pages error", 2025).
 */
import { functions, type Steps } from '../../../model/step.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { fails } from '../../../model/world/fault.ts'
import type { Pool } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = '73e940c4249d (lan966x, 2026)'
const POOL: Pool = 0

const probes = (undo: () => Steps): Partial<Driver> => ({
  functions: {
    *nic_probe(this: Kernel): Steps<boolean> {
      if ((yield* this.page_pool_create(POOL)) < 0) return false
      yield* this.nic_refill()
      if (yield* fails('request_irq()')) {
        yield* undo()
        return false
      }
      yield* this.nic_open()
      return true
    },
  },
})
const { return_err, err_destroy_pool, err_free_ring } = functions({
  *return_err(this: Kernel): Steps {},
  *err_destroy_pool(this: Kernel): Steps {
    yield* this.page_pool_destroy(POOL)
  },

  *err_free_ring(this: Kernel): Steps {
    yield* this.nic_free_rx_ring(POOL)
    yield* this.page_pool_destroy(POOL)
  },
})

export const probeLosesAll = onLinux612({
  id: 'probe-loses-all',
  title: 'probe() returns the error of request_irq(), and that is all',
  source,
  brings: probes(return_err),
  breaks: {
    'no-mapping-outlives-its-driver': 'the driver is gone with its RX ring mapped',
    'nothing-left-at-rest': 'pool and pages are lost',
  },
})
export const probeLosesRing = onLinux612({
  id: 'probe-loses-ring',
  title: 'the error path destroys the pool and forgets the RX ring',
  source,
  brings: probes(err_destroy_pool),
  breaks: { 'nothing-left-at-rest': 'the pages stay in the ring, and the pool waits for them' },
})
export const probeUndoes = onLinux612({
  id: 'probe-undoes',
  title: 'the error path empties the RX ring and destroys the pool',
  source,
  brings: probes(err_free_ring),
})
