/** `poolproof verify`: every design x every property, the table, and each new counterexample told. */
import { readdirSync } from 'node:fs'
import { behaviourOf } from '../verify/behaviour/behaviour.ts'
import { evidence, unknown, vacuous } from '../views/evidence.ts'
import { announced, recordedLines, rewritten, wrongRecords } from '../views/recorded.ts'
import { story } from '../views/story.ts'
import { legend, verdictTable, worldsTable } from '../views/table.ts'
import { advice, unexpected } from '../views/unexpected.ts'
import type { Design } from '../model/designs.ts'
import { scopesOf, worldsOf } from '../model/design.ts'
import { scopes } from '../model/scope/named.ts'
import { properties as allProperties, type Property } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import type { VerifyEvent } from '../verify/event.ts'
import { defaults, type VerifyOptions } from '../verify/options.ts'
import type { Worlds } from '../verify/record/record.ts'
import { Records, type WrongRecord } from '../verify/record/records.ts'
import { strangers } from '../verify/strangers.ts'
import { decided, exitCode, type Verdict } from '../verify/verdict.ts'
import { verifyAll, type Failed, type Finished } from '../verify/verify-all.ts'
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
  const records = await Records.open(asked, options, values.property.length === 0)
  const inFull = values.all || names.length > 0
  const recorded = inFull ? new Map<string, Worlds>() : (records?.fitting ?? new Map())
  if (recorded.size > 0) sayProse(announced(recorded.size, asked.length), '  ')
  const worked = await work(asked, { properties, options, threads, recorded }, signal)
  const { finished, stopped, found, unusable } = worked
  const { verdicts, unfinished, failed } = finished
  for (const one of inOrder(found, designs, properties)) tell(one, designs)
  const wrong = [...worked.wrong, ...(records?.wrong(verdicts) ?? [])]
  const errors = [...unusable, ...unsaved(found), ...failed.map(failure)]
  const isRight = errors.length === 0 && wrong.length === 0
  report(finished, { designs, properties, stopped, budget, store, isRight })
  for (const text of wrongRecords(wrong)) say(`\n${prose(text, columns()).join('\n')}`)
  errors.push(...(await kept(records, verdicts)))
  json.write({ schema: 1, verdicts })
  for (const text of errors) process.stderr.write(`poolproof: ${text}\n`)
  if (errors.length > 0) return 3
  if (stopped) return 2
  const code = wrong.length > 0 ? 1 : exitCode(verdicts)
  return unfinished.length > 0 ? Math.max(2, code) : code
}
/** Writes down what was searched in full. Returns what keeps it from being written. */
async function kept(
  records: Records | undefined,
  verdicts: readonly Verdict[],
): Promise<readonly string[]> {
  try {
    const ids = (await records?.keep(verdicts)) ?? []
    if (ids.length > 0) sayProse(`\n${rewritten(ids)}`)
    return []
  } catch (error) {
    return [`the verdicts were not recorded: ${(error as Error).message}`]
  }
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
  /** Recorded verdicts that a search contradicted. */
  readonly wrong: readonly WrongRecord[]
}
type Found = Extract<VerifyEvent, { type: 'found' }>
interface Work {
  readonly properties: readonly Property[]
  readonly options: VerifyOptions
  readonly threads: number
  /** By design: what is not searched in full. */
  readonly recorded: ReadonlyMap<string, Worlds>
}

async function work(
  designs: readonly Design[],
  { properties, options, threads, recorded }: Work,
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
  const wrong: WrongRecord[] = []
  const jobs = designs.map(({ id }) => {
    const its = recorded.get(id)
    return {
      design: id,
      properties: properties.map((property) => property.id),
      options,
      ...(its === undefined ? {} : { recorded: its }),
    }
  })
  try {
    const finished = await verifyAll(
      jobs,
      threads,
      {
        status: (design, text) => live.show(design, text),
        saved: ({ design, property, text }) => {
          if (text !== 'still violates') stale.push(`${design}/${property}: ${text}`)
        },
        found: (event) => found.set(event.path, event),
        superseded: (path) => found.delete(path),
        unusable: ({ text }) => unusable.push(text),
        unlikeRecord: ({ design, wrong: says }) => {
          if (says !== undefined) wrong.push({ design, wrong: says })
        },
        finished: (design, verdicts) => live.done(design, inShort(verdicts)),
      },
      signal,
    )
    live.clear()
    for (const line of stale) sayProse(`saved counterexample ${line}`, '  ')
    return { finished, stopped: signal.aborted, found: [...found.values()], unusable, wrong }
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
  /** Nothing was unusable or wrong, nothing could not be saved, nobody failed. */
  readonly isRight: boolean
}
function report({ verdicts, unfinished }: Finished, it: Asked): void {
  const { designs, properties, stopped, budget, store, isRight } = it
  const hasRecorded = verdicts.some(({ from }) => from === 'record')
  if (verdicts.length > 0)
    say(
      `\n${[verdictTable(verdicts, properties, paint), worldsTable(verdicts, paint), legend(columns(), hasRecorded)].filter((part) => part !== '').join('\n\n')}\n`,
    )
  for (const line of evidence(verdicts)) sayProse(line, '  ')
  for (const line of recordedLines(verdicts)) sayProse(line, '  ')
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
