/** `poolproof verify`: every design x every property, the table, and each new counterexample told. */
import { readdirSync } from 'node:fs'
import { behaviourOf } from '../verify/behaviour/behaviour.ts'
import { story } from '../views/story.ts'
import { legend, verdictTable, worldsTable } from '../views/table.ts'
import { advice, unexpected } from '../views/unexpected.ts'
import type { Design } from '../model/designs.ts'
import { scopesOf, worldsOf } from '../model/design.ts'
import { scopes } from '../model/scope/named.ts'
import { properties as allProperties, type Property } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { strangers } from '../verify/strangers.ts'
import { decided, exitCode, type SearchedScope, type Verdict } from '../verify/verdict.ts'
import { verifyAll, type Failed, type Finished } from '../verify/verify-all.ts'
import { defaults, type VerifyEvent } from '../verify/verify-design.ts'
import { prose } from '../views/prose.ts'
import { designsNamed, propertiesNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { verifyOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say, sayProse } from './output.ts'
import { columns, paint } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export async function verify({
  names,
  values,
  signal,
}: Given<typeof verifyOptions>): Promise<number> {
  const designs = designsNamed(names)
  const properties = propertiesNamed(values.property)
  const { seed, runs, budget, store, threads } = values
  const options = { ...defaults, seed, runs, milliseconds: budget * 1000, store }
  const json = jsonFile(values.json)
  const none = designs.filter((design) => ofDesign(design, properties).length === 0)
  if (none.length === designs.length)
    throw new UsageError(
      `None of the properties asked for applies to ${designs.map(({ id }) => id).join(', ')}. "poolproof list" shows which family each belongs to.`,
    )
  const asked = designs.filter((design) => !none.includes(design))
  checkStore(store)
  say(`seed ${seed}, ${runs} random runs a design, budget ${budget} s`)
  for (const line of leftAside(store, asked)) sayProse(line, '  ')
  const worked = await work(asked, properties, options, threads, signal)
  const { finished, stopped, found, unusable } = worked
  for (const one of inOrder(found, designs, properties)) tell(one, designs)
  const wrong = [...unusable, ...unsaved(found), ...finished.failed.map(failure)]
  report(finished, { designs, properties, stopped, budget, store, isRight: wrong.length === 0 })
  json.write({ schema: 1, verdicts: finished.verdicts })
  for (const text of wrong) process.stderr.write(`poolproof: ${text}\n`)
  if (wrong.length > 0) return 3
  if (stopped) return 2
  return finished.unfinished.length > 0
    ? Math.max(2, exitCode(finished.verdicts))
    : exitCode(finished.verdicts)
}
/** A store that cannot be read is refused before any work is done. It is made when something is saved. */
function checkStore(folder: string): void {
  try {
    readdirSync(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    throw new UsageError(
      `--store ${folder} cannot be used: ${message}. Name a folder that can be read and written, or one that is not there yet.`,
    )
  }
}
/** Said once: what is not replayed because nothing asks for it. */
function leftAside(folder: string, designs: readonly Design[]): readonly string[] {
  const paths = strangers(folder, designs)
  if (paths.length === 0) return []
  const named = paths.slice(0, SHOWN).join(', ')
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : ''
  return [
    `not replayed, as there is no such design, world or property: ${named}${more}. Rename what was renamed, delete what is gone for good.`,
  ]
}
const SHOWN = 8
/** One paragraph for each reason: a full disk refuses all of them alike. */
function unsaved(found: readonly Found[]): readonly string[] {
  const reasons = new Map<string, string[]>()
  for (const { path, unsaved: why } of found)
    if (why !== undefined) reasons.set(why, [...(reasons.get(why) ?? []), path])
  return [...reasons].map(
    ([why, paths]) =>
      `not saved: ${paths.join(', ')}: ${why}. What was found is told above; to save it, mend that and run verify again, or name another folder with --store.`,
  )
}
const failure = ({ design, message, usage }: Failed): string =>
  usage
    ? message
    : `internal error in ${design}, please report it with the command that led here. The other designs were verified.\n${message}`
const ofDesign = (design: Design, properties: readonly Property[]): readonly Property[] =>
  [...scopesOf(design).searched, ...worldsOf(design).map((world) => scopes[world])].flatMap(
    (scope) => asked(properties, design.family, scope),
  )

interface Worked {
  readonly finished: Finished
  readonly stopped: boolean
  /** New counterexamples, by design and property, with their files. */
  readonly found: readonly Found[]
  /** Files that cannot be used, each in a paragraph. */
  readonly unusable: readonly string[]
}
type Found = Extract<VerifyEvent, { type: 'found' }>

async function work(
  designs: readonly Design[],
  properties: readonly Property[],
  options: Omit<typeof defaults, 'seed' | 'runs' | 'milliseconds'> & {
    seed: number
    runs: number
    milliseconds: number
    store: string
  },
  threads: number,
  signal: AbortSignal,
): Promise<Worked> {
  const live = liveLine({
    of: designs.length,
    what: 'designs',
    budget: options.milliseconds / 1000,
  })
  const stale: string[] = []
  const found = new Map<string, Found>()
  const unusable: string[] = []
  try {
    const finished = await verifyAll(
      designs.map(({ id }) => ({
        design: id,
        properties: properties.map((property) => property.id),
        options,
      })),
      threads,
      {
        status: (design, text) => live.show(design, text),
        saved: ({ design, property, text }) => {
          if (text !== 'still violates') stale.push(`${design}/${property}: ${text}`)
        },
        found: (event) => found.set(event.path, event),
        superseded: (path) => found.delete(path),
        unusable: ({ text }) => unusable.push(text),
        finished: (design, verdicts) => live.done(design, inShort(verdicts)),
      },
      signal,
    )
    live.clear()
    for (const line of stale) sayProse(`saved counterexample ${line}`, '  ')
    return { finished, stopped: signal.aborted, found: [...found.values()], unusable }
  } finally {
    live.clear()
  }
}

interface Asked {
  readonly designs: readonly Design[]
  readonly properties: readonly Property[]
  readonly stopped: boolean
  /** Seconds. */
  readonly budget: number
  readonly store: string
  /** Nothing was unusable, nothing could not be saved, nobody failed. */
  readonly isRight: boolean
}
function report({ verdicts, unfinished }: Finished, it: Asked): void {
  const { designs, properties, stopped, budget, store, isRight } = it
  if (verdicts.length > 0)
    say(
      `\n${[verdictTable(verdicts, properties, paint), worldsTable(verdicts, paint), legend(columns())].filter((part) => part !== '').join('\n\n')}\n`,
    )
  for (const line of evidence(verdicts)) sayProse(line, '  ')
  sayAll(
    verdicts.filter((verdict) => decided(verdict) && !verdict.expected),
    designs,
  )
  for (const verdict of verdicts)
    if (verdict.outcome === 'vacuous') sayProse(vacuous(verdict, properties), '  ')
  for (const line of unknown(verdicts, budget)) sayProse(line, '  ')
  if (verdicts.length > 0 && isRight && unfinished.length === 0 && exitCode(verdicts) === 0)
    say('\nEvery verdict is as its design declares.')
  if (stopped)
    sayProse(
      `\nInterrupted: no verdict on ${unfinished.join(', ')}. What was found so far is told above and saved.`,
    )
  const shown = exampleOf(verdicts, store)
  if (shown !== undefined) say(`\nTo see a counterexample:\n  npx poolproof replay ${shown}`)
}
/** What is not as declared, with the advice once. */
function sayAll(verdicts: readonly Verdict[], designs: readonly Design[]): void {
  if (verdicts.length === 0) return
  say()
  const texts = verdicts.flatMap((it) =>
    unexpected(
      it,
      designs.find(({ id }) => id === it.design)!,
    ),
  )
  for (const text of texts)
    say(
      prose(text, columns(), '  ', '')
        .join('\n')
        .replace(/^UNEXPECTED/, paint('alarm', 'UNEXPECTED')),
    )
  for (const text of advice(verdicts)) sayProse(text)
}
/** A counterexample worth a look, as replay takes it: an unexpected one first. */
function exampleOf(verdicts: readonly Verdict[], store: string): string | undefined {
  const saved = verdicts.flatMap(({ ways }) => ways.filter(({ unsaved }) => unsaved === undefined))
  const one = saved.find(({ isDeclared }) => !isDeclared) ?? saved[0]
  if (one === undefined) return undefined
  const { path } = one
  return store === 'counterexamples' ? path.slice(store.length + 1, -'.json'.length) : path
}
/** `9 broken as declared, 16 hold, 8 other worlds`: the column of the table, and what is not as declared anywhere. */
function inShort(verdicts: readonly Verdict[]): string {
  const column = verdicts.filter(({ world }) => world === undefined)
  const worlds = new Set(verdicts.flatMap(({ world = [] }) => world)).size
  const parts = [
    [column.filter((it) => it.outcome === 'violated' && it.expected), 'broken as declared'],
    [column.filter((it) => it.outcome.startsWith('holds') && it.expected), 'hold'],
    [verdicts.filter((it) => decided(it) && !it.expected), 'UNEXPECTED'],
    [verdicts.filter(({ outcome }) => outcome === 'vacuous'), 'vacuous'],
    [verdicts.filter(({ outcome }) => outcome === 'unknown'), 'unknown'],
  ] as const
  const counts = parts.flatMap(([{ length }, says]) => (length === 0 ? [] : [`${length} ${says}`]))
  const others = worlds === 0 ? [] : [`${worlds} other world${worlds === 1 ? '' : 's'}`]
  return [...counts, ...others].join(', ')
}

/** As the verdict table has them, so that two runs print the same. */
const inOrder = (
  found: readonly Found[],
  designs: readonly Design[],
  properties: readonly Property[],
): readonly Found[] =>
  designs.flatMap(({ id }) =>
    properties.flatMap((property) =>
      found
        .filter((it) => it.design === id && it.property === property.id)
        .toSorted((a, b) => a.path.localeCompare(b.path)),
    ),
  )

function tell(
  { design: id, property, path, counterexample, unsaved }: Found,
  designs: readonly Design[],
): void {
  const design = designs.find((it) => it.id === id)!
  const behaviour = behaviourOf(design, allProperties, counterexample)
  say(`\n${design.title}\n  breaks ${property}, ${behaviour.moments.length} steps\n`)
  say(story(design, behaviour))
  if (unsaved !== undefined) return void say(`\nNOT SAVED in ${path}: ${unsaved}`)
  say(`\nsaved    ${path}`)
  say(`replay   npx poolproof replay ${path}`)
  say(`next     npx poolproof replay --steps ${path}   (every step, with what it changed)`)
}

/** What the table rests on, a line a design. */
function evidence(verdicts: readonly Verdict[]): string[] {
  const designs = [...new Set(verdicts.map(({ design }) => design))]
  return designs.map((id) => {
    const mine = verdicts.filter(({ design }) => design === id)
    const one = mine[0]!
    const [here, elsewhere] = [true, false].map((wanted) => [
      ...new Set(
        mine.filter(({ world }) => (world === undefined) === wanted).map((it) => it.searched),
      ),
    ])
    const searched = here!
      .flat()
      .map(({ scope, states, standsFor }) =>
        standsFor > states
          ? `${scope} (${states} states, which stand for ${standsFor} with pages exchanged)`
          : `${scope} (${states} states)`,
      )
      .concat(othersOf(elsewhere!.flat()))
      .join(', ')
    const untaken =
      one.untaken.length === 0 ? '' : `; never taken in a search: ${one.untaken.join(', ')}`
    const saved = mine.flatMap((it) => it.ways)
    return `${id}: searched ${searched === '' ? 'nothing to the end' : searched}; ${one.runs} random runs, ${one.steps} steps; ${saved.length} counterexample${saved.length === 1 ? '' : 's'}${untaken}`
  })
}
const othersOf = (worlds: readonly SearchedScope[]): string[] => {
  const states = worlds.reduce((sum, it) => sum + it.states, 0)
  if (worlds.length === 0) return []
  return worlds.length === 1
    ? [`the other world ${worlds[0]!.scope} (${states} states)`]
    : [`${worlds.length} other worlds (${states} states)`]
}
function vacuous({ design, property, world }: Verdict, properties: readonly Property[]): string {
  const { exercisedBy } = properties.find(({ id }) => id === property)!
  const where = [design, world, property].filter(Boolean).join('/')
  return `vacuous: ${where}: never reached "${exercisedBy.says}"; more --runs, or a larger scope`
}
/** A line for each design that the budget did not suffice for. */
function unknown(verdicts: readonly Verdict[], budget: number): string[] {
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
