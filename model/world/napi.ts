/** NAPI as page_pool sees it (include/linux/netdevice.h, net/core/dev.c). */
import type { World } from './world.ts'
import { flag, NONE, optional, record, ref, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import { WARN } from './printk.ts'

const napiFields = (s: Scope) => ({
  list_owner: optional(s.ownNapi, ref('cpu', s.cpus), NONE),
  sched: optional(s.ownNapi, flag(), true),
  /** kfree() of what the napi_struct lies in. */
  freed: optional(s.driver === 'napi-freed-early', flag(), false),
})
/** The NAPI instance as page_pool_napi_local() sees it, where the driver does not say. */
export const napi = (s: Scope) => ({ napi: record(napiFields(s)) })
declare module './world.ts' {
  interface Parts {
    readonly napi: View<ReturnType<typeof napiFields>>
  }
}

/** The CPU a scheduled instance is on: napi->list_owner. The searched driver's NAPI is on CPU 0. */
export function napi_list_owner(w: World): number {
  if (w.napi.freed)
    w.report('use-of-freed-napi', 'napi->list_owner is read after the napi_struct was freed')
  if (w.scope.ownNapi) return w.napi.list_owner
  return w.driver.napi_scheduled ? 0 : NONE
}

/** napi_assert_will_not_race(): a disabled instance is marked as scheduled and is on no list. */
export function napi_assert_will_not_race(w: World): void {
  if (w.scope.napiLinks && w.driver.napi_enabled)
    w.report('napi-may-race', 'a pool that knows its NAPI is destroyed while that NAPI is enabled')
  if (!w.napi.sched) WARN(w, 'WARN_ON(!n->sched) in napi_assert_will_not_race')
  if (napi_list_owner(w) !== NONE)
    WARN(w, 'WARN_ON(READ_ONCE(n->list_owner) != -1) in napi_assert_will_not_race')
}
