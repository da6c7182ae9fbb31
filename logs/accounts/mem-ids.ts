/** xdp:mem_connect, mem_disconnect. The allocator of a MEM_TYPE_PAGE_POOL is the pool. */
import type { TraceEvent } from '../text/event.ts'
import { placeOf, type Where } from '../text/where.ts'
import type { Contradiction, Life } from './life.ts'
import type { Slot } from './lives.ts'
import type { OneCapture } from './one-capture.ts'

/** Without a slot, the line names no pool. */
export function memoryEvent(all: OneCapture, slot: Slot | undefined, e: TraceEvent): void {
  if (!/PAGE_POOL|^(0x)?2$|^$/.test(e.memType)) return
  if (e.kind === 'connect' && slot !== undefined) connect(all, slot, e)
  if (e.kind === 'disconnect') disconnect(all, slot, e)
}

function connect({ lives }: OneCapture, slot: Slot, e: TraceEvent): void {
  // A destroyed pool is registered nowhere: this is another one at its address.
  const isOver = (slot.life?.attempts.count ?? 0) > 0
  const life = isOver ? lives.next(slot, 'freed unseen', e) : (slot.life ?? lives.begin(slot, e))
  life.touch(e)
  life.ids.set(e.memId, { connected: true, disconnected: undefined })
  lives.ids.set(e.memId, life)
}

function disconnect(all: OneCapture, slot: Slot | undefined, e: TraceEvent): void {
  const { lives } = all
  const life =
    slot === undefined ? lives.ids.get(e.memId) : (slot.life ?? slot.past ?? lives.begin(slot, e))
  if (life === undefined) return
  life.touch(e)
  lives.ids.delete(e.memId)
  const id = life.ids.get(e.memId)
  life.ids.set(e.memId, { connected: id?.connected ?? false, disconnected: placeOf(e) })
  if (life.ended === undefined && slot !== undefined) disconnected(all, slot, life, e)
}
/** What it says of a pool that is not freed yet. */
function disconnected({ lives, recent }: OneCapture, slot: Slot, life: Life, e: TraceEvent): void {
  const { attempts } = life
  if (e.force === true && e.safe !== true) {
    life.contradict(forced(placeOf(e), life, recent.window(e), e.cnt))
    lives.close(slot, life, 'freed by force', e)
    return
  }
  if (e.safe === false) return
  if (attempts.count > 0 && !life.drained) {
    life.doubts.push(
      `mem_disconnect in line ${e.line} while the last attempt seen found ${attempts.inflight} in flight: the last attempt is missing or comes later`,
    )
    return
  }
  if (attempts.count === 0)
    life.doubts.push(
      'mem_disconnect is seen and no page_pool_release: release attempts were not recorded, or lost',
    )
  lives.close(slot, life, 'freed', e)
}

function forced(where: Where, life: Life, window: readonly string[], cnt: number): Contradiction {
  const { inflight } = life.attempts
  return {
    check: 'freed in flight',
    where,
    says: `the pool is freed by force${Number.isNaN(cnt) ? '' : ` after ${cnt} attempts`}${Number.isNaN(inflight) ? '' : ` with ${inflight} pages in flight`}`,
    allowed:
      'attempts until nothing is in flight. 5.3 and 5.4 gave up after 120 attempts on purpose (d956a048cd3f); since c3f812cea0d7 no kernel does',
    window,
    since: undefined,
  }
}
