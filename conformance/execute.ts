/** Each command of the recordings, as a call into the model (docs/conformance.md lists them). */
import { indexOf, NONE } from '../engine/state/layout.ts'
import type { Linux61 } from '../model/kernels/linux-6-1.ts'
import { page_pool_inflight } from '../model/world/memory/in-flight.ts'
import { put_device } from '../model/world/io/device.ts'
import { ALL, dma_debug_unbound, type Device } from '../model/world/io/dma.ts'
import { struct_device } from '../model/world/io/devices.ts'
import { get_page, pfn_to_page, put_page } from '../model/world/memory/page.ts'
import type { Page, Pool } from '../model/world/world.ts'
import * as xdp from '../model/xdp/mem-model.ts'
import type { CommandLine } from './command-line.ts'
import { FAULTS, type Fault } from './environment.ts'
import type { Kernel } from './kernel.ts'
import type { KernelId } from './recording.ts'
import { isAlive, liveMappings } from './state.ts'

/** The call is not made: it would follow a pointer to freed memory, or to none. */
class Guard extends Error {}
type Run = (kernel: Kernel, line: CommandLine) => unknown

/** What the command returned, `{ guard }` when it was not made. Throws UnknownCommand. */
export function execute(kernel: Kernel, line: CommandLine): unknown {
  if (!Object.hasOwn(commands, line.verb)) throw line.refuse('is not known')
  const run = commands[line.verb]!
  const only = Object.hasOwn(ONLY_IN, line.verb) ? ONLY_IN[line.verb] : undefined
  if (only !== undefined && only !== kernel.id) throw line.refuse(`is of ${only}`)
  try {
    return run(kernel, line) ?? null
  } catch (error) {
    if (error instanceof Guard) return { guard: error.message }
    throw error
  }
}

/** Calls one of the kernels does not have. */
const ONLY_IN: Readonly<Record<string, KernelId>> = {
  release_page: 'linux-6.1',
  xdp_release: 'linux-6.1',
  pp_ref: 'linux-6.12',
  disable_direct: 'linux-6.12',
  unreg_netdev: 'linux-6.12',
}

const pool = (kernel: Kernel, line: CommandLine): Pool => {
  const name = line.word('pool')
  const it = kernel.pools.get(name)
  if (it === undefined) throw line.refuse(`names pool "${name}", which was never created`)
  if (!isAlive(kernel.w, it)) throw new Guard('pool freed')
  return it
}
/** page->pp, where it can be followed. */
function owner({ w }: Kernel, page: Page): void {
  const { pp } = w.page(page)
  if (pp === NONE) throw new Guard('page->pp NULL')
  if (!isAlive(w, pp)) throw new Guard('page->pp dangling')
}
const rxq = (line: CommandLine): number => {
  const name = line.word('queue')
  if (!/^q\d{1,3}$/.test(name))
    throw line.refuse(`has "${name}" where a queue, q0 to q999, should be`)
  return Number(name.slice(1))
}
const device = (kernel: Kernel, line: CommandLine, name = line.optionalWord() ?? 'd0'): Device => {
  if (!/^d\d{1,2}$/.test(name))
    throw line.refuse(`has "${name}" where a device, d0 to d99, should be`)
  return kernel.device(Number(name.slice(1)))
}
const memId = (line: CommandLine): number => line.numberOption('mem', 0) - 1
const pages = (kernel: Kernel, line: CommandLine): readonly Page[] => {
  const named: Page[] = []
  for (const number of line.pages()) {
    if (number < 0 || number >= kernel.w.page.all.length)
      throw line.refuse(`names page ${number}, which was never allocated in the model`)
    kernel.spend(1)
    named.push(pfn_to_page(number))
  }
  return named
}
const numberOf = (page: Page): number => (page === NONE ? NONE : indexOf(page))

function create(kernel: Kernel, line: CommandLine): number {
  const { w } = kernel
  const name = line.word('pool')
  const flags = new Set((line.option('flags') ?? '').split(','))
  const sync = flags.has('sync')
  w.params = {
    flags: { dma: flags.has('dma'), sync, frag: flags.has('frag') },
    unknownFlags: flags.has('bad'),
    pool_size: line.numberOption('size', 0),
    dev: device(kernel, line, line.option('dev') ?? 'd0'),
    order: line.numberOption('order', 0),
    nid: line.numberOption('nid', NONE),
    dma_dir: (line.option('dir') ?? 'from') as 'from' | 'bidi' | 'to',
    max_len: line.numberOption('max_len', sync ? 4096 : 0),
    offset: line.numberOption('offset', 0),
    napi: line.numberOption('napi', 0) === 1,
    netdev: line.numberOption('netdev', 0) === 1,
    cpuid: line.numberOption('cpuid', NONE),
    init_callback: line.numberOption('cb', 0) === 1,
  }
  const made = kernel.newPool()
  const before = kernel.pools.get(name)
  kernel.pools.set(name, made)
  const err = kernel.call(kernel.design.page_pool_create, made)
  if (err === 0) poke(kernel, line, made)
  else if (before === undefined) kernel.pools.delete(name)
  else kernel.pools.set(name, before)
  return err
}
/** Overwrites the counters. */
function poke({ w }: Kernel, line: CommandLine, it: Pool): void {
  const state = w.pool(it)
  state.pages_state_hold_cnt = line.numberOption('hold', state.pages_state_hold_cnt)
  state.pages_state_release_cnt = line.numberOption('release', state.pages_state_release_cnt)
}

function alloc(kernel: Kernel, line: CommandLine): unknown {
  const it = pool(kernel, line)
  const one = (): number => numberOf(kernel.call(kernel.design.page_pool_alloc_pages, it))
  const n = line.option('n')
  return n === undefined ? one() : Array.from({ length: line.numberOption('n', 1) }, one)
}
function frag(kernel: Kernel, line: CommandLine): readonly number[] {
  const it = pool(kernel, line)
  const size = line.number('size')
  const page = kernel.call(kernel.design.page_pool_alloc_frag, it, size)
  if (page === NONE) return [NONE, 0]
  return [numberOf(page), kernel.w.pool(it).frag_offset - Math.ceil(size / 8) * 8]
}
const put =
  (options: (line: CommandLine) => { direct: boolean; sync: number }): Run =>
  (kernel, line) => {
    const it = pool(kernel, line)
    const list = pages(kernel, line)
    const { direct, sync } = options(line)
    for (const page of list) {
      if (!isAlive(kernel.w, it)) throw new Guard('pool freed')
      kernel.call(kernel.design.page_pool_put_page, it, page, direct, sync)
    }
  }
function skbFree(kernel: Kernel, line: CommandLine): number {
  let recycled = 0
  for (const page of pages(kernel, line)) {
    const signed = kernel.w.page(page).pp_magic
    if (signed) owner(kernel, page)
    kernel.call(kernel.design.napi_pp_put_page, page, false)
    recycled += Number(signed)
  }
  return recycled
}

/** The errno; with an allocator the id as well. */
function regMem(kernel: Kernel, line: CommandLine): number | readonly number[] {
  const q = rxq(line)
  const name = line.word('pool')
  if (name === 'order0') return kernel.call(xdp.xdp_rxq_info_reg_page_order0, q)
  if (name === 'null') return kernel.call(xdp.xdp_rxq_info_reg_mem_model, q, NONE)
  const it = kernel.pools.get(name)
  if (it === undefined) throw line.refuse(`names pool "${name}", which was never created`)
  if (!isAlive(kernel.w, it)) throw new Guard('pool freed')
  return [kernel.call(xdp.xdp_rxq_info_reg_mem_model, q, it), kernel.w.rxq(q).mem_id + 1]
}
/** Unregistering looks the id up and follows what it finds. */
function findable({ w }: Kernel, q: number): void {
  const { state, mem_id, page_pool } = w.rxq(q)
  if (state === 'registered' && page_pool && mem_id !== NONE && !w.mem.mem_id_ht.has(mem_id))
    throw new Guard('NULL xa deref in xdp_unreg_mem_model')
}
const unregister =
  (fn: typeof xdp.xdp_rxq_info_unreg): Run =>
  (kernel, line) => {
    const q = rxq(line)
    findable(kernel, q)
    kernel.call(fn, q)
  }

function xdpReturn(kernel: Kernel, line: CommandLine): void {
  const list = pages(kernel, line)
  for (const page of list)
    if (line.has('order0')) kernel.call(xdp.xdp_return_order0, page)
    else {
      owner(kernel, page)
      kernel.call(xdp.__xdp_return, page, line.has('direct'))
    }
}
/** xdp_return_frame_bulk(): frames gather until there are XDP_BULK_QUEUE_SIZE, or another id comes. */
function xdpBulk(kernel: Kernel, line: CommandLine): number {
  const { bulk } = kernel
  const id = memId(line)
  for (const page of pages(kernel, line)) {
    if (bulk.id !== id && lookup(kernel, id) === NONE)
      throw new Guard('NULL xa deref in xdp_return_frame_bulk')
    if (bulk.id === NONE) {
      bulk.id = id
      bulk.pages = []
    }
    if (bulk.pages.length === XDP_BULK_QUEUE_SIZE) flush(kernel)
    if (bulk.id !== id) {
      flush(kernel)
      bulk.id = id
    }
    bulk.pages.push(page)
  }
  return bulk.pages.length
}
const XDP_BULK_QUEUE_SIZE = 16
const lookup = (kernel: Kernel, id: number): number =>
  id >= 0 && kernel.call(xdp.pool_of_mem_id, id) !== NONE ? id : NONE
/** The queue keeps its id for the next frame. */
function flush(kernel: Kernel): void {
  const { bulk } = kernel
  if (bulk.id === NONE || bulk.pages.length === 0) return
  const it = kernel.w.mem_head(bulk.id).page_pool
  if (it === NONE || !isAlive(kernel.w, it)) throw new Guard('pool freed')
  kernel.call(kernel.design.page_pool_put_page_bulk, it, ...bulk.pages)
  bulk.pages = []
}

const commands: Readonly<Record<string, Run>> = {
  create,
  set: (kernel, line) => poke(kernel, line, pool(kernel, line)),
  alloc,
  put: put((line) => ({ direct: line.has('direct'), sync: line.numberOption('sync', ALL) })),
  put_full: put((line) => ({ direct: line.has('direct'), sync: ALL })),
  recycle_direct: put(() => ({ direct: true, sync: ALL })),
  put_bulk: (kernel, line) => {
    const it = pool(kernel, line)
    kernel.call(kernel.design.page_pool_put_page_bulk, it, ...pages(kernel, line))
  },
  release_page: (kernel, line) => {
    const it = pool(kernel, line)
    for (const page of pages(kernel, line))
      kernel.call((kernel.design as unknown as Linux61).page_pool_release_page, it, page)
  },
  skb_free: skbFree,
  getref: (kernel, line) => {
    for (const page of pages(kernel, line)) get_page(kernel.w, page)
  },
  putref: (kernel, line) => {
    for (const page of pages(kernel, line)) kernel.call(put_page, page)
  },
  frag,
  fragment: (kernel, line) => {
    const list = pages(kernel, line)
    const nr = line.number('number')
    for (const page of list) kernel.w.page(page).pp_ref_count = nr
  },
  unref: (kernel, line) => {
    const list = pages(kernel, line)
    const nr = line.number('number')
    const left = list.map((page) => kernel.call(kernel.design.page_pool_unref_page, page, nr))
    return left.length === 1 ? left[0] : left
  },
  pp_ref: (kernel, line) => {
    for (const page of pages(kernel, line)) kernel.w.page(page).pp_ref_count += 1
  },
  destroy: (kernel, line) => kernel.call(kernel.design.page_pool_destroy, pool(kernel, line)),
  inflight: (kernel, line) => {
    const it = pool(kernel, line)
    const strict = kernel.id === 'linux-6.1' || line.numberOption('strict', 1) === 1
    return kernel.call(page_pool_inflight, it, strict)
  },
  update_nid: (kernel, line) => {
    const it = pool(kernel, line)
    kernel.call(kernel.design.page_pool_update_nid, it, line.number('node'))
  },
  nid_changed: (kernel, line) => {
    const it = pool(kernel, line)
    kernel.call(kernel.design.page_pool_nid_changed, it, line.number('node'))
  },
  disable_direct: (kernel, line) =>
    kernel.call(kernel.design.page_pool_disable_direct_recycling, pool(kernel, line)),
  tick: (kernel, line) => kernel.tick(line.optionalNumber(1000)),
  rcu: (kernel) => kernel.gracePeriod(),
  set_node: ({ w }, line) => void (w.numa_mem_id = line.number('node')),
  node: ({ w }, line) => void (w.numa_mem_id = line.number('node')),
  cpu: ({ w }, line) => void (w.cpu = line.number('CPU')),
  ctx: (kernel, line) => kernel.enter(line.word('context') === 'softirq'),
  napi_owner: ({ w }, line) => void (w.napi.list_owner = line.number('CPU')),
  napi_sched: ({ w }, line) => void (w.napi.sched = line.number('flag') === 1),
  need_sync: (kernel, line) => {
    const wanted = line.number('flag') === 1
    struct_device(kernel.w, device(kernel, line)).need_sync = wanted
  },
  jiffies: (kernel, line) => kernel.setTime(line.number('time')),
  alloc_nid: ({ environment }, line) => void (environment.alloc_nid = line.number('node')),
  bulk_max: ({ environment }, line) => void (environment.bulk_max = line.number('number')),
  pfmemalloc: ({ environment }, line) => void (environment.pfmemalloc = line.number('flag') === 1),
  fail: ({ environment }, line) => {
    const fault = line.word('fault')
    if (!(FAULTS as readonly string[]).includes(fault))
      throw line.refuse(`names the unknown fault "${fault}"; there are ${FAULTS.join(', ')}`)
    environment.fail(fault as Fault, line.optionalNumber(1), line.optionalNumber(0))
  },
  unbind: (kernel, line) => {
    const dev = device(kernel, line)
    struct_device(kernel.w, dev).dma_ready = false
    dma_debug_unbound(kernel.w, dev)
  },
  bind: (kernel, line) => {
    struct_device(kernel.w, device(kernel, line)).dma_ready = true
  },
  unregister: (kernel, line) => put_device(kernel.w, device(kernel, line)),
  reg: (kernel, line) => {
    const q = rxq(line)
    if (kernel.w.rxq(q).state === 'registered') findable(kernel, q)
    return kernel.call(xdp.xdp_rxq_info_reg, q)
  },
  reg_mem: regMem,
  unreg_mem: unregister(xdp.xdp_rxq_info_unreg_mem_model),
  unreg: unregister(xdp.xdp_rxq_info_unreg),
  xdp_return: xdpReturn,
  xdp_bulk: xdpBulk,
  xdp_flush: flush,
  xdp_release: (kernel, line) => {
    for (const page of pages(kernel, line)) kernel.call(xdp.__xdp_release_frame, page, memId(line))
  },
  mem_id_next: ({ w }, line) => void (w.mem.mem_id_next = line.number('id')),
  unreg_netdev: ({ w, pools }, line) => {
    const to = line.has('wipe') ? 'poison' : 'loopback'
    for (const it of pools.values()) if (w.pool(it).netdev === 'device') w.pool(it).netdev = to
  },
  state: () => {},
  end: (kernel) => {
    const { w } = kernel
    return {
      pools: [...kernel.pools.values()].filter((it) => isAlive(w, it)).length,
      mappings: liveMappings(w),
      pages: w.page.all.length - kernel.recorder.freed.size,
      ida: w.mem.mem_id_pool.toArray().length,
      ht: w.mem.mem_id_ht.toArray().length,
      rcu: w.mem.rcu_pending.toArray().length,
    }
  },
}
