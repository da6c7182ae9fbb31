/**
 * bnxt: __free_page() on a page that is still the pool's, when there was no memory for the skb (97f5e03a4a27,
 * 2023). mlx5 did the same with put_page() in 2019.
 */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../../model/step.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import { nextOfRing, rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import type { Holder } from '../../../model/scope/bounds.ts'
import { enqueue } from '../../../model/skb/stack.ts'
import { fails } from '../../../model/world/fault.ts'
import { put_page } from '../../../model/world/memory/page.ts'
import type { Page, Pool } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = '97f5e03a4a27 (bnxt, 2023); "mlx5: more strict use of page_pool API" (2019)'

const receives = (give_up: (kernel: Kernel, pool: Pool, page: Page) => Steps): Partial<Driver> => ({
  functions: {
    *nic_receive(this: Kernel, holder: Holder): Steps {
      const pool = yield* rq_page_pool()
      const page = yield* step('page = rxr->rx_buf_ring[cons]', nextOfRing)
      if (page === NONE) return
      if (yield* fails('napi_build_skb()')) yield* give_up(this, pool, page)
      else yield* step('napi_gro_receive(skb)', (w) => enqueue(w, holder, page))
    },
  },
})

export const freePage = onLinux612({
  id: 'free-page',
  title: '__free_page() where there is no skb',
  source,
  brings: receives((_kernel, _pool, page) => put_page(page)),
  breaks: {
    'no-page-freed-with-signature': 'the pool never heard of it: "Bad page state: page_pool leak"',
    'no-page-freed-while-mapped': 'and it was the pool that had mapped it',
    'in-flight-equals-ledger': 'it stays counted for ever',
    'nothing-left-at-rest': 'so the pool is never freed',
  },
})
export const recycleDirect = onLinux612({
  id: 'recycle-direct',
  title: 'page_pool_recycle_direct() where there is no skb',
  source,
  brings: receives((kernel, pool, page) => kernel.page_pool_put_page(pool, page, true)),
})
