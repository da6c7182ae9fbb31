/** What verdicts rest on, and why some could not be given: lines below the table. */
import type { Property } from '../properties/index.ts'
import type { SearchedScope, Verdict } from '../verify/verdict.ts'

/** What the table rests on, a line a design: what was searched now, and what verdicts.json has. */
export function evidence(verdicts: readonly Verdict[]): string[] {
  const designs = [...new Set(verdicts.map(({ design }) => design))]
  return designs.map((id) => evidenceOf(verdicts.filter(({ design }) => design === id)))
}
function evidenceOf(mine: readonly Verdict[]): string {
  const { design, untaken, runs, steps, from } = mine[0]!
  const now = scopesOf(mine, 'search')
  const recorded = scopesOf(mine, 'record')
  // Designs that are held in scopes of their own only have none.
  const random = runs === 0 ? [] : [`${runs} random runs, ${steps} steps`]
  const saved = mine.flatMap((it) => it.ways).length
  return [
    `${design}: searched ${now === '' ? 'nothing to the end' : now}`,
    ...(from === 'record' ? recordedOf([recorded, ...random]) : random),
    `${saved} counterexample${saved === 1 ? '' : 's'}`,
    ...(untaken.length === 0 ? [] : [`never taken in a search: ${untaken.join(', ')}`]),
  ].join('; ')
}
function recordedOf(parts: readonly string[]): string[] {
  const there = parts.filter(Boolean)
  return there.length === 0 ? [] : [`recorded ${there.join(', ')}`]
}
function scopesOf(mine: readonly Verdict[], from: SearchedScope['from']): string {
  const [here, elsewhere] = [true, false].map((wanted) => {
    const its = mine.filter(({ world }) => (world === undefined) === wanted)
    return [...new Set(its.map(({ searched }) => searched))].flat().filter((it) => it.from === from)
  })
  return here!
    .map(({ scope, states, standsFor }) =>
      standsFor > states
        ? `${scope} (${states} states, which stand for ${standsFor} with pages exchanged)`
        : `${scope} (${states} states)`,
    )
    .concat(othersOf(elsewhere!))
    .join(', ')
}
const othersOf = (worlds: readonly SearchedScope[]): string[] => {
  const states = worlds.reduce((sum, it) => sum + it.states, 0)
  if (worlds.length === 0) return []
  return worlds.length === 1
    ? [`the other world ${worlds[0]!.scope} (${states} states)`]
    : [`${worlds.length} other worlds (${states} states)`]
}
export function vacuous(
  { design, property, world }: Verdict,
  properties: readonly Property[],
): string {
  const { exercisedBy } = properties.find(({ id }) => id === property)!
  const where = [design, world, property].filter(Boolean).join('/')
  return `vacuous: ${where}: never reached "${exercisedBy.says}"; more --runs, or a larger scope`
}
/** A line for each design that the budget did not suffice for. */
export function unknown(verdicts: readonly Verdict[], budget: number): string[] {
  const open = verdicts.filter(({ outcome }) => outcome === 'unknown')
  const ids = [...new Set(open.map(({ design }) => design))]
  const lines = ids.map((id) => {
    const mine = open.filter(({ design }) => design === id)
    const worlds = new Set(mine.flatMap(({ world }) => (world === undefined ? [] : [world])))
    const here = mine.filter(({ world }) => world === undefined).length
    const what = [
      ...(here > 0 ? [`${here} ${here === 1 ? 'property' : 'properties'}`] : []),
      ...(worlds.size > 0 ? [`in ${[...worlds].join(', ')}`] : []),
    ]
    return `unknown: ${id}: ${what.join(', ')}`
  })
  if (ids.length === 0) return []
  return [
    ...lines,
    `The budget of ${budget} s (--budget) ended before these were decided; a larger one, or fewer designs.`,
  ]
}
