/** Pages that are held now, of all pools: a page can be in one place only. */
import type { TraceEvent } from '../text/event.ts'
import { OwnTexts } from '../text/own-text.ts'
import { HEX_PFN, HIGH } from '../text/values.ts'
import { placeOf } from '../text/where.ts'
import { MOST_ORPHANS, type Holding, type Life, type Window } from './life.ts'

/** Windows kept of one kind of doubt about one pool. */
const MOST_SHOWN = 8

export class Pages {
  private held = new Map<number, Holding>()
  private readonly tasks = new OwnTexts()

  /** Undefined: the event names no page, or its release was seen before. */
  take(life: Life, e: TraceEvent, window: Window): Holding | undefined {
    if (Number.isNaN(e.page)) return undefined
    if (life.orphans.size > 0 && life.orphans.delete(e.page)) return undefined
    const holding = this.holding(life, e)
    const holder = this.held.get(e.page)
    if (holder !== undefined && !(e.time < holder.time)) takenFrom(holder, holding, e, window)
    this.held.set(e.page, holding)
    life.pages.set(e.page, holding)
    return holding
  }
  private holding(life: Life, e: TraceEvent): Holding {
    return {
      life,
      page: e.page,
      pointer: e.pointer,
      hashed: e.hashed && e.page < 0,
      line: e.line,
      time: e.time,
      cpu: e.cpu,
      task: this.tasks.of(e.task),
      stack: '',
      older: undefined,
      taken: undefined,
    }
  }

  giveBack(life: Life, e: TraceEvent, window: Window): void {
    if (Number.isNaN(e.page)) return
    const holding = life.pages.get(e.page)
    if (holding === undefined) return orphaned(life, e, window)
    sameStruct(holding, e, window)
    if (holding.older !== undefined) {
      holding.older = holding.older.older
      return
    }
    life.pages.delete(e.page)
    this.drop(e.page, holding)
  }
  private drop(page: number, holding: Holding): void {
    if (this.held.get(page) === holding) this.held.delete(page)
  }

  /** The pool is judged: what it holds is of no interest any more. */
  forget({ pages }: Life): void {
    for (const [page, holding] of pages) this.drop(page, holding)
  }
  clear(): void {
    this.held = new Map()
  }
}

/** Somebody holds a page that another pool, or the same one, still counts. */
function takenFrom(holder: Holding, holding: Holding, e: TraceEvent, window: Window): void {
  if (holder.taken === undefined) {
    holder.life.taken += 1
    const isShown = holder.life.taken <= MOST_SHOWN
    holder.taken = { ...placeOf(e), pool: holding.life.pool, window: isShown ? window() : [] }
  }
  if (holder.life !== holding.life) return
  holding.older = holder
  holder.older = undefined
}

/** A page is released that the pool is not seen to hold. */
function orphaned(life: Life, e: TraceEvent, window: Window): void {
  const { holds, orphans } = life
  if (holds.empty || holds.least !== 1 || holds.stretches > 1) life.earlier += 1
  else if (orphans.size < MOST_ORPHANS)
    orphans.set(e.page, { ...placeOf(e), window: orphans.size < MOST_SHOWN ? window() : [] })
}

/** One pfn has one struct page. */
function sameStruct(holding: Holding, e: TraceEvent, window: Window): void {
  const { life, pointer, line } = holding
  if (e.pointer === pointer || e.page < 0 || !comparable(e.pointer, pointer)) return
  life.contradict({
    check: 'pfn',
    where: placeOf(e),
    says: `pfn 0x${(e.page % HEX_PFN).toString(16)} is released under another struct page than it was held under in line ${line}`,
    allowed: 'one pfn has one struct page for as long as the machine is up',
    window: window(),
    since: placeOf(holding),
  })
}
/** Both hashed or both not. */
const comparable = (a: number, b: number): boolean => a < HIGH === b < HIGH
