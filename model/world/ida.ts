/** The id allocator of the XDP memory models (lib/idr.c; ids 1..65533 in net/core/xdp.c). */
import { NONE, type Ref } from '../../engine/layout.ts'
import type { World } from './world.ts'

export type MemId = Ref<'mem_id'>

/** ida_simple_get(ida, start, max): the lowest free id at or above `start`, or NONE (-ENOSPC). */
export function ida_simple_get(w: World, start: MemId): MemId {
  for (let id = start; id < w.scope.ids; id += 1)
    if (!w.mem.mem_id_pool.has(id)) {
      w.mem.mem_id_pool.add(id)
      return id
    }
  return NONE
}
export function ida_simple_remove(w: World, id: MemId): void {
  if (!w.mem.mem_id_pool.has(id))
    w.report('id-freed-twice', `ida_free() of id ${id + 1}, not taken`)
  w.mem.mem_id_pool.delete(id)
}
