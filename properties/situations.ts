/** Situations that promises are about: who is in the middle of what. Read from the machine and the ledger. */
import { KWORKER, RTNL, SOFTIRQ0, SOFTIRQ1, TASK0 } from '../model/world/context.ts'
import type { Facts } from './property.ts'

const busy = (f: Facts, context: number): boolean => f.task(context).pc !== 0

/** NAPI, a reader or a timer is inside a function: nobody else returns pages from outside the pool. */
export const returning = (f: Facts): boolean =>
  busy(f, SOFTIRQ0) || busy(f, TASK0) || busy(f, SOFTIRQ1)
/** Whoever tears down is inside a function: the driver, or the release work. */
export const tearingDown = (f: Facts): boolean =>
  (busy(f, RTNL) && f.dev.driver === 'removing') || busy(f, KWORKER)
/** NAPI and somebody else who returns pages are both inside a function. */
export const besideNapi = (f: Facts): boolean =>
  busy(f, SOFTIRQ0) && (busy(f, TASK0) || busy(f, SOFTIRQ1) || busy(f, RTNL))
/** NAPI is between reading and writing alloc.cache. */
export const napiInCache = (f: Facts): boolean =>
  f.ledger.pool.all.some((pool) => pool.cache_user === SOFTIRQ0)
export const unboundWithPagesOut = (f: Facts): boolean =>
  f.ledger.seen.unbound_with_pages_out && !f.dev.dma_ready
export const poolIsFreed = (f: Facts): boolean =>
  f.ledger.pool.all.some((pool) => pool.life === 'freed')
/** A page that a pool had is back in the allocator. */
export const pageIsFreed = (f: Facts): boolean =>
  f.ledger.page.all.some((page) => page.used && page.place === 'page allocator')
