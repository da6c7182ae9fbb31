/**
 * Pages that are given back, or passed on, twice on the RX path. The API asks for one put per page
 * (Documentation/networking/page_pool.rst); mlx5 released the fragments of a WQE again when the refill after a
 * failed one met them (ef9369e9c308, 2023).
 */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../../model/step.ts'
import { nextOfRing, rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import type { Holder } from '../../../model/scope/bounds.ts'
import { enqueue } from '../../../model/skb/stack.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = 'Documentation/networking/page_pool.rst; ef9369e9c308 (mlx5, 2023)'

export const doublePut = onLinux612({
  id: 'double-put',
  title: 'XDP_DROP recycles the page, and so does the caller of the program',
  source,
  brings: {
    functions: {
      *nic_xdp_drop(this: Kernel): Steps {
        const pool = yield* rq_page_pool()
        const page = yield* step('page = rq->ring[i]', nextOfRing)
        if (page === NONE) return
        yield* this.page_pool_put_page(pool, page, true)
        yield* this.page_pool_put_page(pool, page, true)
      },
    },
  },
  breaks: {
    'page-in-one-place':
      'the second put recycles a page that lies in the cache; of a page that is cut it gives up a fragment that is in a packet',
    'no-page-freed-twice': 'or one that nobody has',
  },
})

export const deliveredTwice = onLinux612({
  id: 'delivered-twice',
  title: 'an skb is passed up, and passed up again',
  source,
  brings: {
    functions: {
      *nic_receive(this: Kernel, holder: Holder): Steps {
        yield* step('napi_gro_receive(skb), twice', (w) => {
          const page = nextOfRing(w)
          if (page === NONE) return
          enqueue(w, holder, page)
          enqueue(w, holder, page)
        })
      },
    },
  },
  breaks: { 'page-in-one-place': 'two skbs have one page' },
})

/** Each page once: the driver of the model does it so. */
export const putOnce = onLinux612({ id: 'put-once', title: 'each page is put once', source })
