/** Side effects of the model in the words of the recordings. */
import { indexOf } from '../engine/state/layout.ts'
import type { Page, World } from '../model/world/world.ts'

/** Something observed during one command, and where in the model it came from. */
export interface Happening {
  readonly text: string
  readonly place: string
}
const LOGS: ReadonlySet<string> = new Set(['warn', 'crit', 'BUG', 'WARN'])
type Arguments = readonly (number | string)[]

export class Recorder {
  readonly ev: Happening[] = []
  readonly log: Happening[] = []
  readonly dma: Happening[] = []
  /** Mappings are numbered as they are made, from 1; a page is mapped once in its life. */
  private readonly mappings = new Map<Page, number>()
  /** Pages whose last reference was dropped; they never come back. */
  readonly freed = new Set<Page>()
  /** What is said once was said. */
  private readonly warned = new Set<string>()
  private readonly w: World
  /** Where the step under way is taken; not asked for unless somebody reads it. */
  place: () => string = () => ''
  private readonly poolName: (pool: number) => string

  constructor(w: World, poolName: (pool: number) => string) {
    this.w = w
    this.poolName = poolName
  }

  forget(): void {
    this.ev.length = 0
    this.log.length = 0
    this.dma.length = 0
  }
  /** The number of the mapping whose address stands in struct page; 0 is none. */
  mapping(page: Page, addressed: boolean | number = this.w.page(page).dma_addr): number {
    return addressed ? (this.mappings.get(page) ?? 0) : 0
  }

  hear(event: string, args: Arguments): void {
    if (event === 'WARN_ONCE') this.warnOnce(`WARN: ${args[0]}`)
    else if (LOGS.has(event)) this.note(this.log, `${event}: ${args[0]}`)
    else if (/-(after|at|of|while)-/.test(event)) this.dmaError(event, args as readonly number[])
    else this.note(this.ev, this.effect(event, args))
  }
  private warnOnce(text: string): void {
    if (this.warned.has(text)) return
    this.warned.add(text)
    this.note(this.log, text)
  }
  private note(list: Happening[], text: string): void {
    list.push({ text, place: this.place() })
  }
  private dmaError(event: string, [it, addressed, dev]: readonly number[]): void {
    const text = `${event} ${this.dmaDetail(event, it!, addressed, `d${dev}`)}`
    this.note(this.dma, text)
    this.note(this.ev, `DMAERR ${text}`)
  }
  private dmaDetail(event: string, it: number, addressed: number | undefined, dev: string): string {
    if (event.startsWith('leak-')) return `${dev} count=${it}`
    // Which mapping is left is known to the ledger, whatever still stands in struct page.
    if (event === 'free-while-mapped') return `pg${indexOf(it)} m${this.mapping(it, true)}`
    if (event.startsWith('map-')) return `${dev} pg${indexOf(it)}`
    return `${event.endsWith('-of-unmapped') ? '' : `${dev} `}m${this.mapping(it, addressed)}`
  }

  private effect(event: string, args: Arguments): string {
    const [a, b, c, d] = args as readonly number[]
    switch (event) {
      case 'newpage':
        return `newpage ${indexOf(a!)} nid=${b}`
      case 'map':
        this.mappings.set(a!, this.mappings.size + 1)
        return `map ${indexOf(a!)} m${this.mappings.size}`
      case 'unmap':
        return `unmap m${this.mapping(a!, b)}`
      case 'sync_dev':
        return `sync_dev m${this.mapping(a!, b)} +${c} len=${d}`
      case 'hold':
      case 'release':
        return `${event} ${this.poolName(a!)} ${indexOf(b!)} ${c}`
      case 'put_page':
        return `put_page ${indexOf(a!)} ref=${b}`
      case 'init_cb':
        return `init_cb ${indexOf(a!)}`
      case 'free':
        this.freed.add(a!)
        return `free ${indexOf(a!)}`
      case 'get_device':
      case 'put_device':
        return `${event} d${b} ${a}`
      case 'device_release':
        return `device_release d${a}`
      case 'schedule':
        return 'schedule +1000'
      case 'inflight':
        return `inflight ${this.poolName(a!)} ${b} ${c} ${d}`
      case 'mem_connect':
      case 'mem_disconnect':
        return `${event} id=${a}`
      case 'call_rcu':
        return event
      case 'xa_destroy':
        return `xa_destroy n=${a}`
      case 'pool_free':
        return `pool_free ${this.poolName(a!)}`
      default:
        return args.length === 0 ? event : `${event} ${args.join(' ')}`
    }
  }
}
