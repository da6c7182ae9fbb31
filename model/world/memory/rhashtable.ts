/**
 * The hash table of XDP memory models (lib/rhashtable.c; `mem_id_ht` of net/core/xdp.c): what is in it can be
 * found by its id. Writers hold mem_id_lock, readers are in an RCU read section.
 */
import { NONE } from '../../../engine/state/layout.ts'
import { step, type Steps, type Value } from '../../step.ts'
import { fails } from '../fault.ts'
import type { World } from '../world.ts'
import type { MemId } from './ida.ts'

/**
 * rhashtable_insert_slow(): true when there is no memory.
 * @param entered what is true of the entry from this instant on
 */
export const rhashtable_insert_slow = (
  id: MemId,
  entered: (w: World) => void,
  failed?: (w: World) => void,
): Steps<boolean> =>
  fails(
    'rhashtable_insert_slow(mem_id_ht)',
    (w) => {
      w.mem.mem_id_ht.add(id)
      entered(w)
      w.trace?.('ht+', id + 1)
    },
    failed,
  )
/** rhashtable_lookup(): what `found` makes of the entry, or NONE. */
export const rhashtable_lookup = <R extends Value>(
  id: MemId,
  found: (w: World) => R,
  says = 'rhashtable_lookup(mem_id_ht, &mem->id)',
): Steps<R | typeof NONE> => step(says, (w) => (w.mem.mem_id_ht.has(id) ? found(w) : NONE))
/** rhashtable_remove_fast(): nobody who looks from now on finds it. */
export const rhashtable_remove_fast = (id: MemId): Steps =>
  step('rhashtable_remove_fast(mem_id_ht)', (w) => {
    w.trace?.('mem_disconnect', id + 1)
    w.mem.mem_id_ht.delete(id)
    w.trace?.('ht-', id + 1)
  })
/** rhashtable_walk_next(): bucket by bucket, and an id is its own hash. The first that is wanted, or NONE. */
export const rhashtable_walk_next = (isWanted: (w: World, id: MemId) => boolean): Steps<MemId> =>
  step('rhashtable_walk_next()', (w): MemId => {
    const ids = w.mem.mem_id_ht.toArray().sort((a, b) => bucket(a) - bucket(b))
    return ids.find((id) => isWanted(w, id)) ?? NONE
  })
const bucket = (id: MemId): number => (id + 1) % 128
