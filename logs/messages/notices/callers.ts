/** Who calls page_pool and must not: from this context, with this queue. */
import type { Meaning } from './meaning.ts'
import { CRASH, type Trace } from './trace.ts'

/** net/core/xdp.c: the memory model of an RX queue. */
export function registration({ joined }: Trace, all: readonly string[]): Meaning | undefined {
  if (CRASH.test(joined) && /^_*xdp_unreg_mem_model$/.test(all[0] ?? ''))
    return {
      property: 'registered-queue-can-be-found',
      says: 'the id of a registered queue is no longer in the table: it was unregistered before under another struct xdp_rxq_info, as when a driver copies its ring (ethtool -G) together with a registration',
    }
  if (CRASH.test(joined) && /^_*xdp_(?:return|rxq_info_unreg)/.test(all[0] ?? ''))
    return {
      property: '',
      says: `${all[0]}() crashes: the frame's memory model, or page->pp, leads nowhere. Whether its pool was freed (no-use-of-freed-pool) or the frame was overwritten, KASAN would say`,
    }
  return undefined
}

/** Where page_pool is called from and must not be. */
export function context({ joined, fn }: Trace): Meaning | undefined {
  if (/BUG:(?:sleepingfunction|schedulingwhileatomic)/.test(joined))
    return {
      property: 'no-sleeping-while-atomic',
      says: 'something below page_pool sleeps, or is called by somebody who may not',
    }
  if (/possible(?:circular|recursive)lock|inconsistentlockstate|HARDIRQ-safe/i.test(joined))
    return {
      property: 'no-deadlock',
      says: 'lockdep: taken in this order, or with interrupts like this, the locks can wait for each other for ever',
    }
  if (
    /^__local_bh_enable_ip$|lockdep_assert_no_hardirq/.test(fn) ||
    /irqs_disabled\(\)|in_hardirq\(\)/.test(joined)
  )
    return {
      property: 'no-return-with-interrupts-off',
      says: 'bottom halves are enabled with hard interrupts off: a page is returned from where that is not allowed',
    }
  if (/badunlockbalance/.test(joined))
    return { property: 'locks-are-balanced', says: 'a lock is released that is not held' }
  return undefined
}
