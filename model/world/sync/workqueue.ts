/** Delayed work (kernel/workqueue.c): a pool's release_dw is queued until its timer fires, once. */
import { step, type Steps } from '../../step.ts'
import type { Pool, World } from '../world.ts'
import { flag, type View } from '../../../engine/state/layout.ts'

export const delayedWork = () => ({
  /** `release_dw` waits for its timer. */
  release_dw: flag(),
})
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof delayedWork>> {}
}

/** schedule_delayed_work(&pool->release_dw, DEFER_TIME). */
export const schedule_release_dw = (pool: Pool): Steps =>
  step('schedule_delayed_work(&pool->release_dw)', (w) => {
    w.pool(pool).release_dw = true
    w.trace?.('schedule', pool)
  })
/** What the timer will read is about to be freed (CONFIG_DEBUG_OBJECTS_WORK). */
export function refuseQueued(w: World, pool: Pool): void {
  if (w.pool(pool).release_dw)
    w.report('use-of-freed-pool', 'the pool is freed while its release_dw is queued')
}
