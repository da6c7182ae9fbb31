/** Events to the pools they are of. Captures may follow each other; the state grows with live pages, not with lines. */
import type { PoolReport } from '../report/pool.ts'
import { newEvent, type TraceEvent } from '../text/event.ts'
import type { Loss } from '../text/loss.ts'
import { ANOTHER_CLOCK, SKEW } from '../text/where.ts'
import { countHold, countRelease } from './counters.ts'
import { decide, decideAtEnd, forkOf, twice, type Decided, type Fork } from './fork.ts'
import type { Holding, Life } from './life.ts'
import type { Slot } from './lives.ts'
import { memoryEvent } from './mem-ids.ts'
import { u32 } from './numbers.ts'
import { OneCapture } from './one-capture.ts'
import { attemptEvent, holdEvent, nidEvent, releaseEvent, type Outcome } from './pool-events.ts'

/** Events that may wait for a fork to be decided. */
const MOST_WAITING = 256

export class Capture {
  private now: OneCapture
  private readonly done: (report: PoolReport) => void
  /** Copies of a line. */
  repeated = 0
  /** Captures that were found to begin without a header. */
  restarts = 0
  /** For each capture that ended: the CPU that all of it is of. */
  private readonly cpus: (number | undefined)[] = []

  constructor(done: (report: PoolReport) => void) {
    this.done = done
    this.now = new OneCapture(done)
  }
  /** Several captures, each of one CPU and no two of the same. */
  get isPerCpu(): boolean {
    const { cpus } = this
    return cpus.length > 1 && !cpus.includes(undefined) && new Set(cpus).size === cpus.length
  }
  get hasEvents(): boolean {
    return this.now.recent.count > 0
  }
  get loss(): Loss {
    return this.now.loss
  }
  get lastHolding(): Holding | undefined {
    return this.now.lastHolding
  }

  feed(e: TraceEvent): void {
    this.now.pass(e)
    this.route(e)
  }

  /** Is this what comes next, so that a number at the end of a cut file is whole? */
  expects(e: TraceEvent): boolean {
    const life = this.now.lives.known(e.pool)?.life
    switch (e.kind) {
      case 'hold':
        return life === undefined ? e.hold === 1 : e.hold === u32(life.holds.top + 1)
      case 'release':
        return life !== undefined && e.release === u32(life.releases.top + 1)
      case 'attempt':
        return ((e.hold - e.release) | 0) === e.inflight && isNextAttempt(life, e)
      default:
        return true
    }
  }

  private route(e: TraceEvent): void {
    if (Number.isNaN(e.pool)) {
      memoryEvent(this.now, undefined, e)
      return
    }
    const slot = this.now.lives.at(e.pool)
    if (slot.fork === undefined) this.dispatch(slot, e)
    else this.wait(slot, slot.fork, e)
  }
  private dispatch(slot: Slot, e: TraceEvent): void {
    const outcome = this.take(slot, e)
    if (outcome === 'copy') this.repeated += 1
    else if (outcome === 'waits') slot.fork = forkOf(slot.life!, e, this.now.recent.window(e))
  }
  private take(slot: Slot, e: TraceEvent): Outcome {
    const { now } = this
    if (slot.life === undefined && slot.past !== undefined && now.recent.isRepeated(e))
      return 'copy'
    const outcome = takeEvent(now, slot, e)
    return outcome === 'waits' && now.recent.isRepeated(e, true) ? 'copy' : outcome
  }

  private wait(slot: Slot, fork: Fork, e: TraceEvent): void {
    const decided = decide(fork, slot.life!, e, this.now.loss)
    if (decided !== undefined) {
      this.settle(slot, fork, decided)
      this.route(e)
      return
    }
    fork.events.push({ ...e })
    if (fork.events.length > MOST_WAITING) this.settle(slot, fork, 'another')
  }
  private settle(slot: Slot, fork: Fork, as: Decided): void {
    slot.fork = undefined
    const [first, ...rest] = fork.events as [TraceEvent, ...TraceEvent[]]
    const life = slot.life!
    if (as === 'same') this.goesOn(life, fork, first)
    else if (first.time < life.last.time - ANOTHER_CLOCK) return this.restart(fork.events)
    else {
      this.now.lives.next(slot, 'freed unseen', first)
      this.dispatch(slot, first)
    }
    for (const e of rest) this.route(e)
  }
  /** A number was wrong, and the pool is the one that was there. */
  private goesOn(life: Life, fork: Fork, first: TraceEvent): void {
    if (first.time < life.latest - SKEW)
      life.doubts.push(
        `${fork.kind}=${u32(fork.number)} comes again in line ${first.line}, with a time that was over: the text is there twice`,
      )
    else life.contradict(twice(fork, first))
    life.touch(first)
    // The page is taken or given back all the same.
    const page: TraceEvent = { ...newEvent(), ...first, hold: NaN, release: NaN }
    const { pages } = this.now.lives
    if (fork.kind === 'hold') {
      countHold(life, page, () => [])
      pages.take(life, page, () => [])
    } else {
      countRelease(life, page, () => [])
      pages.giveBack(life, page, () => [])
    }
  }
  /** Time runs back and numbers begin again: another capture follows in the same text. */
  private restart(events: readonly TraceEvent[]): void {
    this.end()
    this.restarts += 1
    for (const e of events) this.feed(e)
  }

  /** The capture ends: every pool is judged. What follows is another one. */
  end(): void {
    if (this.hasEvents) this.cpus.push(this.loss.onlyCpu)
    for (const slot of this.now.lives.slots)
      if (slot.fork !== undefined) this.settleAtEnd(slot, slot.fork)
    this.now.lives.end()
    this.now = new OneCapture(this.done)
  }
  private settleAtEnd(slot: Slot, fork: Fork): void {
    this.settle(slot, fork, decideAtEnd(fork, slot.life!, this.now.loss))
    if (slot.fork !== undefined) this.settleAtEnd(slot, slot.fork)
  }
}

function takeEvent(all: OneCapture, slot: Slot, e: TraceEvent): Outcome {
  switch (e.kind) {
    case 'hold':
      return holdEvent(all, slot, e)
    case 'release':
      return releaseEvent(all, slot, e)
    case 'attempt':
      return attemptEvent(all, slot, e)
    case 'nid':
      return nidEvent(all, slot, e)
    default:
      memoryEvent(all, slot, e)
      return 'taken'
  }
}
function isNextAttempt(life: Life | undefined, e: TraceEvent): boolean {
  if (life === undefined) return true
  const { cnts } = life.attempts
  return e.cnt === (cnts.empty ? 1 : cnts.top + 1)
}
