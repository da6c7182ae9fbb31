/** The world a step sees. Access to freed memory is reported where it happens, as KASAN does. */
import {
  indexOf,
  NONE,
  type Fields,
  type Indexed,
  type Ref,
  type RefSet,
  type View,
} from '../../engine/state/layout.ts'
import { unknownFields } from '../../engine/state/layout-says.ts'
import { Misuse } from '../../engine/authoring/misuse.ts'
import type { Report } from '../../engine/system.ts'
import type { Scope } from '../scope/bounds.ts'
import { fatalKinds, type ReportKind } from './reports.ts'
import { locksAmong } from './sync/locks.ts'

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

/**
 * What there is in the world, part by part. Every mechanism adds what it needs beside its functions
 * (`declare module`), and a family says which parts its worlds have: nothing here names any of them.
 */
// oxlint-disable typescript/no-empty-interface, typescript/no-empty-object-type -- each mechanism adds its own
export interface Parts {
  /** What is true, which no design sees. */
  readonly ledger: Truth
}
/** struct page. */
export interface PageState {}
/** struct page_pool; a design adds fields of its own. */
export interface PoolState {}
/** The ledger: what is true, and the situations met on this path that make later properties worth something. */
export interface Truth {
  readonly page: Indexed<PageTruth>
  readonly pool: Indexed<PoolTruth>
  readonly seen: Seen
}
export interface PageTruth {
  place: Place
}
export interface PoolTruth {
  life: Life
}
export interface Seen {}
// oxlint-enable

/** Where a page is. */
export const PLACES = [
  'page allocator',
  'hand',
  'alloc cache',
  'ring',
  'RX ring',
  'stack',
  'pipe',
  'somebody else',
] as const
export type Place = (typeof PLACES)[number]
/** Whether the memory of a pool is there. */
export const LIVES = ['never', 'allocated', 'freed'] as const
export type Life = (typeof LIVES)[number]

/** Where the ledger hangs: only model/ledger may reach for it. */
export const LEDGER: unique symbol = Symbol('ledger')

type WaitsForReaders = Indexed<{ readonly gp_wait: RefSet<'context'> }>

const NO_POOLS: Indexed<PoolState> = Object.assign(
  (): never => {
    throw new Misuse('w.pool(...): the worlds of this family have no pool.')
  },
  { all: [], refs: [] },
)

/** The parts that a family gives its worlds are members of them. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the constructor puts them there
export interface World extends Omit<Parts, 'ledger'> {}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- see above
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
  readonly [LEDGER]: Truth
  /** The parts whose members wait for a grace period. */
  readonly waiters: readonly WaitsForReaders[]
  private readonly pools: Indexed<PoolState>
  private readonly out: (report: Report) => void
  /** The fields of struct page_pool that are locks. */
  readonly locks: readonly string[]

  /** @param fields what `view` is a view of: the parts of this world */
  constructor(scope: Scope, view: View<Fields>, out: (report: Report) => void, fields: Fields) {
    const all = view as unknown as Parts & { readonly pool: Indexed<PoolState> }
    this.scope = scope
    this.out = out
    this.params = asSearched(scope)
    this.pools = 'pool' in fields ? all.pool : NO_POOLS
    this[LEDGER] = all.ledger
    this.locks = locksAmong(fields['pool'])
    this.waiters = Object.entries(fields).flatMap(([name, part]) =>
      part.kind === 'array' && 'gp_wait' in part.of.fields
        ? [view[name] as unknown as WaitsForReaders]
        : [],
    )
    for (const [name, { kind }] of Object.entries(fields))
      if (name === 'page')
        this.has(name, scope.goesOnAfterMistakes ? all.page : this.audited(all.page))
      else if (kind === 'scalar') this.passesOn(name, view)
      else if (name !== 'pool' && name !== 'ledger') this.has(name, view[name])
    // What is kept beside the fields is in no state: it is refused.
    Object.seal(this)
  }
  private has(name: string, value: unknown): void {
    Object.defineProperty(this, name, { value, enumerable: true })
  }
  private passesOn(name: string, view: View<Fields>): void {
    const values = view as Record<string, unknown>
    Object.defineProperty(this, name, {
      get: () => values[name],
      set: (value) => {
        values[name] = value
      },
      enumerable: true,
    })
  }

  /** struct page_pool, through the eyes of KASAN. A design passes its own fields as `D`. */
  pool<D = unknown>(pool: Pool): PoolState & D {
    if (pool === NONE) {
      this.report('null-pool', 'page->pp is NULL and is followed')
      return this.pools(0) as PoolState & D
    }
    if (this.firing && this[LEDGER].pool(pool).life !== 'allocated')
      this.report('use-of-freed-pool', 'struct page_pool is read or written after it was freed')
    return this.pools(pool) as PoolState & D
  }

  /**
   * struct page, through the eyes of whoever holds no reference: a read of one that is free, or somebody
   * else's by now, is reported. It is defined memory all the same, so the path goes on.
   */
  private audited(pages: Indexed<PageState>): Indexed<PageState> {
    const read = (page: Page): PageState => {
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
// A part that the worlds of this family have not is named when it is asked for, rather than read as undefined.
Object.setPrototypeOf(World.prototype, unknownFields('', []))
