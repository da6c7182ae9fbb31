/** Events to pools: which life of which address each belongs to. The state grows with live pages, not with lines. */
import {
  contradict,
  hold,
  placeOf,
  release,
  surelyBefore,
  u32,
  type PageTable,
} from './counters.ts'
import { attempt, belongs } from './attempts.ts'
import { newEvent, ownText, type TraceEvent, type Where } from '../text/event.ts'
import { decide, decideAtEnd, twice, type Fork } from './fork.ts'
import { judgeLife } from './judge-life.ts'
import { Life, type Contradiction, type Ending, type Holding } from './life.ts'
import { ANOTHER_CLOCK, Loss, MOST_STEPS_BACK, SKEW } from '../text/loss.ts'
import type { Numbers } from './numbers.ts'
import { isEmpty, isLate, isStraggler } from './past.ts'
import { Recent } from './recent.ts'
import type { PoolReport } from '../report.ts'

/** What stands at one address, now and before. */
interface Slot {
  life: Life | undefined
  /** Freed, but a release on another CPU may still be printed. */
  past: Life | undefined
  fork: Fork | undefined
}
/** Events that may wait for a fork to be decided. */
const MOST_WAITING = 256
/** Lives that ended are told apart up to this many of one capture's pool addresses. */
const MOST_PAST = 10_000
/** Pools that are alive at once and are followed; memory grows by some 3 kB with each. The oldest are let go first. */
export const MOST_ALIVE = 50_000
const LET_GO = 1000

export class Capture {
  loss = new Loss()
  private slots = new Map<number, Slot>()
  private pages: PageTable = new Map()
  private ids = new Map<number, Life>()
  private pasts = 0
  private alive = 0
  private recent = new Recent()
  private last = { line: 0, time: NaN, cpu: -1 }
  private readonly done: (report: PoolReport) => void
  repeated = 0
  /** For each capture that ended: the CPU that all of it is of. */
  private readonly cpus: (number | undefined)[] = []
  /** The page that the last event took: stack lines after it belong to it. */
  lastHolding: Holding | undefined

  constructor(done: (report: PoolReport) => void) {
    this.done = done
  }
  /** Several captures, each of one CPU and no two of the same. */
  get isPerCpu(): boolean {
    const { cpus } = this
    return cpus.length > 1 && !cpus.includes(undefined) && new Set(cpus).size === cpus.length
  }
  get hasEvents(): boolean {
    return this.recent.count > 0
  }

  feed(e: TraceEvent): void {
    this.lastHolding = undefined
    this.recent.add(e)
    this.loss.pass(e)
    this.last.line = e.line
    if (!Number.isNaN(e.time)) this.last.time = e.time
    this.route(e)
  }

  /** Is this what comes next, so that a number at the end of a cut file is whole? */
  expects(e: TraceEvent): boolean {
    const life = this.slots.get(e.pool)?.life
    switch (e.kind) {
      case 'hold':
        return life === undefined ? e.hold === 1 : e.hold === u32(life.holds.top + 1)
      case 'release':
        return life !== undefined && e.release === u32(life.releases.top + 1)
      case 'attempt':
        return (
          ((e.hold - e.release) | 0) === e.inflight &&
          (life === undefined ||
            e.cnt === (life.attempts.cnts.empty ? 1 : life.attempts.cnts.top + 1))
        )
      default:
        return true
    }
  }

  private route(e: TraceEvent): void {
    if (Number.isNaN(e.pool)) {
      this.mem(e)
      return
    }
    let slot = this.slots.get(e.pool)
    if (slot === undefined) {
      slot = { life: undefined, past: undefined, fork: undefined }
      this.slots.set(e.pool, slot)
    }
    if (slot.fork === undefined) this.dispatch(slot, e)
    else this.wait(slot, slot.fork, e)
  }

  private dispatch(slot: Slot, e: TraceEvent): void {
    if (slot.life === undefined && slot.past !== undefined && this.recent.isRepeated(e)) {
      this.repeated += 1
      return
    }
    switch (e.kind) {
      case 'hold':
        this.hold(slot, e)
        return
      case 'release':
        this.release(slot, e)
        return
      case 'attempt':
        this.attempt(slot, e)
        return
      case 'nid':
        this.nid(slot, e)
        return
      default:
        this.mem(e, slot)
    }
  }

  private hold(slot: Slot, e: TraceEvent): void {
    const { past } = slot
    let { life } = slot
    if (past !== undefined && isLate(past, life, e) && !past.holds.has(past.holds.unwrap(e.hold)))
      life = past
    else if (life === undefined) {
      life = this.begin(slot, e)
      if (
        past !== undefined &&
        e.hold !== 1 &&
        past.holds.unwrap(e.hold) === past.attempts.hold + 1
      )
        life.doubts.push(
          `hold=${e.hold} in line ${e.line} goes on where the pool that was freed in line ${past.ended!.where.line} ended: either a page is allocated from a freed pool, or the first events of a new one are missing`,
        )
    } else if (this.isAfterReleases(life, e)) life = this.next(slot, 'freed unseen', e)
    else if (this.startsOver(life.holds, e.hold)) {
      if (life.drained && e.hold === 1) life = this.next(slot, 'freed', e)
      else return this.fork(slot, life.holds, e)
    }
    touch(life, e)
    this.lastHolding = hold(life, e, this.pages, () => this.recent.window(e))
    this.order(life, e)
  }
  /** The first hold that is seen, and more than that was released: by the pool that was here before. */
  private isAfterReleases({ holds, releases, releaseTop }: Life, e: TraceEvent): boolean {
    return (
      holds.empty &&
      releaseTop !== undefined &&
      e.hold <= releases.top &&
      surelyBefore(releaseTop, e)
    )
  }
  private startsOver(numbers: Numbers, printed: number): boolean {
    if (numbers.empty || Number.isNaN(printed)) return false
    const n = numbers.unwrap(printed)
    return n !== numbers.top + 1 && (numbers.has(n) || printed === 1)
  }

  private release(slot: Slot, e: TraceEvent): void {
    const { past } = slot
    let { life } = slot
    const late = past !== undefined && isStraggler(past, life, e)
    if (late) life = past
    life ??= this.begin(slot, e)
    const { releases } = life
    if (!releases.empty && releases.has(releases.unwrap(e.release)))
      return this.fork(slot, releases, e)
    release(life, e, this.pages, () => this.recent.window(e), late)
    touch(life, e)
  }

  private attempt(slot: Slot, e: TraceEvent): void {
    const { past } = slot
    let { life } = slot
    if (past !== undefined && isLate(past, life, e) && !past.attempts.cnts.has(e.cnt)) {
      attempt(past, e, () => this.recent.window(e))
      return
    }
    if (life === undefined) {
      life = this.begin(slot, e)
      if (past !== undefined && e.cnt > 1 && e.cnt === past.attempts.cnts.top + 1)
        life.doubts.push(
          `cnt=${e.cnt} in line ${e.line} goes on where the pool that was freed in line ${past.ended!.where.line} ended: either a freed pool is looked at again, or the first events of a new one are missing`,
        )
    } else if (life.attempts.cnts.has(e.cnt) && this.recent.isRepeated(e, true)) {
      this.repeated += 1
      return
    } else if (belongs(life, e, this.loss.between(life.first, e) === undefined) === 'another')
      life = this.next(slot, 'freed unseen', e)
    touch(life, e)
    attempt(life, e, () => this.recent.window(e))
    this.order(life, e)
    if (!e.old && (e.inflight === 0 || isEmpty(life, e))) this.close(slot, life, 'freed', e)
  }

  private order({ stepsBack }: Life, { line }: TraceEvent): void {
    if (stepsBack >= MOST_STEPS_BACK)
      this.loss.disorder ??= { line, says: 'numbers run back again and again' }
  }

  private nid(slot: Slot, e: TraceEvent): void {
    const life = slot.life ?? this.begin(slot, e)
    touch(life, e)
    if (life.nid !== undefined && e.nid !== life.nid.nid && surelyBefore(life.nid, e))
      contradict(life, {
        check: 'node',
        where: placeOf(e),
        says: `pool_nid=${e.nid}, and the pool was moved to node ${life.nid.nid} in line ${life.nid.line}`,
        allowed: `pool_nid=${life.nid.nid}`,
        window: this.recent.window(e),
        since: life.nid,
      })
    life.nid = { ...placeOf(e), nid: e.newNid }
  }

  /** xdp:mem_connect, mem_disconnect. The allocator of a MEM_TYPE_PAGE_POOL is the pool. */
  private mem(e: TraceEvent, slot?: Slot): void {
    if (e.kind !== 'connect' && e.kind !== 'disconnect') return
    if (!/PAGE_POOL|^(0x)?2$|^$/.test(e.memType)) return
    const owner = this.ids.get(e.memId)
    if (e.kind === 'connect') {
      if (slot === undefined) return
      // A destroyed pool is registered nowhere: this is another one at its address.
      const isOver = (slot.life?.attempts.count ?? 0) > 0
      const life = isOver ? this.next(slot, 'freed unseen', e) : (slot.life ?? this.begin(slot, e))
      touch(life, e)
      life.ids.set(e.memId, { connected: true, disconnected: undefined })
      this.ids.set(e.memId, life)
      return
    }
    const life = slot?.life ?? slot?.past ?? (slot === undefined ? owner : this.begin(slot, e))
    if (life === undefined) return
    touch(life, e)
    this.ids.delete(e.memId)
    this.disconnected(slot, life, e)
  }
  private disconnected(slot: Slot | undefined, life: Life, e: TraceEvent): void {
    const id = life.ids.get(e.memId)
    life.ids.set(e.memId, { connected: id?.connected ?? false, disconnected: placeOf(e) })
    if (life.ended !== undefined || slot === undefined) return
    if (e.force === true && e.safe !== true) {
      contradict(life, forced(placeOf(e), life, this.recent.window(e), e.cnt))
      this.close(slot, life, 'freed by force', e)
    } else if (e.safe === false) return
    else if (life.attempts.count === 0 || life.drained) {
      if (life.attempts.count === 0)
        life.doubts.push(
          'mem_disconnect is seen and no page_pool_release: release attempts were not recorded, or lost',
        )
      this.close(slot, life, 'freed', e)
    } else
      life.doubts.push(
        `mem_disconnect in line ${e.line} while the last attempt seen found ${life.attempts.inflight} in flight: the last attempt is missing or comes later`,
      )
  }

  private begin(slot: Slot, e: TraceEvent): Life {
    if (this.alive >= MOST_ALIVE) this.letGo()
    this.alive += 1
    slot.life = new Life(ownText(e.poolText), placeOf(e), slot.past?.ended?.where)
    return slot.life
  }
  /** Memory has a bound: what becomes of the oldest pools is not seen any more. */
  private letGo(): void {
    let left = LET_GO
    for (const [pool, slot] of this.slots) {
      const { life, past } = slot
      if (life === undefined || slot.fork !== undefined) continue
      life.doubts.push(
        `more than ${MOST_ALIVE} pools are there at once: this one was not followed further than line ${life.last.line}`,
      )
      if (past !== undefined) this.finish(past)
      this.finish(life)
      this.slots.delete(pool)
      this.alive -= 1
      if ((left -= 1) === 0) return
    }
  }
  /** The old life ends without an event that says so. */
  private next(slot: Slot, how: Ending, e: TraceEvent): Life {
    const old = slot.life!
    if (how === 'freed unseen')
      old.doubts.push(
        `another pool is at this address from line ${e.line} on; no event shows that this one was freed`,
      )
    this.close(slot, old, how, e)
    return this.begin(slot, e)
  }
  private close(slot: Slot, life: Life, how: Ending, e: TraceEvent): void {
    life.ended = { how, where: placeOf(e) }
    if (slot.past !== undefined) this.finish(slot.past)
    else if ((this.pasts += 1) > MOST_PAST) this.forgetPasts()
    slot.past = life
    if (slot.life !== life) return
    slot.life = undefined
    this.alive -= 1
  }
  private forgetPasts(): void {
    for (const [pool, slot] of this.slots) {
      if (slot.past !== undefined) this.finish(slot.past)
      slot.past = undefined
      if (slot.life === undefined && slot.fork === undefined) this.slots.delete(pool)
    }
    this.pasts = 0
  }
  private finish(life: Life): void {
    this.done(judgeLife(life, { loss: this.loss, last: this.last }))
    for (const [page, holding] of life.pages)
      if (this.pages.get(page) === holding) this.pages.delete(page)
    for (const id of life.ids.keys()) if (this.ids.get(id) === life) this.ids.delete(id)
  }

  private fork(slot: Slot, numbers: Numbers, e: TraceEvent): void {
    if (this.recent.isRepeated(e, true)) {
      this.repeated += 1
      return
    }
    const kind = e.kind as 'hold' | 'release'
    const number = numbers.unwrap(e[kind])
    slot.fork = {
      kind,
      number,
      top: numbers.top,
      events: [{ ...e }],
      window: this.recent.window(e),
    }
  }
  private wait(slot: Slot, fork: Fork, e: TraceEvent): void {
    const decided = decide(fork, slot.life!, e, this.loss)
    if (decided !== undefined) {
      this.settle(slot, fork, decided)
      this.route(e)
      return
    }
    fork.events.push({ ...e })
    if (fork.events.length > MOST_WAITING) this.settle(slot, fork, 'another')
  }
  private settle(slot: Slot, fork: Fork, as: 'same' | 'another'): void {
    slot.fork = undefined
    const [first, ...rest] = fork.events as [TraceEvent, ...TraceEvent[]]
    const life = slot.life!
    if (as === 'same') {
      if (first.time < life.latest - SKEW)
        life.doubts.push(
          `${fork.kind}=${u32(fork.number)} comes again in line ${first.line}, with a time that was over: the text is there twice`,
        )
      else contradict(life, twice(fork, first))
      touch(life, first)
      // The page is taken or given back all the same.
      const page: TraceEvent = { ...newEvent(), ...first, hold: NaN, release: NaN }
      if (fork.kind === 'hold') hold(life, page, this.pages, () => [])
      else release(life, page, this.pages, () => [])
    } else {
      if (first.time < life.last.time - ANOTHER_CLOCK) return this.restart(fork.events)
      if (slot.life !== undefined) this.next(slot, 'freed unseen', first)
      this.dispatch(slot, first)
    }
    for (const e of rest) this.route(e)
  }
  /** Time runs back and numbers begin again: another capture follows in the same text. */
  private restart(events: readonly TraceEvent[]): void {
    this.end()
    this.restarts += 1
    for (const e of events) this.feed(e)
  }
  /** Captures that were found to begin without a header. */
  restarts = 0

  /** The capture ends: every pool is judged. What follows is another one. */
  end(): void {
    if (this.hasEvents) this.cpus.push(this.loss.onlyCpu)
    for (const slot of this.slots.values())
      if (slot.fork !== undefined) this.settleAtEnd(slot, slot.fork)
    for (const { past, life } of this.slots.values()) {
      if (past !== undefined) this.finish(past)
      if (life !== undefined) this.finish(life)
    }
    this.slots = new Map()
    this.pages = new Map()
    this.ids = new Map()
    this.pasts = 0
    this.alive = 0
    this.loss = new Loss()
    this.recent = new Recent()
    this.last = { line: 0, time: NaN, cpu: -1 }
    this.lastHolding = undefined
  }
  private settleAtEnd(slot: Slot, fork: Fork): void {
    this.settle(slot, fork, decideAtEnd(fork, slot.life!, this.loss))
    if (slot.fork !== undefined) this.settleAtEnd(slot, slot.fork)
  }
}

function touch(life: Life, e: TraceEvent): void {
  if (e.line > life.last.line) life.last = placeOf(e)
  if (e.time > life.latest) life.latest = e.time
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
