/**
 * After the interrupt moved to another node: how long does a pool serve, keep and release pages of the
 * old one? Measured at the kernel's sizes, one call after another, in a receive loop that gets back what it
 * hands out.
 */
import { NONE } from '../engine/state/layout.ts'
import { plainView } from '../engine/state/plain-views.ts'
import { Sequential } from '../engine/program/sequential.ts'
import type { StepAction, Value } from '../engine/step.ts'
import type { Design } from '../model/design.ts'
import { follows } from '../model/details.ts'
import { kernelOf, fieldsOf } from '../model/machine.ts'
import type { PagePool } from '../model/pool/page-pool.ts'
import { kernelSizes, type Scope } from '../model/scope/bounds.ts'
import { SOFTIRQ0, SOFTIRQ1 } from '../model/world/sync/context.ts'
import { scalarsets } from '../model/world/scalarsets.ts'
import { World, type Page } from '../model/world/world.ts'

/** As the searched worlds are, but for their sizes. */
const scope: Scope = {
  ...kernelSizes,
  name: 'convergence',
  ringSize: 1024,
  ids: 1,
  rxqs: 1,
  nodes: 2,
  frags: false,
  details: false,
  goesOnAfterMistakes: false,
  ownNapi: false,
  wideCounts: false,
}
const POOL = 0
/** Packets between the driver and the stack: a page comes back after so many others were handed out. */
const IN_FLIGHT = 256
/** So long is waited for the last page of the old node. */
const PATIENCE = 200_000

export interface Convergence {
  readonly design: string
  readonly asksFor: 'NUMA_NO_NODE' | 'a node'
  /** Pages of the old node handed to the driver after the move, and with which allocation the last. */
  readonly remoteServed: number
  readonly lastRemote: number
  /** Allocations until the pool has no page of the old node any more; undefined: not in 200,000. */
  readonly converged: number | undefined
  /** Pages released by one allocation, at most. */
  readonly mostReleased: number
  /** Of them, under consumer_lock. */
  readonly mostUnderLock: number
  /** Pages from the page allocator for every 1,000 allocations, before the move and in the first 20,000 after it. */
  readonly allocatorBefore: number
  readonly allocatorAfter: number
}

export function convergence(design: Design, asksFor: Convergence['asksFor']): Convergence {
  const driver = new Driver(design, asksFor)
  driver.fillRing()
  const before = driver.allocated
  driver.receive(WINDOW)
  const allocatorBefore = perThousand(driver.allocated - before)
  driver.fillRing()
  return driver.moves(design.id, asksFor, allocatorBefore)
}
const WINDOW = 20_000
const perThousand = (pages: number): number => Math.round((pages * 1000) / WINDOW)

class Driver {
  allocated = 0
  private readonly w: World
  private readonly self: PagePool
  private readonly run: Sequential
  private readonly inFlight: Page[] = []
  private released = 0
  private releasedUnderLock = 0

  constructor(design: Design, asksFor: Convergence['asksFor']) {
    this.self = kernelOf(design, scope)
    const fields = fieldsOf(design, scope)
    this.w = new World(scope, plainView(fields, scalarsets), () => {}, fields)
    this.run = new Sequential({
      world: this.w,
      self: this.self,
      has: follows(scope),
      choose: (action) => this.choose(action, asksFor),
    })
    this.w.current = SOFTIRQ0
    this.w.dev.refcount = 1
    this.w.dev.dma_ready = true
    this.w.trace = (event) => this.hear(event)
    this.run.run(this.self.page_pool_create, POOL)
  }
  private choose(action: StepAction, asksFor: string): Value {
    const options = action.options!(this.w as never)
    if (action.label !== 'pool->p.nid') return options[0]
    return asksFor === 'NUMA_NO_NODE' ? asksFor : 'numa_mem_id()'
  }
  private hear(event: string): void {
    if (event === 'newpage') this.allocated += 1
    if (event !== 'release') return
    this.released += 1
    if (this.w.pool(POOL).consumer_lock !== NONE) this.releasedUnderLock += 1
  }

  /** One page is allocated, and as many as are too many come back from the stack, on another CPU. */
  private packet(most = IN_FLIGHT): Page {
    const page = this.run.run(this.self.page_pool_alloc_pages, POOL)
    this.inFlight.push(page)
    while (this.inFlight.length > most) this.returns(this.inFlight.shift()!)
    return page
  }
  private returns(page: Page): void {
    this.w.current = SOFTIRQ1
    this.run.run(this.self.page_pool_put_page, POOL, page, false)
    this.w.current = SOFTIRQ0
  }
  /** A burst is held up in the stack and comes back at once: the ring is full, then the cache is, too. */
  fillRing(): void {
    for (let i = 0; i < scope.ringSize; i += 1) this.packet(Infinity)
    this.packet()
    this.packet()
  }
  receive(packets: number): void {
    for (let i = 0; i < packets; i += 1) this.packet()
  }

  moves(design: string, asksFor: Convergence['asksFor'], allocatorBefore: number): Convergence {
    const old = this.w.numa_mem_id
    this.w.numa_mem_id = 1 - old
    if (asksFor === 'a node') this.run.run(this.self.page_pool_nid_changed, POOL, 1 - old)
    const isOld = (page: Page): boolean => this.w.page(page).nid === old
    let remoteServed = 0
    let lastRemote = 0
    let mostReleased = 0
    let mostUnderLock = 0
    let converged: number | undefined
    let allocatorAfter = 0
    const before = this.allocated
    for (let i = 1; i <= PATIENCE; i += 1) {
      this.released = 0
      this.releasedUnderLock = 0
      if (isOld(this.packet())) {
        remoteServed += 1
        lastRemote = i
      }
      mostReleased = Math.max(mostReleased, this.released)
      mostUnderLock = Math.max(mostUnderLock, this.releasedUnderLock)
      if (i === WINDOW) allocatorAfter = perThousand(this.allocated - before)
      if (converged === undefined && !this.has(isOld)) converged = i
      if (converged !== undefined && i >= WINDOW) break
    }
    return {
      design,
      asksFor,
      remoteServed,
      lastRemote,
      converged,
      mostReleased,
      mostUnderLock,
      allocatorBefore,
      allocatorAfter,
    }
  }
  private has(isOld: (page: Page) => boolean): boolean {
    const { alloc_cache, ring } = this.w.pool(POOL)
    return [...this.inFlight, ...alloc_cache.toArray(), ...ring.toArray()].some(isOld)
  }
}
