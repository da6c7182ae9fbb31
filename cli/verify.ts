/** `poolproof verify`: every design x every promise, the table, and each new counterexample told. */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { behaviourOf } from '../views/behaviour.ts'
import { ladder } from '../views/ladder.ts'
import { legend, verdictTable, worldsTable } from '../views/table.ts'
import type { Design } from '../model/designs/index.ts'
import { worldsOf } from '../model/designs/design.ts'
import { scopes } from '../model/scope.ts'
import { properties as allProperties, type Property } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { load, pathOf, read, saved } from '../verify/store.ts'
import { decided, exitCode, type SearchedScope, type Verdict } from '../verify/verdict.ts'
import { JobFailed, verifyAll, type Finished } from '../verify/verify-all.ts'
import { defaults } from '../verify/verify-design.ts'
import { designsNamed, number, parse, propertiesNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  property: { type: 'string', multiple: true, short: 'p' },
  seed: { type: 'string' },
  runs: { type: 'string' },
  budget: { type: 'string' },
  threads: { type: 'string' },
  store: { type: 'string' },
  json: { type: 'string' },
} as const

export async function verify(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('verify', argv, OPTIONS)
  const designs = designsNamed(positionals)
  const properties = propertiesNamed(values.property ?? [])
  const budget = number('budget', values.budget, defaults.milliseconds / 1000, {
    min: 1,
    max: 86_400,
    unit: 'seconds',
  })
  const options = {
    ...defaults,
    seed: number('seed', values.seed, defaults.seed, {
      min: 0,
      max: 2 ** 31 - 1,
      unit: '',
    }),
    runs: number('runs', values.runs, defaults.runs, { min: 0, max: 10_000_000, unit: 'runs' }),
    milliseconds: budget * 1000,
    store: values.store ?? 'counterexamples',
  }
  const threads = number('threads', values.threads, 2, { min: 1, max: 64, unit: 'threads' })
  const none = designs.filter((design) => ofDesign(design, properties).length === 0)
  if (none.length === designs.length)
    throw new UsageError(
      `None of the properties asked for applies to ${designs.map(({ id }) => id).join(', ')}. "poolproof list" shows which family each belongs to.`,
    )
  const asked = designs.filter((design) => !none.includes(design))
  checkStore(options.store, asked)
  if (values.json !== undefined) writeJson(values.json, [])
  say(`seed ${options.seed}, ${options.runs} random runs a design, budget ${budget} s`)
  const { finished, stopped, found } = await work(asked, properties, options, threads)
  for (const one of inOrder(found, designs, properties)) tell(one, designs)
  report(finished, designs, properties, stopped)
  if (values.json !== undefined) writeJson(values.json, finished.verdicts)
  for (const text of finished.misuses) process.stderr.write(`poolproof: ${text}\n`)
  if (finished.misuses.length > 0) return 3
  if (stopped) return 2
  return finished.unfinished.length > 0
    ? Math.max(2, exitCode(finished.verdicts))
    : exitCode(finished.verdicts)
}
/** Everything that is wrong with the store is said before any work is done. */
function checkStore(folder: string, designs: readonly Design[]): void {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new UsageError(
      `--store ${folder} cannot be used: ${(error as Error).message}. Name a folder that can be written.`,
    )
  }
  const known = new Set(allProperties.map(({ id }) => id))
  for (const design of designs)
    for (const world of [undefined, ...worldsOf(design)])
      for (const property of saved(folder, design.id, world)) {
        if (!known.has(property))
          throw new UsageError(
            `${pathOf(folder, design.id, property, world)}: there is no property "${property}". Rename the file to what the property is called now, or delete it if the promise is gone.`,
          )
        load(folder, design.id, property, world)
      }
}
const say = (text: string): boolean => process.stdout.write(`${text}\n`)
const ofDesign = (design: Design, properties: readonly Property[]): readonly Property[] =>
  [
    ...(design.scopes?.searched ?? [scopes.corner]),
    ...worldsOf(design).map((world) => scopes[world]),
  ].flatMap((scope) => asked(properties, design.family, scope))

interface Worked {
  readonly finished: Finished
  readonly stopped: boolean
  /** New counterexamples, by design and property, with their files. */
  readonly found: readonly Found[]
}
interface Found {
  readonly design: string
  readonly property: string
  readonly path: string
}

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
): Promise<Worked> {
  const abort = new AbortController()
  const interrupt = (): void => abort.abort()
  process.once('SIGINT', interrupt)
  const live = liveLine()
  const stale: string[] = []
  const found = new Map<string, Found>()
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
      },
      abort.signal,
    )
    live.clear()
    for (const line of stale) say(`saved counterexample ${line}`)
    return { finished, stopped: abort.signal.aborted, found: [...found.values()] }
  } catch (error) {
    live.clear()
    if (error instanceof JobFailed && error.usage) throw new UsageError(error.message)
    throw error
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function report(
  { verdicts, unfinished, misuses }: Finished,
  designs: readonly Design[],
  properties: readonly Property[],
  stopped: boolean,
): void {
  if (verdicts.length > 0)
    say(
      `\n${[verdictTable(verdicts, properties), worldsTable(verdicts), legend()].filter((it) => it !== '').join('\n\n')}\n`,
    )
  for (const line of evidence(verdicts)) say(line)
  for (const verdict of verdicts.filter(decided))
    if (!verdict.expected) say(`\n${unexpected(verdict, designs)}`)
  for (const verdict of verdicts)
    if (verdict.outcome === 'vacuous') say(vacuous(verdict, properties))
  for (const line of unknown(verdicts)) say(line)
  if (verdicts.length > 0 && unfinished.length + misuses.length === 0 && exitCode(verdicts) === 0)
    say('\nEvery verdict is as its design declares.')
  if (unfinished.length > 0)
    say(
      `\n${stopped ? 'Interrupted' : 'The budget ended'}: no verdict on ${unfinished.join(', ')}. Counterexamples found so far are saved; run again with a larger --budget, or name fewer designs.`,
    )
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

function tell({ design: id, property, path }: Found, designs: readonly Design[]): void {
  const design = designs.find((it) => it.id === id)!
  const behaviour = behaviourOf(design, allProperties, read(path))
  say(`\n${design.title}\n  breaks ${property}, ${behaviour.moments.length} steps\n`)
  say(ladder(behaviour))
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
    const saved = mine.filter((it) => it.counterexample !== undefined)
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
function unexpected(verdict: Verdict, designs: readonly Design[]): string {
  const { design, property, world, outcome, counterexample } = verdict
  const where = world === undefined ? '' : ` in the world ${world}`
  if (outcome === 'violated')
    return `UNEXPECTED: ${design} breaks ${property}${where} (${counterexample!.length} steps, ${counterexample!.path}). If the design is at fault, say so in its "breaks"; if the model or the property is, mend that.`
  const declared = designs.find(({ id }) => id === design)!
  const { breaks = {} } = world === undefined ? declared : declared.worlds![world]!
  return `UNEXPECTED: ${design} is expected to break ${property}${where} (${breaks[property]}) and no longer does. The design was mended, or the harness went blind.`
}
function vacuous({ design, property, world }: Verdict, properties: readonly Property[]): string {
  const { exercisedBy } = properties.find(({ id }) => id === property)!
  const where = [design, world, property].filter(Boolean).join('/')
  return `vacuous: ${where}: never reached "${exercisedBy.says}"; more --runs, or a larger scope`
}
/** A line for each design that the budget did not suffice for. */
function unknown(verdicts: readonly Verdict[]): string[] {
  const open = verdicts.filter(({ outcome }) => outcome === 'unknown')
  return [...new Set(open.map(({ design }) => design))].map((id) => {
    const mine = open.filter(({ design }) => design === id)
    const worlds = new Set(mine.flatMap(({ world }) => (world === undefined ? [] : [world]))).size
    const here = mine.filter(({ world }) => world === undefined).length
    const what = [
      ...(here > 0 ? [`${here} rule${here === 1 ? '' : 's'}`] : []),
      ...(worlds > 0 ? [`${worlds} other world${worlds === 1 ? '' : 's'}`] : []),
    ]
    return `unknown: ${id}: ${what.join(' and ')}: the budget ended first; a larger --budget, or fewer designs`
  })
}

function writeJson(path: string, verdicts: readonly Verdict[]): void {
  try {
    writeFileSync(path, `${JSON.stringify({ schema: 1, verdicts }, null, 2)}\n`)
  } catch (error) {
    throw new UsageError(`--json ${path} cannot be written: ${(error as Error).message}.`)
  }
}
