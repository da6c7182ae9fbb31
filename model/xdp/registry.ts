/** The registry of XDP memory models (net/core/xdp.c), and the RX queues that register one. */
import {
  array,
  flag,
  noted,
  oneOf,
  optional,
  record,
  ref,
  set,
  uint,
  NONE,
  type Indexed,
  type View,
} from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { contexts } from '../world/sync/contexts.ts'
import { lock } from '../world/sync/locks.ts'

const ids = (s: Scope) => set('mem_id', Math.min(s.ids, 32))

const memFields = (s: Scope) => ({
  mem_id_lock: lock(),
  /** The hash table was made. */
  mem_id_init: optional(s.details, flag(), true),
  mem_id_next: uint(s.ids + 1),
  /** IDA bitmap; bit 0 is id 1. */
  mem_id_pool: ids(s),
  /** mem_id_ht: the ids that can be looked up. */
  mem_id_ht: ids(s),
  /** Ids whose allocator waits for a grace period to be freed, and what each waits for. */
  rcu_pending: ids(s),
})
const headFields = (s: Scope) => ({
  gp_wait: set('context', contexts.length),
  /** `xa->page_pool` of the allocator entered under this id. */
  page_pool: optional(s.details, ref('pool', s.pools), NONE),
})
const queueFields = (s: Scope) => ({
  state: oneOf('new', 'registering', 'registered', 'unregistering'),
  mem_id: ref('mem_id', s.ids),
  /** `mem.type` is MEM_TYPE_PAGE_POOL. */
  page_pool: optional(s.details, flag(), false),
})
export const registry = (s: Scope) => ({
  mem: record(memFields(s)),
  mem_head: array('mem_id', s.ids, headFields(s)),
  rxq: array('rxq', s.rxqs, queueFields(s)),
})
export const registrySeen = () => ({ insert_failed: noted(true, flag(), false) })

declare module '../world/world.ts' {
  interface Parts {
    readonly mem: View<ReturnType<typeof memFields>>
    readonly mem_head: Indexed<View<ReturnType<typeof headFields>>>
    readonly rxq: Indexed<View<ReturnType<typeof queueFields>>>
  }
  interface Seen extends View<ReturnType<typeof registrySeen>> {}
}
