/**
 * The two in-flight counters (page_pool_inflight(), net/core/page_pool.c): u32, compared as serial
 * numbers. This is the one place where what the kernel counts and what the ledger counts are raised
 * together, each in its own terms: the kernel a number, the ledger the page.
 */
import { functions, step, type Steps } from '../../step.ts'
import { countedHeld, countedReleased, looksAtInFlight, reliedOn } from '../../ledger/counts.ts'
import { saw } from '../../ledger/truth.ts'
import { WARN } from '../printk.ts'
import type { Page, Pool } from '../world.ts'
import { counter, type View } from '../../../engine/state/layout.ts'
import type { Scope } from '../../scope/bounds.ts'

export const stateCounts = (s: Scope) => ({
  pages_state_hold_cnt: counter(s.counterBits),
  pages_state_release_cnt: counter(s.counterBits),
})
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof stateCounts>> {}
}

/** pool->pages_state_hold_cnt++: plain, in the allocating context only. */
export const count_held = (pool: Pool, page: Page): Steps =>
  step('pool->pages_state_hold_cnt++', (w) => {
    const before = w.pool(pool).pages_state_hold_cnt
    w.pool(pool).pages_state_hold_cnt = before + 1
    if ((before + 1) % 2 ** (w.scope.counterBits - 1) === 0) saw(w, 'counter_wrapped')
    countedHeld(w, page)
    w.trace?.('hold', pool, page, w.pool(pool).pages_state_hold_cnt)
  })
/** atomic_inc_return_relaxed(&pool->pages_state_release_cnt): any context. */
export const count_released = (pool: Pool, page: Page): Steps =>
  step('atomic_inc(&pool->pages_state_release_cnt)', (w) => {
    w.pool(pool).pages_state_release_cnt += 1
    countedReleased(w, page)
    w.trace?.('release', pool, page, w.pool(pool).pages_state_release_cnt)
  })

export const { page_pool_inflight } = functions({
  /**
   * page_pool_inflight(): the release counter is read first, the hold counter second. A strict reader
   * (shutdown) complains about a negative count and gets it raw; any other (netlink, since 6.8) gets 0.
   */
  *page_pool_inflight(pool: Pool, strict = true): Steps<number> {
    const released = yield* step('atomic_read(&pool->pages_state_release_cnt)', (w) => {
      looksAtInFlight(w, pool)
      return w.pool(pool).pages_state_release_cnt
    })
    return yield* step('READ_ONCE(pool->pages_state_hold_cnt)', (w) => {
      const held = w.pool(pool).pages_state_hold_cnt
      const inflight = distance(held, released, w.scope.counterBits)
      reliedOn(w, pool, inflight)
      if (!strict) return Math.max(0, inflight)
      w.trace?.('inflight', pool, inflight, held, released)
      if (inflight < 0) WARN(w, `Negative(${inflight}) inflight packet-pages`)
      return inflight
    })
  },
})

/** (s32)(hold - release), for counters of `bits` bits. */
export function distance(hold: number, release: number, bits: number): number {
  const modulus = 2 ** bits
  const difference = (((hold - release) % modulus) + modulus) % modulus
  return difference >= modulus / 2 ? difference - modulus : difference
}
