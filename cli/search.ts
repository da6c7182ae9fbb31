/** `poolproof search DESIGN`: every state of a scope, the shortest trace to each violation, what was covered. */
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { parallelSearch } from '../engine/parallel/parallel-search.ts'
import { isAsymmetry } from '../engine/equivariance.ts'
import { Misuse } from '../engine/misuse.ts'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import type { SearchProgress, SearchResult } from '../engine/search.ts'
import type { Design } from '../model/designs/index.ts'
import type { Scope, WorldName } from '../model/scope.ts'
import type { Property } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { designSource } from '../verify/parallel-system.ts'
import type { SearchJob, SearchMessage } from '../verify/search-worker.ts'
import { designsNamed, number, onOff, parse, propertiesNamed, scopeNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  scope: { type: 'string' },
  property: { type: 'string', multiple: true, short: 'p' },
  budget: { type: 'string' },
  'max-memory': { type: 'string' },
  workers: { type: 'string' },
  symmetry: { type: 'string' },
  fusion: { type: 'string' },
  json: { type: 'string' },
} as const

/**
 * 0: complete, and nothing is broken that the design does not declare. 1: something is. 2: ended early,
 * or vacuous. A declared violation that this scope does not reach is no failure here; verify is the gate.
 */
export async function search(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('search', argv, OPTIONS)
  if (positionals.length !== 1)
    throw new UsageError('search takes one design, such as "poolproof search xarray-tracking".')
  const scope = scopeNamed(values.scope ?? 'medium')
  const design = heldIn(designsNamed(positionals)[0]!, scope)
  const properties = asked(propertiesNamed(values.property ?? []), design.family, scope)
  if (properties.length === 0)
    throw new UsageError(
      `None of the properties asked for applies to ${design.id} in scope ${scope.name}.`,
    )
  const seconds = number('budget', values.budget, 600, { min: 1, max: 86_400, unit: 'seconds' })
  const megabytes = number('max-memory', values['max-memory'], 4096, {
    min: 1,
    max: 1_000_000,
    unit: 'megabytes',
  })
  const workers = number('workers', values.workers, 1, { min: 1, max: 16, unit: 'threads' })
  const symmetry = onOff('symmetry', values.symmetry)
  const fusion = onOff('fusion', values.fusion) ?? false
  say(`${design.id}, scope ${describe(scope)}`)
  const job = {
    design: design.id,
    properties: properties.map(({ id }) => id),
    scope,
    milliseconds: seconds * 1000,
    bytes: megabytes * 2 ** 20,
    fusion,
  }
  const { result, coverage } = await withSymmetry(symmetry, (on) =>
    run({ ...job, symmetry: on }, workers),
  )
  report(design, properties, result, coverage, fusion)
  if (values.json !== undefined) writeJson(values.json, design, properties, scope, result)
  return exitCode(design, properties, result)
}
/** The design with what it says it breaks in this scope, which may be that of another world. */
function heldIn(design: Design, { name }: Scope): Design {
  const { breaks = {}, keeps = {} } = design.worlds?.[name as WorldName] ?? {}
  const declared = Object.entries({ ...design.breaks, ...breaks }).filter(([id]) => !(id in keeps))
  return { ...design, breaks: Object.fromEntries(declared) }
}
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
    say(`searched without symmetry: ${error.message}`)
    return search(false)
  }
}
const say = (text: string): boolean => process.stdout.write(`${text}\n`)

const describe = (scope: Scope): string =>
  Object.entries(scope)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : String(value)}`)
    .join(' ')

interface Searched {
  readonly result: SearchResult
  readonly coverage: ReadonlyMap<string, number>
}

/** The search runs in threads of its own; Ctrl-C asks it to stop and to say how far it got. */
async function run(job: Omit<SearchJob, 'stop' | 'pulse'>, workers: number): Promise<Searched> {
  const live = liveLine()
  const show = (now: SearchProgress): void => live.show(job.design, progress(now))
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const interrupt = (): void => void Atomics.store(stop, 0, 1)
  process.on('SIGINT', interrupt)
  try {
    return await (workers === 1 ? inOneThread(job, stop, show) : inMany(job, stop, show, workers))
  } finally {
    process.off('SIGINT', interrupt)
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
  workers: number,
): Promise<Searched> {
  const bounds = { ...job, states: 2 ** 27 - 2, stop, onProgress }
  const { coverage, ...result } = await parallelSearch(
    designSource({ design, properties, scope }),
    bounds,
    workers,
  )
  return { result, coverage }
}
const progress = ({ states, transitions, frontier, depth, bytes }: SearchProgress): string =>
  `${states} states, ${transitions} transitions, frontier ${frontier}, depth ${depth}, ${megabytesOf(bytes)} MB`
const megabytesOf = (bytes: number): number => Math.round(bytes / 2 ** 20)

function report(
  design: Design,
  properties: readonly Property[],
  result: SearchResult,
  coverage: ReadonlyMap<string, number>,
  fusion: boolean,
): void {
  const { states, transitions, depth, bytes, complete, ended, frontier, standsFor } = result
  say(
    complete
      ? `complete: ${states} states, ${transitions} transitions, depth ${depth}, ${megabytesOf(bytes)} MB`
      : `ended by ${ended}: ${states} states, ${frontier} of them not expanded, ${transitions} transitions, depth ${depth}, ${megabytesOf(bytes)} MB`,
  )
  if (standsFor > states - frontier)
    say(
      `pages exchanged: the ${states - frontier} states that were expanded stand for ${standsFor} (factor ${(standsFor / (states - frontier)).toFixed(2)})`,
    )
  if (fusion)
    say('local steps are taken with the step before them: a trace need not be the shortest')
  say('')
  for (const { id, exercisedBy } of properties) {
    const found = result.found.get(id)
    if (found !== undefined)
      say(
        `${id.padEnd(32)}violated in ${found.trace.length} steps${id in design.breaks ? '' : ' (UNEXPECTED)'}: ${found.detail}`,
      )
    else if (!result.exercised.has(id))
      say(`${id.padEnd(32)}vacuous: never reached "${exercisedBy.says}"`)
    else if (!complete) say(`${id.padEnd(32)}unknown: not every state was visited`)
    else say(`${id.padEnd(32)}holds${id in design.breaks ? ' here (declared broken)' : ''}`)
  }
  const never = [...coverage].filter(([, taken]) => taken === 0).map(([step]) => step)
  say(`\n${coverage.size} steps and events were reached; ${never.length} were never enabled`)
  for (const step of never) say(`  never: ${step}`)
}

function exitCode(design: Design, properties: readonly Property[], result: SearchResult): number {
  const unexpected = properties.some(({ id }) => result.found.has(id) && !(id in design.breaks))
  if (unexpected) return 1
  const vacuous = properties.some(({ id }) => !result.found.has(id) && !result.exercised.has(id))
  return result.complete && !vacuous ? 0 : 2
}

function writeJson(
  path: string,
  design: Design,
  properties: readonly Property[],
  scope: Scope,
  result: SearchResult,
): void {
  const { found, exercised, ...counts } = result
  const verdicts = properties.map(({ id }) => ({
    property: id,
    outcome: found.has(id)
      ? 'violated'
      : !exercised.has(id)
        ? 'vacuous'
        : result.complete
          ? 'holds'
          : 'unknown',
    expected: found.has(id) === id in design.breaks,
    exercised: exercised.has(id),
    ...(found.has(id)
      ? { length: found.get(id)!.trace.length, detail: found.get(id)!.detail }
      : {}),
  }))
  const data = { schema: 1, design: design.id, scope, ...counts, verdicts }
  try {
    writeFileSync(path, `${JSON.stringify(data, null, 2)}\n`)
  } catch (error) {
    throw new UsageError(`--json ${path} cannot be written: ${(error as Error).message}.`)
  }
}
