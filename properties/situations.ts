/** Situations that promises are about: who is in the middle of what. Read from the machine and the ledger. */
import { contexts, KWORKER, RTNL, SOFTIRQ0, SOFTIRQ1, TASK0 } from '../model/world/sync/context.ts'
import type { Facts } from './property.ts'

const busy = (f: Facts, context: number): boolean => f.task(context).pc !== 0
const napiRuns = (f: Facts): boolean => f.driver.napi_enabled || f.driver.napi_scheduled

/** Somebody outside the pool is inside a function by which pages come back: a reader, a timer, a softirq. */
export const returning = (f: Facts): boolean =>
  busy(f, SOFTIRQ0) || busy(f, TASK0) || busy(f, SOFTIRQ1)
/**
 * The pool is being torn down: by the driver, whose NAPI has ended, or by the release work, so that whoever is
 * returning pages beside that is not NAPI; or by a driver that has put another pool into its place.
 */
export const tearingDown = (f: Facts): boolean =>
  (busy(f, RTNL) && f.dev.driver === 'removing' && !napiRuns(f)) ||
  (busy(f, RTNL) && f.dev.driver === 'bound' && f.driver.pool === 1) ||
  busy(f, KWORKER)
/** NAPI and somebody else who returns pages are both inside a function. */
export const besideNapi = (f: Facts): boolean =>
  busy(f, SOFTIRQ0) && (busy(f, TASK0) || busy(f, SOFTIRQ1) || busy(f, RTNL))
/** A softirq of NAPI's CPU is inside alloc.cache while the driver waits for NAPI, or destroys the pool. */
export const cacheIsWanted = (f: Facts): boolean =>
  busy(f, RTNL) && f.ledger.pool.all.some((pool) => pool.cache_user === SOFTIRQ0)
export const unboundWithPagesOut = (f: Facts): boolean =>
  f.ledger.seen.unbound_with_pages_out && !f.dev.dma_ready
export const poolIsFreed = (f: Facts): boolean =>
  f.ledger.pool.all.some((pool) => pool.life === 'freed')
/** A page that a pool had is back in the allocator. */
export const pageIsFreed = (f: Facts): boolean =>
  f.ledger.page.all.some((page) => page.used && page.place === 'page allocator')

const holdsSomething = (f: Facts, context: number): boolean => {
  const task = f.task(context)
  return task.preempt_count + task.bh_disabled > 0
}
/** A context holds a lock, or a mutex is held, while another one is inside a function, too. */
export const lockBesideOthers = (f: Facts): boolean => {
  const inside = contexts.flatMap((_, context) => (busy(f, context) ? [context] : []))
  const mutex = 'mem' in f && f.mem.mem_id_lock !== -1
  const held = mutex || inside.some((context) => holdsSomething(f, context))
  return held && inside.length > 1
}
/** Rtnl, which may sleep, is inside a function while somebody is in a softirq, a read section or under a lock. */
export const sleeperBesideAtomic = (f: Facts): boolean =>
  busy(f, RTNL) &&
  contexts.some(
    ({ softirq }, context) =>
      busy(f, context) &&
      (softirq || holdsSomething(f, context) || f.task(context).rcu_nesting > 0),
  )
