/**
 * The two counters of one pool, event by event (`page_pool_set_pp_info()`, `page_pool_return_page()`,
 * `page_pool_inflight()`; 5.3 to 6.18). What is certain whatever was lost or printed out of order is said
 * at once; what depends on having seen everything is left to the end of the pool's life.
 */
import type { TraceEvent } from '../text/event.ts'
import { placeOf } from '../text/where.ts'
import type { Life, Window } from './life.ts'
import { u32 } from './numbers.ts'
import { follow, runsBack } from './sequence.ts'

/** The number was checked: it is not one this pool has had. */
export function countHold(life: Life, e: TraceEvent, window: Window): void {
  life.held += 1
  if (Number.isNaN(e.hold)) return
  const { attempts, holds } = life
  const n = holds.unwrap(e.hold)
  if (n === attempts.hold + 1 && !(e.time < attempts.last!.time))
    life.contradict({
      check: 'after destroy',
      where: placeOf(e),
      says: `hold=${e.hold}: a page is allocated from the pool after page_pool_destroy() read hold=${u32(attempts.hold)}`,
      allowed: 'no hold after the first page_pool_release event: the driver has stopped NAPI',
      window: window(),
      since: attempts.last,
    })
  belowStart(life, n, e, window)
  runsBack(life, n < life.holdTail.number, e)
  follow(life.holdTail, n, e, life.outliers, holds.empty, window)
  if (holds.empty || n > holds.top) life.holdTop = placeOf(e)
  holds.add(n)
}

/** `isLate`: printed after the pool was freed, so the order of the numbers means nothing. */
export function countRelease(life: Life, e: TraceEvent, window: Window, isLate = false): void {
  life.released += 1
  if (Number.isNaN(e.release)) return
  const { releases } = life
  const n = releases.unwrap(e.release)
  belowStart(life, n, e, window)
  if (!isLate) follow(life.releaseTail, n, e, life.releaseOutliers, releases.empty, window)
  if (releases.empty || n > releases.top) life.releaseTop = placeOf(e)
  releases.add(n)
}

/** Counters begin at 0 and are raised before they are printed: what was seen from 1 on has no 0. */
function belowStart(life: Life, n: number, e: TraceEvent, window: Window): void {
  if (n >= 1 || life.holds.empty || life.holds.least !== 1) return
  life.contradict({
    check: 'counter',
    where: placeOf(e),
    says: `${e.kind}=${u32(n)} in a pool that was seen from hold=1 on`,
    allowed: `${e.kind}=1 or more`,
    window: window(),
    since: undefined,
  })
}
