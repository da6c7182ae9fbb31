/** Which lives are at which address: one begins, one ends, and another follows it. */
import type { TraceEvent } from '../text/event.ts'
import { ownText } from '../text/own-text.ts'
import { placeOf } from '../text/where.ts'
import type { Fork } from './fork.ts'
import { Life, type Ending } from './life.ts'
import { Pages } from './pages.ts'

/** What stands at one address, now and before. */
export interface Slot {
  life: Life | undefined
  /** Freed, but a release on another CPU may still be printed. */
  past: Life | undefined
  fork: Fork | undefined
}
/** Lives that ended are told apart up to this many of one capture's pool addresses. */
const MOST_PAST = 10_000
/** Pools that are alive at once and are followed; memory grows by some 3 kB with each. The oldest are let go first. */
export const MOST_ALIVE = 50_000
const LET_GO = 1000

export class Lives {
  private readonly byPool = new Map<number, Slot>()
  readonly pages = new Pages()
  /** Whose a mem id is. */
  readonly ids = new Map<number, Life>()
  private pasts = 0
  private alive = 0
  /** Called with a life of which nothing more comes. */
  private readonly over: (life: Life) => void

  constructor(over: (life: Life) => void) {
    this.over = over
  }
  get slots(): Iterable<Slot> {
    return this.byPool.values()
  }
  known(pool: number): Slot | undefined {
    return this.byPool.get(pool)
  }
  at(pool: number): Slot {
    let slot = this.byPool.get(pool)
    if (slot === undefined) {
      slot = { life: undefined, past: undefined, fork: undefined }
      this.byPool.set(pool, slot)
    }
    return slot
  }

  begin(slot: Slot, e: TraceEvent): Life {
    if (this.alive >= MOST_ALIVE) this.letGo()
    this.alive += 1
    slot.life = new Life(ownText(e.poolText), placeOf(e), slot.past?.ended?.where)
    return slot.life
  }
  /** The old life ends without an event that says so. */
  next(slot: Slot, how: Ending, e: TraceEvent): Life {
    const old = slot.life!
    if (how === 'freed unseen')
      old.doubts.push(
        `another pool is at this address from line ${e.line} on; no event shows that this one was freed`,
      )
    this.close(slot, old, how, e)
    return this.begin(slot, e)
  }
  close(slot: Slot, life: Life, how: Ending, e: TraceEvent): void {
    life.ended = { how, where: placeOf(e) }
    if (slot.past !== undefined) this.finish(slot.past)
    else if ((this.pasts += 1) > MOST_PAST) this.forgetPasts()
    slot.past = life
    if (slot.life !== life) return
    slot.life = undefined
    this.alive -= 1
  }
  /** Nothing more comes. */
  end(): void {
    for (const { past, life } of this.slots) {
      if (past !== undefined) this.finish(past)
      if (life !== undefined) this.finish(life)
    }
  }

  /** Memory has a bound: what becomes of the oldest pools is not seen any more. */
  private letGo(): void {
    let left = LET_GO
    for (const [pool, slot] of this.byPool) {
      const { life, past } = slot
      if (life === undefined || slot.fork !== undefined) continue
      life.doubts.push(
        `more than ${MOST_ALIVE} pools are there at once: this one was not followed further than line ${life.last.line}`,
      )
      if (past !== undefined) this.finish(past)
      this.finish(life)
      this.byPool.delete(pool)
      this.alive -= 1
      if ((left -= 1) === 0) return
    }
  }
  private forgetPasts(): void {
    for (const [pool, slot] of this.byPool) {
      if (slot.past !== undefined) this.finish(slot.past)
      slot.past = undefined
      if (slot.life === undefined && slot.fork === undefined) this.byPool.delete(pool)
    }
    this.pasts = 0
  }
  private finish(life: Life): void {
    this.over(life)
    this.pages.forget(life)
    for (const id of life.ids.keys()) if (this.ids.get(id) === life) this.ids.delete(id)
  }
}
