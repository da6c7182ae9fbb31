/**
 * page_pool_recycle_direct(), or allow_direct, where NAPI does not run. In 6.1 __page_pool_put_page() asks for
 * in_softirq() itself; in 6.12 the caller is believed.
 */
import { NONE } from '../../../engine/state/layout.ts'
import { again, functions, step, when, type Steps } from '../../../model/step.ts'
import { nextOfRing, nic, rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { KWORKER } from '../../../model/world/sync/context.ts'
import type { Page, Pool } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  'include/net/page_pool/helpers.h, page_pool_recycle_direct(): the caller guarantees safe context; Y. Lin, RFC v1, 2024-09: DEBUG_NET_WARN(allow_direct && pool->destroy_cnt)'

/** The RX ring is emptied when the pool is gone; how, is the question. */
const remove = (free_ring: (pool: Pool) => Steps): Partial<Driver> => ({
  functions: {
    *nic_remove(this: Kernel): Steps {
      yield* this.nic_stop()
      const pool = yield* rq_page_pool()
      yield* this.page_pool_destroy(pool)
      yield* free_ring(pool)
    },
  },
})
const { free_ring_directly, free_ring } = functions({
  *free_ring_directly(this: Kernel, pool: Pool): Steps {
    for (;;) {
      yield* again('for (i = 0; i < rq->size; i++)')
      const page = yield* step('page = rq->ring[i]', nextOfRing)
      if (page === NONE) return
      yield* this.page_pool_put_page(pool, page, true)
    }
  },
  *free_ring(this: Kernel, pool: Pool): Steps {
    yield* this.nic_free_rx_ring(pool)
  },
})

export const directAfterDestroy = onLinux612({
  id: 'direct-after-destroy',
  title: 'remove() destroys the pool, then recycles the RX ring directly',
  source,
  brings: remove(free_ring_directly),
  breaks: {
    'nothing-left-at-rest': 'alloc.cache was emptied for good before the page went into it',
  },
})
export const ringAfterDestroy = onLinux612({
  id: 'ring-after-destroy',
  title: 'remove() destroys the pool, then puts the RX ring',
  source,
  brings: remove(free_ring),
})

/** A work item that gives up what the RX ring holds, while the queue is up: a reset, an RX time-out. */
const resets = (reset_work: (this: Kernel) => Steps): Partial<Driver> => ({
  functions: {
    *nic_stop(this: Kernel): Steps {
      yield* nic.nic_stop.call(this)
      yield* when('cancel_work_sync(&rq->reset_work)', (w) => w.task(KWORKER).pc === 0)
    },
  },
  events: () => [
    {
      context: KWORKER,
      name: 'reset_work runs',
      sort: 'work',
      args: [],
      guard: (w) => w.driver.napi_enabled && w.driver.rx_ring.length > 0,
      fn: reset_work,
    },
  ],
})
const one = (put: (kernel: Kernel, pool: Pool, page: Page) => Steps) =>
  function* reset_work(this: Kernel): Steps {
    const pool = yield* rq_page_pool()
    const page = yield* step('page = rq->ring[i]', nextOfRing)
    if (page !== NONE) yield* put(this, pool, page)
  }

export const directFromWork = onLinux612({
  id: 'direct-from-work',
  title: 'a reset worker recycles a page directly while NAPI runs',
  source,
  brings: resets(one((kernel, pool, page) => kernel.page_pool_put_page(pool, page, true))),
  breaks: { 'alloc-cache-has-one-user': 'kworker and NAPI are inside alloc.cache at once' },
})
export const ringFromWork = onLinux612({
  id: 'ring-from-work',
  title: 'a reset worker puts the page into the ring',
  source,
  brings: resets(one((kernel, pool, page) => kernel.page_pool_put_page(pool, page, false))),
})
