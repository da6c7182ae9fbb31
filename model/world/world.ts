/** The world a step sees. Access to freed memory is reported where it happens, as KASAN does. */
import { NONE, type Fields, type Indexed, type Ref, type View } from '../../engine/layout.ts'
import type { Report } from '../../engine/system.ts'
import type { Scope } from '../scope.ts'
import { fatalKinds, type ReportKind } from './reports.ts'
import type { PageView, PoolView, worldFields } from './layout.ts'

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
  readonly scope: Scope
  readonly task: All['task']
  readonly page: Indexed<PageView>
  readonly dev: All['dev']
  readonly driver: All['driver']
  readonly stack: All['stack']
  readonly mem: All['mem']
  readonly mem_head: All['mem_head']
  readonly rxq: All['rxq']
  readonly [LEDGER]: All['ledger']
  private readonly view: All
  private readonly pools: Indexed<PoolView>
  private readonly out: (report: Report) => void

  constructor(scope: Scope, view: View<Fields>, out: (report: Report) => void) {
    const all = view as unknown as All
    this.scope = scope
    this.view = all
    this.out = out
    this.task = all.task
    this.page = all.page
    this.dev = all.dev
    this.driver = all.driver
    this.stack = all.stack
    this.mem = all.mem
    this.mem_head = all.mem_head
    this.rxq = all.rxq
    this.pools = all.pool
    this[LEDGER] = all.ledger
  }

  get faults_left(): number {
    return this.view.faults_left
  }
  set faults_left(left: number) {
    this.view.faults_left = left
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

  /** After a fatal report a kernel would have stopped: nothing more is reported in this step. */
  report(kind: ReportKind, detail: string): void {
    if (this.stopped) return
    this.stopped = fatalKinds.has(kind)
    this.out({ kind, detail, fatal: this.stopped })
  }
}
