/** The world a step sees. Access to freed memory is reported where it happens, as KASAN does. */
import {
  indexOf,
  NONE,
  type Fields,
  type Indexed,
  type Ref,
  type View,
} from '../../engine/state/layout.ts'
import type { Report } from '../../engine/system.ts'
import type { Scope } from '../scope.ts'
import { fatalKinds, type ReportKind } from './reports.ts'
import { locksAmong, poolLocks, type PageView, type PoolView, type worldFields } from './layout.ts'

/** Side effects in the order they happen, told in kernel terms: what each number is, its mechanism says. */
export type Trace = (event: string, ...args: readonly (number | string)[]) => void

/** What a driver asks page_pool_create() for: struct page_pool_params. */
export interface PoolParams {
  readonly flags: { readonly dma: boolean; readonly sync: boolean; readonly frag: boolean }
  /** Flags the kernel does not know are set as well. */
  readonly unknownFlags: boolean
  /** Slots of the ring; 0 asks for 1024. */
  readonly pool_size: number
  readonly dev: number
  readonly order: number
  /** NONE is NUMA_NO_NODE. */
  readonly nid: number
  readonly dma_dir: 'from' | 'bidi' | 'to'
  readonly max_len: number
  readonly offset: number
  readonly napi: boolean
  readonly netdev: boolean
  readonly cpuid: number
  /** The driver wants to see each new page: `init_callback`. */
  readonly init_callback: boolean
}
/** As the driver of the searched scopes creates its pool. */
const asSearched = (s: Scope): PoolParams => ({
  flags: { dma: true, sync: s.dmaSync, frag: s.frags },
  unknownFlags: false,
  pool_size: s.ringSize,
  dev: 0,
  order: 0,
  nid: NONE,
  dma_dir: 'from',
  max_len: 4096,
  offset: 0,
  napi: !s.percpu,
  netdev: false,
  cpuid: s.percpu ? 0 : NONE,
  init_callback: false,
})

export type Page = Ref<'page'>
export type Pool = Ref<'pool'>
type AllFields = ReturnType<typeof worldFields<Record<never, never>>>
type All = View<AllFields>

/** Where the ledger hangs: only world/ledger.ts may reach for it. */
export const LEDGER: unique symbol = Symbol('ledger')

export class World {
  /** The context that runs the present step. */
  current = NONE
  /** A step is being fired (a guard is only looking). */
  firing = false
  /** A fatal report was made in this step. */
  stopped = false
  /** Pages whose struct page the allocator or their owner may write in this step. */
  touched = 0
  /** Pages that may be read in this step whoever they belong to, or whose read was reported. */
  looked = 0
  /** Hears side effects as they happen; nobody does in a search. */
  trace: Trace | undefined
  /** The CPU of every context, where one is set: a sequential run is on one CPU at a time. */
  cpu: number | undefined
  /** What the driver is about to ask page_pool_create() for. */
  params: PoolParams
  readonly scope: Scope
  readonly task: All['task']
  readonly page: Indexed<PageView>
  readonly dev: All['dev']
  private readonly others: All['other_devices']
  readonly driver: All['driver']
  readonly stack: All['stack']
  readonly mem: All['mem']
  readonly mem_head: All['mem_head']
  readonly rxq: All['rxq']
  readonly napi: All['napi']
  readonly [LEDGER]: All['ledger']
  private readonly view: All
  private readonly pools: Indexed<PoolView>
  private readonly out: (report: Report) => void
  /** The fields of struct page_pool that are locks, where that is known. */
  readonly locks: readonly string[] | undefined

  /** @param design the fields that the design adds to struct page_pool */
  constructor(scope: Scope, view: View<Fields>, out: (report: Report) => void, design?: Fields) {
    const all = view as unknown as All
    this.scope = scope
    this.view = all
    this.out = out
    this.task = all.task
    this.page = scope.whole ? all.page : this.audited(all.page)
    this.dev = all.dev
    this.others = all.other_devices
    this.driver = all.driver
    this.stack = all.stack
    this.mem = all.mem
    this.mem_head = all.mem_head
    this.rxq = all.rxq
    this.napi = all.napi
    this.params = asSearched(scope)
    this.pools = all.pool
    this[LEDGER] = all.ledger
    this.locks = design === undefined ? undefined : [...poolLocks, ...locksAmong(design)]
    // What is kept beside the fields is in no state: it is refused.
    Object.seal(this)
  }

  get numa_mem_id(): number {
    return this.view.numa_mem_id
  }
  set numa_mem_id(node: number) {
    this.view.numa_mem_id = node
  }
  get jiffies(): number {
    return this.view.jiffies
  }
  set jiffies(now: number) {
    this.view.jiffies = now
  }
  /** `page_pools`: the next id of the netlink interface. */
  get page_pools_next(): number {
    return this.view.page_pools_next
  }
  set page_pools_next(id: number) {
    this.view.page_pools_next = id
  }

  get faults_left(): number {
    return this.view.faults_left
  }
  set faults_left(left: number) {
    this.view.faults_left = left
  }

  /** struct device; device 0 is `w.dev`, and the only one in a search. */
  device(dev: Ref<'device'>): All['dev'] {
    return dev === 0 ? this.dev : this.others(dev - 1)
  }

  /** struct page_pool, through the eyes of KASAN. A design passes its own fields as `D`. */
  pool<D = unknown>(pool: Pool): PoolView & D {
    if (pool === NONE) {
      this.report('null-pool', 'page->pp is NULL and is followed')
      return this.pools(0) as PoolView & D
    }
    if (this.firing && this[LEDGER].pool(pool).life !== 'allocated')
      this.report('use-of-freed-pool', 'struct page_pool is read or written after it was freed')
    return this.pools(pool) as PoolView & D
  }

  /**
   * struct page, through the eyes of whoever holds no reference: a read of one that is free, or somebody
   * else's by now, is reported. It is defined memory all the same, so the path goes on.
   */
  private audited(pages: Indexed<PageView>): Indexed<PageView> {
    const read = (page: Page): PageView => {
      if (this.firing && (((this.touched | this.looked) >>> page) & 1) === 0) {
        const { place } = this[LEDGER].page(page)
        if (place === 'page allocator' || place === 'somebody else') this.readOfFreed(page)
      }
      return pages(page)
    }
    return Object.assign(read, { all: pages.all, refs: pages.refs })
  }
  private readOfFreed(page: Page): void {
    this.looked |= 1 << page
    this.report(
      'read-of-freed-page',
      `struct page ${indexOf(page)} is read, which is free or somebody else's`,
    )
  }

  /** After a fatal report a kernel would have stopped: nothing more is reported in this step. */
  report(kind: ReportKind, detail: string): void {
    if (this.stopped) return
    this.stopped = fatalKinds.has(kind)
    this.out({ kind, detail, fatal: this.stopped })
  }
}
