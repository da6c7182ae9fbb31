/** `poolproof search DESIGN`: every state of a scope, the shortest trace to each violation, what was covered. */
import { Worker } from 'node:worker_threads'
import { parallelSearch } from '../engine/search/parallel/parallel-search.ts'
import { isAsymmetry } from '../engine/search/equivariance.ts'
import { Misuse } from '../engine/authoring/misuse.ts'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import type { SearchProgress, SearchResult } from '../engine/search/breadth-first.ts'
import { reasonOf } from '../model/design.ts'
import type { Design } from '../model/designs.ts'
import { worldSays, type WorldName } from '../model/scope/worlds.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { properties as allProperties, type Property } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { MalformedCounterexample, type Counterexample } from '../verify/counterexample.ts'
import { designSource } from '../verify/parallel-system.ts'
import type { SearchJob, SearchMessage } from '../verify/search-worker.ts'
import { load, pathOf, save } from '../verify/store.ts'
import { Benches, type Bench } from '../verify/benches.ts'
import { counterexampleOf, wayFound } from '../verify/told.ts'
import { isDeclared, waysDeclared } from '../verify/ways.ts'
import { behaviourOf } from '../verify/behaviour/behaviour.ts'
import { prose } from '../views/prose.ts'
import { story } from '../views/story.ts'
import type { Tone } from '../views/table.ts'
import { designsNamed, propertiesNamed, scopeNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { searchOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say, sayProse } from './output.ts'
import { columns, paint } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/**
 * 0: complete, and nothing is broken that the design does not declare. 1: something is. 2: ended early,
 * or vacuous. A declared violation that this scope does not reach is no failure here; verify is the gate.
 */
export async function search({
  names,
  values,
  signal,
}: Given<typeof searchOptions>): Promise<number> {
  if (names.length !== 1)
    throw new UsageError('search takes one design, such as "poolproof search xarray-tracking".')
  const scope = scopeNamed(values.scope)
  const design = heldIn(designsNamed(names)[0]!, scope)
  const properties = asked(propertiesNamed(values.property), design.family, scope)
  if (properties.length === 0)
    throw new UsageError(
      `None of the properties asked for applies to ${design.id} in scope ${scope.name}.`,
    )
  const { budget, maxMemory, threads, symmetry, fusion = false } = values
  const json = jsonFile(values.json)
  sayProse(`${design.id}, scope ${describe(scope)}`, '  ')
  const job = {
    design: design.id,
    properties: properties.map(({ id }) => id),
    scope,
    milliseconds: budget * 1000,
    bytes: maxMemory * 2 ** 20,
    fusion,
  }
  const { result, coverage } = await withSymmetry(symmetry, (on) =>
    run({ ...job, symmetry: on }, threads, signal),
  )
  const bench = new Benches(design, allProperties).of(scope)
  const told = toldOf(bench, design, properties, scope, result)
  const surprises = surprising(bench, design, told)
  report(design, properties, result, { coverage, fusion, surprises })
  tell(design, told, values.property.length > 0, values.save)
  if (values.save) saveAll(values.store, told)
  json.write(dataOf(design, properties, scope, result, { told, surprises }))
  return signal.aborted ? 2 : exitCode(properties, result, surprises.size > 0)
}
/** The design with what it says it breaks in this scope, which may be that of another world. */
function heldIn(design: Design, { name }: Scope): Design {
  const { breaks = {}, keeps = {} } = design.worlds?.[name as WorldName] ?? {}
  const both = (id: string) => {
    const [here, everywhere] = [breaks[id], design.breaks[id]]
    if (here === undefined || everywhere === undefined) return here ?? everywhere!
    return typeof here === 'string' || typeof everywhere === 'string'
      ? reasonOf(breaks, id)!
      : { ...everywhere, ...here }
  }
  const ids = Object.keys({ ...design.breaks, ...breaks }).filter((id) => !(id in keeps))
  return { ...design, breaks: Object.fromEntries(ids.map((id) => [id, both(id)])) }
}
/** Properties broken, by the shortest trace, in a way that the design does not declare, and that way. */
const surprising = (
  bench: Bench,
  design: Design,
  told: readonly Counterexample[],
): ReadonlyMap<string, string> =>
  new Map(
    told
      .map((it) => [it.property, wayFound(bench, it)] as const)
      .filter(([id, way]) => !isDeclared(waysDeclared(design.breaks, id), way)),
  )
/** Symmetry is used unless it is refused; when it was asked for, a refusal ends the search. */
async function withSymmetry(
  wanted: boolean | undefined,
  search: (symmetry: boolean) => Promise<Searched>,
): Promise<Searched> {
  try {
    return await search(wanted ?? true)
  } catch (error) {
    if (!isAsymmetry(error)) throw error
    if (wanted === true)
      throw new UsageError(
        `${error.message} Its pages cannot be exchanged: leave out --symmetry on.`,
      )
    sayProse(`searched without symmetry: ${error.message}`)
    return search(false)
  }
}

/** By its name, and how it differs from the scope it was made of. */
function describe({ name }: Scope): string {
  const [head = '', ...rest] = name.split(',')
  const [base, changes] = head.includes('=') ? ['medium', [head, ...rest]] : [head, rest]
  const says = worldSays[base as WorldName] as string | undefined
  return [
    base,
    ...(changes.length === 0 ? [] : [` with ${changes.join(', ')}`]),
    ...(says === undefined ? [] : [`: ${says}`]),
  ].join('')
}

interface Searched {
  readonly result: SearchResult
  readonly coverage: ReadonlyMap<string, number>
}

/** The search runs in threads of its own; the signal asks it to stop and to say how far it got. */
async function run(
  job: Omit<SearchJob, 'stop' | 'pulse'>,
  threads: number,
  signal: AbortSignal,
): Promise<Searched> {
  const live = liveLine({ budget: job.milliseconds / 1000, first: 3 })
  live.show(job.design, 'starting')
  const show = (now: SearchProgress): void => live.show(job.design, progress(now))
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const interrupt = (): void => void Atomics.store(stop, 0, 1)
  signal.addEventListener('abort', interrupt)
  try {
    return await (threads === 1 ? inOneThread(job, stop, show) : inMany(job, stop, show, threads))
  } catch (error) {
    if (error instanceof RangeError && /allocat|length/i.test(error.message))
      throw new UsageError(
        `The memory for the states could not be set aside (${error.message}). Give --max-memory fewer megabytes, or lift the limit of the shell (ulimit -v).`,
      )
    throw error
  } finally {
    signal.removeEventListener('abort', interrupt)
    live.clear()
  }
}
type Show = (progress: SearchProgress) => void

function inOneThread(
  job: Omit<SearchJob, 'stop' | 'pulse'>,
  stop: Int32Array,
  show: Show,
): Promise<Searched> {
  const pulse = newPulse()
  const worker = new Worker(new URL('../verify/search-worker.js', import.meta.url), {
    workerData: { ...job, stop, pulse } satisfies SearchJob,
  })
  return new Promise<Searched>((resolve, reject) => {
    const unwatch = watchPulse(pulse, (says) => {
      void worker.terminate()
      reject(new Misuse(says))
    })
    worker.once('exit', unwatch)
    worker.once('error', reject)
    worker.on('message', (message: SearchMessage) => {
      if (message.type === 'done') resolve(message)
      else show(message.progress)
    })
  })
}

async function inMany(
  { design, properties, scope, ...job }: Omit<SearchJob, 'stop' | 'pulse'>,
  stop: Int32Array,
  onProgress: Show,
  threads: number,
): Promise<Searched> {
  const bounds = { ...job, states: 2 ** 27 - 2, stop, onProgress }
  const { coverage, ...result } = await parallelSearch(
    designSource({ design, properties, scope }),
    bounds,
    threads,
  )
  return { result, coverage }
}
const progress = ({ states, transitions, frontier, depth, bytes }: SearchProgress): string =>
  `${states} states, ${transitions} transitions, frontier ${frontier}, depth ${depth}, ${megabytesOf(bytes)} MB`
const megabytesOf = (bytes: number): number => Math.round(bytes / 2 ** 20)

interface Reported {
  readonly coverage: ReadonlyMap<string, number>
  readonly fusion: boolean
  readonly surprises: ReadonlyMap<string, string>
}
function report(
  design: Design,
  properties: readonly Property[],
  result: SearchResult,
  { coverage, fusion, surprises }: Reported,
): void {
  const { states, transitions, depth, bytes, complete, ended, frontier, standsFor } = result
  sayProse(
    complete
      ? `complete: ${states} states, ${transitions} transitions, depth ${depth}, ${megabytesOf(bytes)} MB`
      : `ended by ${ended}: ${states} states, ${frontier} of them not expanded, ${transitions} transitions, depth ${depth}, ${megabytesOf(bytes)} MB`,
  )
  if (standsFor > states - frontier)
    sayProse(
      `pages exchanged: the ${states - frontier} states that were expanded stand for ${standsFor} (factor ${(standsFor / (states - frontier)).toFixed(2)})`,
    )
  if (fusion)
    say('local steps are taken with the step before them: a trace need not be the shortest')
  say('')
  for (const { id, exercisedBy } of properties) {
    const found = result.found.get(id)
    const row = (tone: Tone, word: string, more: string): void =>
      say(
        prose(`${word}${more}`, columns(), ' '.repeat(34), id.padEnd(32))
          .join('\n')
          .replace(word, paint(tone, word)),
      )
    if (found !== undefined)
      row(
        surprises.has(id) ? 'alarm' : 'bad',
        'violated',
        ` in ${found.trace.length} steps${surprises.has(id) ? ` (UNEXPECTED, by "${surprises.get(id)}")` : ''}: ${found.detail}`,
      )
    else if (!result.exercised.has(id))
      row('doubt', 'vacuous', `: never reached "${exercisedBy.says}"`)
    else if (!complete) row('doubt', 'unknown', ': not every state was visited')
    else row('good', 'holds', id in design.breaks ? ' here (declared broken)' : '')
  }
  const never = [...coverage].filter(([, taken]) => taken === 0).map(([step]) => step)
  say(`\n${coverage.size} steps and events were reached; ${never.length} were never enabled`)
  for (const step of never) sayProse(`never: ${step}`, '    ', '  ')
}

/** What was found, in the order of the properties, as it is told and saved. */
const toldOf = (
  bench: Bench,
  design: Design,
  properties: readonly Property[],
  scope: Scope,
  { found }: SearchResult,
): readonly Counterexample[] =>
  properties.flatMap(({ id }) => {
    const one = found.get(id)
    const by = { by: 'search', scope: scope.name } as const
    return one === undefined
      ? []
      : [counterexampleOf(bench, design, id, { ...one, scope, found: by })]
  })
/** The ladder of each violation that was asked for by name, or of the first. */
function tell(
  design: Design,
  told: readonly Counterexample[],
  named: boolean,
  saves: boolean,
): void {
  for (const it of named ? told : told.slice(0, 1)) {
    say(`\n${design.title}\n${it.property}: violated at step ${it.steps.length}\n`)
    say(story(design, behaviourOf(design, allProperties, it)))
  }
  if (told.length > 1 && !named)
    say(
      `\n${told.length - 1} more: name one with --property to see how${saves ? '' : ', or save all with --save'}.`,
    )
}
/** Beside what verify saves, in a folder of the scope; a shorter one that is there stays. */
function saveAll(store: string, told: readonly Counterexample[]): void {
  say('')
  for (const it of told) {
    const path = pathOf(store, it.design, it.property, it.scope.name)
    const there = inStore(store, () => load(store, it.design, it.property, it.scope.name))
    if (there !== undefined && there.steps.length <= it.steps.length)
      say(`kept     ${path}, ${there.steps.length} steps: not longer than what was found`)
    else say(`saved    ${saveOne(store, it)}, ${it.steps.length} steps`)
  }
}
const saveOne = (store: string, it: Counterexample): string =>
  inStore(store, () => save(store, it, it.scope.name))
function inStore<T>(store: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MalformedCounterexample) throw error
    throw new UsageError(
      `--store ${store} cannot be used: ${(error as Error).message}. Name a folder that can be written.`,
    )
  }
}

function exitCode(
  properties: readonly Property[],
  result: SearchResult,
  isSurprising: boolean,
): number {
  if (isSurprising) return 1
  const vacuous = properties.some(({ id }) => !result.found.has(id) && !result.exercised.has(id))
  return result.complete && !vacuous ? 0 : 2
}

function dataOf(
  design: Design,
  properties: readonly Property[],
  scope: Scope,
  result: SearchResult,
  { told, surprises }: { readonly told: readonly Counterexample[] } & Pick<Reported, 'surprises'>,
): object {
  const { found, exercised, ...counts } = result
  const stepsOf = (id: string) => told.find(({ property }) => property === id)!.steps
  const verdicts = properties.map(({ id }) => ({
    property: id,
    outcome: found.has(id)
      ? 'violated'
      : !exercised.has(id)
        ? 'vacuous'
        : result.complete
          ? 'holds'
          : 'unknown',
    expected: found.has(id) ? !surprises.has(id) : !(id in design.breaks),
    exercised: exercised.has(id),
    ...(found.has(id)
      ? { length: found.get(id)!.trace.length, detail: found.get(id)!.detail, steps: stepsOf(id) }
      : {}),
  }))
  return { schema: 1, design: design.id, scope, ...counts, verdicts }
}
