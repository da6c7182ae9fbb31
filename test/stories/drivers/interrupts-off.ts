/**
 * Who frees packets with hard interrupts disabled, and never heard of page_pool: ptr_ring_resize_multiple(), by
 * which tun gives its queues another length (a126061c80d5, 2024), and macb, which freed what was sent under a lock
 * that is taken with interrupts off (CVE-2026-31563, 2026).
 */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps } from '../../../model/step.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { enqueue } from '../../../model/skb/stack.ts'
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_disable,
  local_irq_enable,
} from '../../../model/world/sync/context.ts'
import { spin_lock, spin_unlock } from '../../../model/world/sync/lock.ts'
import { leaveReadSection } from '../../../model/world/sync/rcu.ts'
import type { Page } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const tun =
  'a126061c80d5 ("ptr_ring: do not block hard interrupts in ptr_ring_resize_multiple()", 2024)'
const macb = 'CVE-2026-31563 (macb, 2026)'
const breaks = {
  'no-return-with-interrupts-off': 'the packets are of a pool, and its put is for softirqs at most',
}

/** The queue of a socket is tun's ring: what does not fit any more is freed. */
export const resizeWithIrqsOff = onLinux612({
  id: 'resize-with-irqs-off',
  title: 'ptr_ring_resize_multiple() frees skbs with interrupts off',
  source: tun,
  brings: {
    functions: {
      *consume_skb(this: Kernel, page: Page): Steps {
        yield* step('spin_lock_irqsave(&r->consumer_lock)', local_irq_disable)
        yield* this.napi_pp_put_page(page, false)
        yield* step('spin_unlock_irqrestore(&r->consumer_lock)', (w) => {
          local_irq_enable(w)
          leaveReadSection(w)
        })
      },
    },
  },
  breaks,
})
export const resizeWithBhOff = onLinux612({
  id: 'resize-with-bh-off',
  title: 'ptr_ring_resize_multiple_bh() frees them with bottom halves off',
  source: tun,
  brings: {
    functions: {
      *consume_skb(this: Kernel, page: Page): Steps {
        yield* step('spin_lock_bh(&r->consumer_lock)', local_bh_disable)
        yield* this.napi_pp_put_page(page, false)
        yield* step('spin_unlock_bh(&r->consumer_lock)', (w) => {
          local_bh_enable(w)
          leaveReadSection(w)
        })
      },
    },
  },
})

/** The pages were forwarded: TX completion of the device they left by frees them, in softirq. */
export const completionWithIrqsOff = onLinux612({
  id: 'completion-with-irqs-off',
  title: 'macb_tx_complete() frees skbs under bp->lock',
  source: macb,
  brings: {
    functions: {
      *ip_expire(this: Kernel, page: Page): Steps {
        yield* step('spin_lock_irqsave(&queue->tx_ptr_lock)', local_irq_disable)
        yield* this.napi_pp_put_page(page, true)
        yield* step('spin_unlock_irqrestore(&queue->tx_ptr_lock)', local_irq_enable)
      },
    },
  },
  breaks,
})
/** dev_consume_skb_any(): with interrupts off the skb is left to a softirq. */
export const completionLeavesSkb = onLinux612({
  id: 'completion-leaves-skb',
  title: 'dev_consume_skb_any() leaves them to net_tx_action()',
  source: macb,
  brings: {
    functions: {
      *ip_expire(this: Kernel, page: Page): Steps {
        yield* step('spin_lock_irqsave(&queue->tx_ptr_lock)', local_irq_disable)
        yield* spin_lock('softnet.defer_lock', NONE)
        yield* step('__this_cpu_write(softnet_data.completion_queue, skb)', (w) =>
          enqueue(w, 'defer', page),
        )
        yield* spin_unlock('softnet.defer_lock', NONE)
        yield* step('spin_unlock_irqrestore(&queue->tx_ptr_lock)', local_irq_enable)
      },
    },
  },
})
