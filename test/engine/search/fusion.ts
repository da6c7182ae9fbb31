/**
 * Is it true that local steps may be taken together with the step before them (transition fusing, a
 * special case of partial-order reduction, and *not* ample or stubborn sets: the interleaving of all other steps is
 * searched in full; see engine/program/local-steps.ts)? Not believed: both ways are searched, and what can be reached where nobody stands before a local step must be the same.
 */
import type { Rule } from '../../../engine/rules/judge.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import type { System } from '../../../engine/system.ts'

/**
 * What a fused search loses or makes up in this system, or undefined when nothing. Searches to the end
 * both ways, so the scope must be small; throws when `states` are not enough.
 */
export function fusionLoses(
  system: System,
  rules: readonly Rule[],
  states: number,
): string | undefined {
  const apart = reach(system, rules, states, false)
  const fused = reach(system, rules, states, true)
  for (const rule of apart.violated)
    if (!fused.violated.has(rule))
      return `${rule} is violated only when local steps are taken apart`
  for (const rule of fused.violated)
    if (!apart.violated.has(rule)) return `${rule} is violated only when local steps are fused`
  const lost = [...apart.visible].filter((state) => !fused.visible.has(state)).length
  const extra = [...fused.visible].filter((state) => !apart.visible.has(state)).length
  return lost + extra === 0
    ? undefined
    : `${lost} states are reached only when local steps are taken apart, ${extra} only when they are fused`
}

interface Reached {
  readonly violated: ReadonlySet<string>
  /** States in which no context stands before a local step. */
  readonly visible: ReadonlySet<string>
}

function reach(system: System, rules: readonly Rule[], states: number, fused: boolean): Reached {
  const before = system.fused
  system.fused = fused
  const visible = new Set<string>()
  const search = new BreadthFirstSearch(system, rules)
  const result = search.run({ states })
  if (!result.complete) throw new Error(`engine: more than ${states} states; take a smaller scope.`)
  search.forEach(() => {
    if (!system.standsBeforeLocal()) visible.add(system.words.join())
  })
  system.fused = before
  return { violated: new Set(result.found.keys()), visible }
}
