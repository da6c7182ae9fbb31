/**
 * The model of one kernel, driven command by command as the kernel was when it was recorded: one call
 * at a time, from its begin to its end.
 */
import type { Instrument } from '../engine/program/automaton.ts'
import { plainView } from '../engine/state/plain-views.ts'
import { Sequential } from '../engine/program/sequential.ts'
import type { Steps, Value } from '../engine/step.ts'
import { linux61 } from '../model/kernels/linux-6-1.ts'
import { linux612 } from '../model/kernels/linux-6-12.ts'
import { follows } from '../model/details.ts'
import type { Kernel as Functions } from '../model/kernel.ts'
import { kernelOf, fieldsOf } from '../model/machine.ts'
import { DEFER_TIME } from '../model/pool/page-pool.ts'
import { kernelSizes } from '../model/scope/bounds.ts'
import { KWORKER, RTNL, SOFTIRQ0, SOFTIRQ1 } from '../model/world/sync/context.ts'
import { struct_device, type Device } from '../model/world/io/devices.ts'
import { scalarsets } from '../model/world/scalarsets.ts'
import { __xdp_mem_allocator_rcu_free } from '../model/xdp/mem-model.ts'
import { World, type Pool } from '../model/world/world.ts'
import { UnknownCommand } from './command-line.ts'
import { Environment } from './environment.ts'
import { Recorder } from './recorder.ts'
import type { KernelId } from './recording.ts'
import { stateOf, type Names, type State } from './state.ts'

const designOf = { 'linux-6.1': linux61, 'linux-6.12': linux612 } as const
const fields = {
  'linux-6.1': fieldsOf(linux61, kernelSizes),
  'linux-6.12': fieldsOf(linux612, kernelSizes),
} as const

/**
 * Steps of the model, and pages looked at, that one sequence may cost: four hundred times what the longest
 * recorded one does. A few words of a recording can ask for more than anybody waits for.
 */
export const MOST_EFFORT = 4_000_000
const MOST_PAGES = 100_000

export class Kernel {
  readonly id: KernelId
  readonly w: World
  readonly design: Functions
  readonly environment = new Environment()
  readonly recorder: Recorder
  /** The pools by the name a recording gave them; one that was freed keeps its name until it is given anew. */
  readonly pools = new Map<string, Pool>()
  /** A device is there, and bound, from when it is first named. */
  readonly devices = new Set<Device>()
  /** struct xdp_frame_bulk, on the stack of a driver: which id it is for (-1 none), and the frames. */
  readonly bulk = { id: -1, pages: [] as number[] }
  private readonly sequential: Sequential
  private readonly names: Names
  /** Pools whose release_dw is queued, in the order it was queued, and when each is due. */
  private works: { readonly pool: Pool; readonly due: number }[] = []
  private made = 0
  private pagesMade = 0
  /** What was spent so far of MOST_EFFORT. */
  effort = 0
  /** Ids whose call_rcu() waits for a grace period. */
  private callbacks: number[] = []

  /** Called after every step, if set. */
  afterStep: (() => void) | undefined

  constructor(id: KernelId, instrument?: Instrument) {
    this.id = id
    this.w = new World(kernelSizes, plainView(fields[id], scalarsets), () => {}, fields[id])
    this.design = kernelOf(designOf[id], kernelSizes)
    this.sequential = new Sequential({
      world: this.w,
      self: this.design,
      has: follows(kernelSizes),
      after: () => {
        this.spend(1)
        this.afterStep?.()
      },
      choose: (action) => this.environment.choose(action, this.w, this.sequential.stack.at(-1)!),
      ...(instrument === undefined ? {} : { instrument }),
    })
    this.recorder = new Recorder(this.w, (pool) => this.nameOf(pool))
    this.names = {
      kernel: id,
      pools: this.pools,
      devices: this.devices,
      poolName: (pool) => this.nameOf(pool),
      retry: (pool) => this.retry(pool),
      mapping: (page) => this.recorder.mapping(page),
      freed: this.recorder.freed,
    }
    this.begin()
  }

  private begin(): void {
    const { w } = this
    w.current = SOFTIRQ0
    w.cpu = 0
    w.faults_left = Infinity
    this.device(0)
    w.napi.sched = true
    w.mem.mem_id_next = 1
    w.trace = (event, ...args) => this.hear(event, args)
  }

  /** Throws UnknownCommand when it is too much. */
  spend(effort: number): void {
    this.effort += effort
    if (this.effort > MOST_EFFORT)
      throw new UnknownCommand(
        `more than ${MOST_EFFORT / 1_000_000} million steps of the model would be needed`,
      )
  }
  /** Calls a kernel function in the present context. */
  call<R>(fn: (...args: never[]) => Steps<R>, ...args: readonly Value[]): R {
    this.spend(1)
    return this.sequential.run(fn, ...args)
  }
  /** Where the last step was taken: `outer > inner › label`. */
  get place(): string {
    return this.sequential.place
  }
  state(): State {
    this.spend(1 + this.pagesMade)
    return stateOf(this.w, this.names)
  }
  newPool(): Pool {
    this.made += 1
    return this.made - 1
  }
  private nameOf(pool: Pool): string {
    for (const [name, it] of this.pools) if (it === pool) return name
    return `#${pool}`
  }

  device(dev: Device): Device {
    if (this.devices.has(dev)) return dev
    this.devices.add(dev)
    const it = struct_device(this.w, dev)
    it.refcount = 1
    it.dma_ready = true
    it.iommu_group = true
    it.need_sync = true
    return dev
  }

  /** Softirq or process context, for the calls that follow. */
  enter(softirq: boolean): void {
    this.w.current = softirq ? SOFTIRQ0 : RTNL
  }

  /** Time passes; each delayed work runs at its due time. The number of works that ran. */
  tick(milliseconds: number): number {
    const until = this.environment.now + milliseconds
    let ran = 0
    for (let next = this.due(until); next !== undefined; next = this.due(until)) {
      this.setTime(Math.max(next.due, this.environment.now))
      this.works = this.works.filter((work) => work !== next)
      this.work(next.pool)
      ran += 1
    }
    this.setTime(until)
    return ran
  }
  setTime(now: number): void {
    this.environment.now = now
    this.w.jiffies = now
  }
  private due(until: number): { readonly pool: Pool; readonly due: number } | undefined {
    let first: { readonly pool: Pool; readonly due: number } | undefined
    for (const work of this.works)
      if (work.due <= until && (first === undefined || work.due < first.due)) first = work
    return first
  }
  private work(pool: Pool): void {
    this.inContext(KWORKER, () => {
      this.w.trace?.('work')
      this.w.pool(pool).release_dw = false
      this.call(this.design.page_pool_release_retry, pool)
    })
  }
  /** A grace period ends: callbacks run in a softirq, in the order they were queued. Their number. */
  gracePeriod(): number {
    const queued = this.callbacks
    this.callbacks = []
    for (const id of queued)
      this.inContext(SOFTIRQ1, () => this.call(__xdp_mem_allocator_rcu_free, id))
    return queued.length
  }
  private inContext(context: number, run: () => void): void {
    const { current } = this.w
    this.w.current = context
    run()
    this.w.current = current
  }
  private retry(pool: Pool): number {
    const work = this.works.find((it) => it.pool === pool)
    return work === undefined ? -1 : work.due - this.environment.now
  }

  private hear(event: string, args: readonly (number | string)[]): void {
    if (event === 'bulk_request') this.environment.beginsBulk(args[0] as number)
    if (event === 'newpage' && (this.pagesMade += 1) > MOST_PAGES)
      throw new UnknownCommand(`more than ${MOST_PAGES} pages would be allocated`)
    if (event === 'newpage' && this.environment.pfmemalloc)
      this.w.page(args[0] as number).pfmemalloc = true
    if (event === 'call_rcu') this.callbacks.push(args[0] as number)
    if (event === 'schedule')
      this.works.push({ pool: args[0] as Pool, due: this.environment.now + DEFER_TIME })
    this.recorder.hear(event, args)
  }
}
