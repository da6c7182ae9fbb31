/**
 * What a scope follows beside who owns a page. Kernel code is written as if it followed everything; a step on
 * what a scope leaves out is no step there (`detail()` of model/step.ts).
 */
import type { Scope } from './scope/bounds.ts'

const details = {
  /** Parameters, statistics, jiffies, ids and memory models of struct page_pool. */
  details: (s) => s.details,
  /** Pages lie on NUMA nodes. */
  nodes: (s) => s.nodes > 1,
  /** The driver may ask for a node or for none: where parameters are followed they say it. */
  'any node': (s) => s.nodes > 1 && !s.details,
  /** Pages are cut in fragments. */
  frags: (s) => s.frags,
  /** Pools of page_pool_create_percpu(). */
  percpu: (s) => s.details || s.percpu,
  /** The driver makes a second pool. */
  'second pool': (s) => s.pools > 1,
  /** struct page has room for the index of a mapping: PP_DMA_INDEX_BITS > 0. */
  'index bits': (s) => s.indexBits,
  /**
   * A page is synced when it is mapped, too. Left out where nobody asks whether it was: only the allocating
   * context knows the page yet, and its device is in use.
   */
  'sync at map': (s) => s.details || s.duties,
} as const satisfies Readonly<Record<string, (scope: Scope) => boolean>>

export type Detail = keyof typeof details

export const follows =
  (scope: Scope) =>
  (detail: string): boolean =>
    details[detail as Detail](scope)
