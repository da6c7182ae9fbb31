/** What the kernel code under test has around it: allocators that may fail, nodes, CPUs, time. */
import type { StepAction, Value } from '../engine/step.ts'
import { NONE } from '../engine/state/layout.ts'
import type { World } from '../model/world/world.ts'

export const FAULTS = ['alloc', 'dma', 'ida', 'rhash', 'kmalloc', 'kvmalloc', 'xa', 'list'] as const
export type Fault = (typeof FAULTS)[number]

/** Which injected failures each choice of the model stands for. */
const faultsOf: Readonly<Record<string, readonly Fault[]>> = {
  'kzalloc(struct page_pool)': ['kmalloc'],
  'kzalloc(struct rhashtable)': ['kmalloc'],
  'kzalloc(struct xdp_mem_allocator)': ['kmalloc'],
  'ptr_ring_init(&pool->ring)': ['kvmalloc'],
  'xa_alloc_cyclic(&page_pools)': ['list', 'xa'],
  'dma_map_page_attrs(pool->p.dev)': ['dma'],
  'xa_alloc(&pool->dma_mapped, &id, page)': ['xa'],
  'ida_simple_get(&mem_id_pool)': ['ida'],
  'rhashtable_insert_slow(mem_id_ht)': ['rhash'],
}

export class Environment {
  /** Node of new pages; -1 is the node asked for. */
  alloc_nid = NONE
  /** Pages the allocator gives in one bulk call at most; -1 is no limit. */
  bulk_max = -1
  /** New pages come from the emergency reserves. */
  pfmemalloc = false
  /** Milliseconds since the world began, beyond 32 bits. */
  now = 0
  /** Pages left in the bulk call under way. */
  private left = Infinity
  private readonly faults = new Map<Fault, { skip: number; count: number }>()

  fail(fault: Fault, count: number, skip: number): void {
    this.faults.set(fault, { skip, count })
  }
  beginsBulk(size: number): void {
    this.left = this.bulk_max < 0 ? size : Math.min(size, this.bulk_max)
  }

  /** Does this call fail? Failures injected earlier run out call by call. */
  private fails(fault: Fault, w: World): boolean {
    const it = this.faults.get(fault)
    if (it === undefined || it.count === 0) return false
    if (it.skip > 0) {
      it.skip -= 1
      return false
    }
    it.count -= 1
    w.trace?.('fault', fault)
    return true
  }

  /** @param fn the function that leaves it to the environment. */
  choose(action: StepAction, w: World, fn: string): Value {
    const faults = faultsOf[action.label]
    if (faults !== undefined) return faults.some((fault) => this.fails(fault, w)) ? 'fails' : 'ok'
    if (action.label === 'alloc_pages_node()') return this.page(action, w, fn)
    const first = action.options!(w as never)[0]
    return action.label === 'page_to_nid(page)' && this.alloc_nid >= 0 ? this.alloc_nid : first
  }
  private page(action: StepAction, w: World, fn: string): Value {
    if (fn === '__page_pool_alloc_pages_slow') {
      if (this.left === 0) return NONE
      this.left -= 1
    }
    return this.fails('alloc', w) ? NONE : action.options!(w as never)[0]
  }
}
