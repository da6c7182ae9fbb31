/**
 * The buffer is passed up before there is another to take its place: when the refill fails, the same buffer is
 * posted again and is with the device and in the stack at once ("net: mvpp2: refill RX buffers before XDP or skb
 * use", 2026).
 */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../../model/step.ts'
import { nextOfRing, postToRing, rq_page_pool } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import type { Holder } from '../../../model/scope/bounds.ts'
import { enqueue } from '../../../model/skb/stack.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = '"net: mvpp2: refill RX buffers before XDP or skb use" (2026)'

export const refillAfterReceive = onLinux612({
  id: 'refill-after-receive',
  title: 'mvpp2: the skb is built, then the descriptor is refilled, or keeps what it has',
  source,
  brings: {
    functions: {
      *nic_receive(this: Kernel, holder: Holder): Steps {
        const page = yield* step('napi_gro_receive(skb)', (w) => {
          const received = nextOfRing(w)
          if (received !== NONE) enqueue(w, holder, received)
          return received
        })
        if (page === NONE) return
        const pool = yield* rq_page_pool()
        const fresh = yield* this.page_pool_alloc_pages(pool)
        yield* step('mvpp2_bm_pool_put(pool, dma_addr)', (w) =>
          postToRing(w, fresh === NONE ? page : fresh),
        )
      },
    },
  },
  breaks: { 'page-in-one-place': 'without a new page the one in the skb is posted again' },
})

export const refillBeforeReceive = onLinux612({
  id: 'refill-before-receive',
  title: 'mvpp2: without a new buffer the packet is dropped, and its buffer posted again',
  source,
  brings: {
    functions: {
      *nic_receive(this: Kernel, holder: Holder): Steps {
        const page = yield* step('page = rq->ring[i]', nextOfRing)
        if (page === NONE) return
        const pool = yield* rq_page_pool()
        const fresh = yield* this.page_pool_alloc_pages(pool)
        yield* step('mvpp2_bm_pool_put(pool, dma_addr)', (w) =>
          postToRing(w, fresh === NONE ? page : fresh),
        )
        if (fresh !== NONE) yield* step('napi_gro_receive(skb)', (w) => enqueue(w, holder, page))
      },
    },
  },
})
