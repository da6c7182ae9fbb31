/** Walking an automaton by hand. */
import { type Automaton, DONE, type Node } from '../../engine/program/automaton.ts'
import type { Value } from '../../engine/step.ts'

export type Place = Node | typeof DONE

export const at = (place: Place): Node => {
  if (place === DONE) throw new Error('the function has returned')
  return place
}
export const label = (place: Place): string =>
  place === DONE ? 'returned' : `${place.frame.name} › ${place.action.label}`

/** Where a thread stands after these results. */
export const follow = (automaton: Automaton, from: Place, ...results: readonly Value[]): Place =>
  results.reduce<Place>((place, result) => automaton.advance(at(place), result), from)
