/** CONFIG_PAGE_POOL_STATS. The counters decide nothing; the pointer to them lies in the pool and is freed with it. */
import { detail, step, type Steps } from '../step.ts'
import type { PoolStat } from './layout.ts'
import type { Pool } from './world.ts'

/**
 * alloc_stat_inc(), and recycle_stat_inc() where the same function goes on to ask the pool: a pool that is
 * gone by then is noticed there, so searches leave the step out.
 */
export const stat_inc = (pool: Pool, stat: PoolStat): Steps =>
  detail(`stat_inc(pool, ${stat})`, undefined, (w) => {
    w.pool(pool).stats[stat] += 1
  })
/** recycle_stat_inc() as the last thing a function does: whoever counts late reads a pool that may be gone. */
export const recycle_stat_inc = (pool: Pool, stat: PoolStat): Steps =>
  step(`recycle_stat_inc(pool, ${stat})`, (w) => {
    w.pool(pool).stats[stat] += 1
  })
export const recycle_stat_add = (pool: Pool, n: number): Steps =>
  step('recycle_stat_add(pool, ring, i)', (w) => {
    w.pool(pool).stats.ring += n
  })
