/** Verdicts as they are recorded, and where two say different things of one world. */
import type { BrokenWay, SearchedScope, Verdict } from '../verdict.ts'
import { EVERYWHERE, type RecordedVerdict, type RecordedWorld, type Worlds } from './record.ts'

/**
 * The verdicts of one design, by world. Nothing where they are no record: not everything was searched now,
 * something is not as declared or not decided, or a counterexample could not be saved.
 */
export function recordOf(verdicts: readonly Verdict[]): Worlds | undefined {
  const worlds: Record<string, RecordedWorld> = {}
  for (const it of verdicts) {
    const verdict = verdictOf(it)
    if (verdict === undefined) return undefined
    const { searched, runs, steps } = it
    const world = (worlds[it.world ?? EVERYWHERE] ??= {
      searched: searched.map(({ scope, states, standsFor, depth }) => ({
        scope,
        states,
        standsFor,
        depth,
      })),
      runs,
      steps,
      verdicts: {},
    })
    world.verdicts[it.property] = verdict
  }
  return verdicts.length === 0 ? undefined : worlds
}
function verdictOf(it: Verdict): RecordedVerdict | undefined {
  const { outcome, exercised, ways, everywhere } = it
  if (outcome === 'unknown' || outcome === 'vacuous') return undefined
  const isWhole = it.from === 'search' && it.complete && it.expected && it.untaken.length === 0
  if (!isWhole || ways.some(({ unsaved }) => unsaved !== undefined)) return undefined
  return { outcome, exercised, ways: waysOf(ways), everywhere: [...everywhere] }
}
const waysOf = (ways: readonly BrokenWay[]): RecordedVerdict['ways'] =>
  ways.map(({ way, path, length }) => ({ way, file: fileOf(path), steps: length }))
const fileOf = (path: string): string => path.replace(/^.*[/\\]/, '').replace(/\.json$/, '')

/** Is what was saved what the record has: the same ways, in the same files, by as many steps? */
export const hasTheSameWays = (
  recorded: RecordedWorld,
  properties: readonly string[],
  ways: (property: string) => readonly BrokenWay[],
): boolean =>
  properties.every((property) => {
    const its = recorded.verdicts[property]?.ways ?? []
    return JSON.stringify(its) === JSON.stringify(waysOf(ways(property)))
  })

type Size = Omit<SearchedScope, 'from'>
const sizeOf = ({ states, standsFor, depth }: Size): string =>
  `${states} states, which stand for ${standsFor}, depth ${depth}`
/** What a search of a scope found, where the record has something else, as the end of a sentence. */
export function differentScope(recorded: RecordedWorld, found: Size): string | undefined {
  const its = recorded.searched.find(({ scope }) => scope === found.scope)
  if (its === undefined) return `has no search of ${found.scope}`
  return sizeOf(its) === sizeOf(found)
    ? undefined
    : `has ${sizeOf(its)} in ${found.scope}, where there are ${sizeOf(found)}`
}

/** What the record says of a design that a full search does not, as the ends of sentences. */
export function differences(recorded: Worlds, found: readonly Verdict[]): readonly string[] {
  const scopes = new Set<string>()
  return found.flatMap((it) => {
    const where = it.world ?? EVERYWHERE
    const world = recorded[where]
    if (world === undefined) return [`has nothing of ${where}/${it.property}`]
    const wrong = it.searched.flatMap((one) =>
      scopes.has(`${where}/${one.scope}`) ? [] : (differentScope(world, one) ?? []),
    )
    for (const { scope } of it.searched) scopes.add(`${where}/${scope}`)
    const [before, now] = [told(world.verdicts[it.property]), told(it)]
    return before === now
      ? wrong
      : [...wrong, `says of ${where}/${it.property}: ${before}, and it is: ${now}`]
  })
}
interface Told {
  readonly outcome: Verdict['outcome']
  readonly ways: readonly { readonly way: string }[]
  readonly everywhere: readonly string[]
}
const told = (it: Told | undefined): string =>
  it === undefined
    ? 'nothing'
    : [
        it.outcome,
        ...it.ways.map(({ way }) => `"${way}"`).sort(),
        ...it.everywhere.toSorted(),
      ].join(', ')
