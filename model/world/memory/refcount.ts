/** refcount_t (lib/refcount.c): a counter that stops counting when it was misused. */
import { step, type Steps } from '../../step.ts'
import { WARN } from '../printk.ts'
import type { Pool, World } from '../world.ts'
import { uint, type View } from '../../../engine/state/layout.ts'

export const useCounts = () => ({
  user_cnt: uint(3),
  /** u64 in the kernel; only ever compared with zero, so it saturates here. */
  destroy_cnt: uint(2),
})
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof useCounts>> {}
}

/** REFCOUNT_SATURATED, INT_MIN / 2: from here no count leads back. */
const SATURATED = -(2 ** 30)

/** refcount_inc(): the new value. */
export function refcount_inc(w: World, value: number): number {
  if (value > 0) return value + 1
  if (!w.scope.goesOnAfterMistakes) {
    w.report('use-of-freed-pool', 'refcount_inc() on 0: nobody is left who uses it')
    return value
  }
  WARN(
    w,
    value === 0
      ? 'refcount_t: addition on 0; use-after-free.'
      : 'refcount_t: saturated; leaking memory.',
  )
  return SATURATED
}
/** refcount_dec_and_test(): the new value; the caller is the last when it is 0 and was 1. */
export function refcount_dec(w: World, value: number): number {
  if (value > 0) return value - 1
  WARN(w, 'refcount_t: underflow; use-after-free.')
  return SATURATED
}

/** refcount_dec_and_test(&pool->user_cnt): was this the last user? */
export const put_user = (pool: Pool): Steps<boolean> =>
  step('refcount_dec_and_test(&pool->user_cnt)', (w) => {
    const left = refcount_dec(w, w.pool(pool).user_cnt)
    if (left < 0 && !w.scope.goesOnAfterMistakes)
      w.report('use-of-freed-pool', 'pool->user_cnt underflows: page_pool_destroy() by no user')
    else w.pool(pool).user_cnt = left
    return left === 0
  })
/** destroy_cnt is a u64 that is only ever compared with zero: where states are stored it stops at 2. */
export const onceMore = (w: World, destroy_cnt: number): number =>
  w.scope.wideCounts ? destroy_cnt + 1 : Math.min(2, destroy_cnt + 1)
