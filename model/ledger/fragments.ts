/** Pages that are cut, where that is followed. */
import { indexOf, noted, oneOf, uint, type View } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import type { Page, Place, World } from '../world/world.ts'
import { truth } from './truth.ts'

export const fragmentTruth = (s: Scope) => ({
  /** Cut in fragments: the pool still has what it did not hand out, or fragments are all there is. */
  cut: noted(s.frags && !s.wideCounts, oneOf('no', 'by the pool', 'all out'), 'no'),
  /** Fragments handed out and not given back. */
  frags: noted(s.frags && !s.wideCounts, uint(3), 0),
})
declare module '../world/world.ts' {
  interface PageTruth extends View<ReturnType<typeof fragmentTruth>> {}
}

/**
 * A page that is cut is in no one place: the pool has what it did not hand out yet, and each fragment is
 * with somebody. What must not be is that the page as a whole goes anywhere while fragments are out.
 */
export function cut(w: World, page: Page): void {
  if (w.scope.wideCounts) return
  const it = truth(w).page(page)
  if (it.frags > 0)
    w.report(
      'two-places',
      `page ${indexOf(page)} is cut anew while ${it.frags} of its fragments are out`,
    )
  it.cut = 'by the pool'
  it.frags = 0
}
export function fragmentHandedOut(w: World, page: Page): void {
  if (!w.scope.wideCounts) truth(w).page(page).frags += 1
}
/** A fragment goes into a container. */
export function fragmentStored(w: World, page: Page, place: Place): void {
  const { frags } = truth(w).page(page)
  // The one that is stored is still in hand.
  if (fragmentsHeld(w, page) >= frags)
    w.report(
      'two-places',
      `a fragment of page ${indexOf(page)} is put into the ${place}; of ${frags} that are out none is in hand`,
    )
  if (place === 'alloc cache' || place === 'ring')
    w.report(
      'two-places',
      `page ${indexOf(page)} is put into the ${place} while it is cut and ${frags} of its fragments are out`,
    )
}
/** pp_ref_count goes down: by one fragment, or by all that the pool had not handed out. */
export function fragmentsGivenUp(w: World, page: Page, who: 'holder' | 'pool'): void {
  const it = truth(w).page(page)
  if (it.cut === 'no') return
  if (who === 'pool') it.cut = 'all out'
  else if (it.frags === 0)
    w.report(
      'page-freed-twice',
      `a fragment of page ${indexOf(page)} is given back that nobody has`,
    )
  else it.frags -= 1
  if (it.cut !== 'all out' || it.frags > 0) return
  it.cut = 'no'
  if (fragmentsHeld(w, page) > 0)
    w.report(
      'two-places',
      `page ${indexOf(page)} is given up as a whole while a packet has a fragment of it`,
    )
}
/**
 * Fragments of a page in packets and descriptors, those in hand left out. One that is given back twice is
 * somebody else's the second time, who has it still.
 */
function fragmentsHeld(w: World, page: Page): number {
  const { socket, defrag, redirect, defer_list, flushing, bulk, bq } = w.stack
  const lists = [w.driver.rx_ring, socket, defrag, redirect, defer_list, flushing, bulk, bq]
  let held = 0
  for (const list of lists) for (const it of list.toArray()) if (it === page) held += 1
  return held
}
