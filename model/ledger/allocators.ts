/** The struct xdp_mem_allocator of every id, told apart from the one before it. */
import { array, flag, noted, type Indexed, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import type { World } from '../world/world.ts'
import { saw, truth } from './truth.ts'

const allocatorFields = () => ({ alive: flag(), which: flag() })
export const allocatorTruth = (s: Scope) => ({
  allocator: array('mem_id', s.ids, allocatorFields()),
})
export const allocatorSeen = () => ({ allocator_used: noted(true, flag(), false) })
declare module '../world/world.ts' {
  interface Truth {
    readonly allocator: Indexed<View<ReturnType<typeof allocatorFields>>>
  }
  interface Seen extends View<ReturnType<typeof allocatorSeen>> {}
}

/** A struct xdp_mem_allocator is inserted under this id; it is another one than the last of that id. */
export function allocatorLives(w: World, id: number): void {
  const it = truth(w).allocator(id)
  it.alive = true
  it.which = !it.which
}
export function allocatorFreed(w: World, id: number): void {
  truth(w).allocator(id).alive = false
}
/** Which of the allocators that had this id one after another is found now: 0 or 1, in turn. */
export const allocatorOf = (w: World, id: number): number => Number(truth(w).allocator(id).which)
export function usesAllocator(w: World, id: number, which: number): void {
  const it = truth(w).allocator(id)
  saw(w, 'allocator_used')
  if (!it.alive || Number(it.which) !== which)
    w.report('use-of-freed-allocator', `the allocator of id ${id + 1} is used after it was freed`)
}
