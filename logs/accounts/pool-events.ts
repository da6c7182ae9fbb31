/** Events of pools to their lives: which life of the address each belongs to, and what it does to it. */
import type { TraceEvent } from '../text/event.ts'
import { MOST_STEPS_BACK } from '../text/loss.ts'
import { placeOf, surelyBefore } from '../text/where.ts'
import { attempt } from './attempts.ts'
import { countHold, countRelease } from './counters.ts'
import type { Life } from './life.ts'
import type { Slot } from './lives.ts'
import type { Numbers } from './numbers.ts'
import type { OneCapture } from './one-capture.ts'
import { isEmpty, isLate, isStraggler } from './past.ts'
import { whoseAttempt } from './whose-attempt.ts'

/** `copy`: the line was read already. `waits`: its number has come before, and the next numbers tell why. */
export type Outcome = 'taken' | 'copy' | 'waits'

export function holdEvent(all: OneCapture, slot: Slot, e: TraceEvent): Outcome {
  const life = lifeOfHold(all, slot, e)
  if (life === undefined) return 'waits'
  life.touch(e)
  const window = all.window(e)
  countHold(life, e, window)
  all.lastHolding = all.lives.pages.take(life, e, window)
  order(all, life, e)
  return 'taken'
}
/** Undefined: it may be this one, and it may be the next. */
function lifeOfHold({ lives }: OneCapture, slot: Slot, e: TraceEvent): Life | undefined {
  const { past, life } = slot
  if (past !== undefined && isLate(past, life, e) && !past.holds.has(past.holds.unwrap(e.hold)))
    return past
  if (life === undefined) {
    const begun = lives.begin(slot, e)
    if (past !== undefined && e.hold !== 1 && past.holds.unwrap(e.hold) === past.attempts.hold + 1)
      begun.doubts.push(
        `hold=${e.hold} in line ${e.line} goes on where the pool that was freed in line ${past.ended!.where.line} ended: either a page is allocated from a freed pool, or the first events of a new one are missing`,
      )
    return begun
  }
  if (isAfterReleases(life, e)) return lives.next(slot, 'freed unseen', e)
  if (!startsOver(life.holds, e.hold)) return life
  return life.drained && e.hold === 1 ? lives.next(slot, 'freed', e) : undefined
}
/** The first hold that is seen, and more than that was released: by the pool that was here before. */
const isAfterReleases = ({ holds, releases, releaseTop }: Life, e: TraceEvent): boolean =>
  holds.empty && releaseTop !== undefined && e.hold <= releases.top && surelyBefore(releaseTop, e)

function startsOver(numbers: Numbers, printed: number): boolean {
  if (numbers.empty || Number.isNaN(printed)) return false
  const n = numbers.unwrap(printed)
  return n !== numbers.top + 1 && (numbers.has(n) || printed === 1)
}

export function releaseEvent(all: OneCapture, slot: Slot, e: TraceEvent): Outcome {
  const { past } = slot
  const isPast = past !== undefined && isStraggler(past, slot.life, e)
  const life = isPast ? past : (slot.life ?? all.lives.begin(slot, e))
  const { releases } = life
  if (!releases.empty && releases.has(releases.unwrap(e.release))) return 'waits'
  const window = all.window(e)
  countRelease(life, e, window, isPast)
  all.lives.pages.giveBack(life, e, window)
  life.touch(e)
  return 'taken'
}

export function attemptEvent(all: OneCapture, slot: Slot, e: TraceEvent): Outcome {
  const { past } = slot
  if (past !== undefined && isLate(past, slot.life, e) && !past.attempts.cnts.has(e.cnt)) {
    attempt(past, e, all.window(e))
    return 'taken'
  }
  if (slot.life?.attempts.cnts.has(e.cnt) === true && all.recent.isRepeated(e, true)) return 'copy'
  const life = lifeOfAttempt(all, slot, e)
  life.touch(e)
  attempt(life, e, all.window(e))
  order(all, life, e)
  if (!e.old && (e.inflight === 0 || isEmpty(life, e))) all.lives.close(slot, life, 'freed', e)
  return 'taken'
}
function lifeOfAttempt({ lives, loss }: OneCapture, slot: Slot, e: TraceEvent): Life {
  const { past, life } = slot
  if (life !== undefined) {
    const isLossless = loss.between(life.first, e) === undefined
    return whoseAttempt(life, e, isLossless) === 'another'
      ? lives.next(slot, 'freed unseen', e)
      : life
  }
  const begun = lives.begin(slot, e)
  if (past !== undefined && e.cnt > 1 && e.cnt === past.attempts.cnts.top + 1)
    begun.doubts.push(
      `cnt=${e.cnt} in line ${e.line} goes on where the pool that was freed in line ${past.ended!.where.line} ended: either a freed pool is looked at again, or the first events of a new one are missing`,
    )
  return begun
}

function order({ loss }: OneCapture, { stepsBack }: Life, { line }: TraceEvent): void {
  if (stepsBack >= MOST_STEPS_BACK)
    loss.disorder ??= { line, says: 'numbers run back again and again' }
}

export function nidEvent(all: OneCapture, slot: Slot, e: TraceEvent): Outcome {
  const life = slot.life ?? all.lives.begin(slot, e)
  life.touch(e)
  if (life.nid !== undefined && e.nid !== life.nid.nid && surelyBefore(life.nid, e))
    life.contradict({
      check: 'node',
      where: placeOf(e),
      says: `pool_nid=${e.nid}, and the pool was moved to node ${life.nid.nid} in line ${life.nid.line}`,
      allowed: `pool_nid=${life.nid.nid}`,
      window: all.recent.window(e),
      since: life.nid,
    })
  life.nid = { ...placeOf(e), nid: e.newNid }
  return 'taken'
}
