/** refcount_t (lib/refcount.c): a counter that stops counting when it was misused. */
import { WARN } from '../printk.ts'
import type { World } from '../world.ts'

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
