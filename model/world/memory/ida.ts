/** The id allocator of the XDP memory models (lib/idr.c; ids 1..65533 in net/core/xdp.c). */
import type { Ref } from '../../../engine/state/layout.ts'
import { choose, functions, type Steps } from '../../step.ts'
import { mayFail } from '../fault.ts'
import type { World } from '../world.ts'

export type MemId = Ref<'mem_id'>

export const ENOSPC = -28
export const ENOMEM = -12

export const { ida_simple_get } = functions({
  /** ida_simple_get(): the lowest free id at or above `start`, ENOSPC when there is none, or ENOMEM. */
  *ida_simple_get(start: MemId): Steps<MemId> {
    return yield* choose(
      'ida_simple_get(&mem_id_pool)',
      (w) => (mayFail(w) ? ['ok', 'fails'] : ['ok']),
      (w, outcome): MemId => {
        if (outcome === 'fails') {
          w.faults_left -= 1
          return ENOMEM
        }
        for (let id = start; id < w.scope.ids; id += 1)
          if (!w.mem.mem_id_pool.has(id)) {
            w.mem.mem_id_pool.add(id)
            w.trace?.('ida+', id + 1)
            return id
          }
        return ENOSPC
      },
    )
  },
})
export function ida_simple_remove(w: World, id: MemId): void {
  if (!w.mem.mem_id_pool.has(id))
    w.report('id-freed-twice', `ida_free() of id ${id + 1}, not taken`)
  w.mem.mem_id_pool.delete(id)
  w.trace?.('ida-', id + 1)
}
