/** CONFIG_PAGE_POOL_STATS. The counters decide nothing; the pointer to them lies in the pool and is freed with it. */
import { detail, step, type Steps } from '../step.ts'
import type { Pool } from './world.ts'
import { counter, noted, record, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'

/** struct page_pool_alloc_stats and struct page_pool_recycle_stats, in the order of ethtool. */
export const POOL_STATS = [
  'fast',
  'slow',
  'slow_high_order',
  'empty',
  'refill',
  'waive',
  'cached',
  'cache_full',
  'ring',
  'ring_full',
  'released_refcnt',
] as const
export type PoolStat = (typeof POOL_STATS)[number]
/** Statistics decide nothing: where states are stored they are left out, wherever they are counted. */
const counted = (s: Scope) => noted(s.details, counter(32), 0)
export const statistics = (s: Scope) => ({
  stats: record(
    Object.fromEntries(POOL_STATS.map((name) => [name, counted(s)])) as {
      readonly [name in PoolStat]: ReturnType<typeof counted>
    },
  ),
})

declare module './world.ts' {
  interface PoolState extends View<ReturnType<typeof statistics>> {}
}

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
