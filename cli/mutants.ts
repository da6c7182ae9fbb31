/** `poolproof mutants`: is the model, changed in one place at a time, caught each time? */
import { Worker } from 'node:worker_threads'
import type { MutantResult, Outcome } from '../mutants/run.ts'
import type { MutantMessage, MutantsJob } from '../mutants/worker.ts'
import { hasRecordings } from '../mutants/recordings.ts'
import { mutants as all, mutantsBySubject, type Mutant } from '../mutants/index.ts'
import { indented } from '../views/prose.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { mutantsOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say, sayProse } from './output.ts'
import { columns, paint } from './terminal.ts'
import { unknownName, UsageError } from './usage-error.ts'

/** Runs the mutants named, or all. 0: every one was caught or is equivalent; 1: not so; 2: interrupted. */
export async function mutants({
  names,
  values,
  signal,
}: Given<typeof mutantsOptions>): Promise<number> {
  const known = all.map(({ id }) => id)
  for (const id of names)
    if (!known.includes(id)) throw unknownName('mutant', id, known, 'mutants --list')
  const chosen = all.filter(({ id }) => names.length === 0 || names.includes(id))
  const json = jsonFile(values.json)
  if (values.list) return listed(chosen, json)
  const recorded = chosen.find(({ expected }) => 'differs' in expected)
  if (recorded !== undefined && !hasRecordings)
    throw new UsageError(
      `mutant ${recorded.id} is held against recordings of a kernel, and the folder test/conformance/data that has them is missing: restore it from the repository or the package, or name other mutants.`,
    )
  let subject: string | undefined
  const live = liveLine({ of: chosen.length, what: 'mutants', first: 3 })
  const results: MutantResult[] = []
  live.show(chosen[0]!.id, 'running')
  await run(chosen, signal, (result) => {
    live.erase()
    const of = subjectOf(result.mutant)
    if (of !== subject) say(`\n${(subject = of)}`)
    say(lines(result, columns()).join('\n'))
    results.push(result)
    live.ended()
    const next = chosen[results.length]
    if (next !== undefined) live.show(next.id, 'running')
  }).finally(() => live.clear())
  for (const text of reasons(results)) say(text)
  say()
  sayProse(LEGEND)
  say(summary(results))
  json.write({
    schema: 1,
    mutants: results.map(({ mutant, ...rest }) => ({ id: mutant.id, ...rest })),
  })
  if (signal.aborted) say(`Interrupted: ${chosen.length - results.length} were not run.`)
  if (signal.aborted) return 2
  return results.some(({ outcome }) => outcome === 'missed' || outcome === 'void') ? 1 : 0
}
function listed(chosen: readonly Mutant[], json: { write(data: object): void }): number {
  for (const [subject, list] of mutantsBySubject) {
    const those = list.filter((it) => chosen.includes(it))
    if (those.length > 0) say(`\n${subject}`)
    for (const it of those) say(`  ${it.id.padEnd(22)} ${it.says}`)
  }
  json.write({
    schema: 1,
    mutants: chosen.map(({ id, says, design, expected }) => ({ id, says, design, expected })),
  })
  return 0
}

/** In a thread of its own; the signal ends it at once. */
async function run(
  chosen: readonly Mutant[],
  signal: AbortSignal,
  take: (result: MutantResult) => void,
): Promise<void> {
  const worker = new Worker(new URL('../mutants/worker.js', import.meta.url), {
    workerData: { ids: chosen.map(({ id }) => id) } satisfies MutantsJob,
  })
  const stop = (): void => void worker.terminate()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', () => resolve())
      worker.on('message', (message: MutantMessage) => {
        if (message.type === 'done') return
        const { type: _, id, ...rest } = message
        take({ mutant: chosen.find((it) => it.id === id)!, ...rest })
      })
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const subjectOf = (mutant: Mutant): string =>
  mutantsBySubject.find(([, list]) => list.includes(mutant))![0]

const LEGEND =
  'Number: steps of the counterexample; of recordings, how many sequences differ. "!": a known violation of the design, which the change hides.'
const MARKS: Readonly<Record<Outcome, string>> = {
  caught: 'caught',
  missed: 'MISSED',
  equivalent: 'equiv.',
  void: 'VOID',
}
const TONES = { caught: 'good', missed: 'alarm', equivalent: 'doubt', void: 'alarm' } as const
/** Outcome, id, what it changes, caught by, steps: a line of at most 100 columns, or two of 80. */
export function lines({ mutant, outcome, steps }: MutantResult, width = 100): readonly string[] {
  const mark = paint(TONES[outcome], MARKS[outcome]) + ' '.repeat(6 - MARKS[outcome].length)
  const start = `${mutant.id.padEnd(21)} ${mutant.says.padEnd(36)}`
  const end = steps === undefined ? '' : String(steps).padStart(4)
  const how = `${by(mutant).padEnd(30)}${end}`
  if (width >= 100) return [`${mark} ${start} ${how}`.trimEnd()]
  return [
    `${mark} ${start}`.trimEnd(),
    ...(how.trim() === '' ? [] : [`${' '.repeat(29)}${how}`.trimEnd()]),
  ]
}
/** The property that must catch it; `!` before a known violation that must be lost. */
function by({ expected }: Mutant): string {
  if ('violates' in expected) return expected.violates
  if ('differs' in expected) return `recordings of ${expected.differs}`
  if ('loses' in expected) return `!${expected.loses}`
  return ''
}

/** Why what was not caught was not. */
function reasons(results: readonly MutantResult[]): string[] {
  const told = (
    title: string,
    outcome: Outcome,
    why: (result: MutantResult) => string,
  ): string[] => {
    const those = results.filter((result) => result.outcome === outcome)
    if (those.length === 0) return []
    const paragraphs = those.flatMap((result) => [
      `  ${result.mutant.id}`,
      ...indented(why(result), columns(), '    '),
    ])
    return ['', title, ...paragraphs]
  }
  const detail = ({ detail, scope }: MutantResult): string => `${detail ?? ''} (scope ${scope})`
  return [
    ...told('Equivalent, because', 'equivalent', ({ mutant: { expected } }) =>
      'nothing' in expected ? expected.nothing : '',
    ),
    ...told('Missed', 'missed', detail),
    ...told('Void', 'void', detail),
  ]
}

function summary(results: readonly MutantResult[]): string {
  const count = (outcome: Outcome): number =>
    results.filter((result) => result.outcome === outcome).length
  const voids = count('void')
  return [
    `${results.length} mutants: ${count('caught')} caught`,
    `${count('missed')} missed`,
    `${count('equivalent')} equivalent`,
    ...(voids === 0 ? [] : [`${voids} void`]),
  ].join(', ')
}
