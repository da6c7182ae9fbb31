/** `poolproof replay FILE...`: does each saved counterexample still violate, and how. */
import type { Violation } from '../engine/rules/judge.ts'
import {
  firstBlocked,
  replay as replayTrace,
  type Replayed,
  type Trace,
} from '../engine/counterexample/trace.ts'
import { printable } from '../files/printable.ts'
import { designs, type Design } from '../model/designs.ts'
import type { ModelMachine } from '../model/machine.ts'
import { properties } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { MalformedCounterexample, type Counterexample } from '../verify/counterexample.ts'
import { digestOf } from '../verify/digest.ts'
import { Benches } from '../verify/benches.ts'
import { read } from '../verify/store.ts'
import { behaviourOf } from '../verify/behaviour/behaviour.ts'
import { wrap } from '../views/columns.ts'
import { story } from '../views/story.ts'
import { stepList } from '../views/step-list.ts'
import { breath } from './breath.ts'
import { counterexampleFiles } from './counterexample-files.ts'
import type { Given } from './option.ts'
import type { replayOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say } from './output.ts'
import { didYouMean, UsageError } from './usage-error.ts'

/**
 * 0: every file still violates. 1: one does not. 2: interrupted. 3: one cannot be used; the others are told
 * nevertheless.
 */
export async function replay({
  names,
  values,
  signal,
}: Given<typeof replayOptions>): Promise<number> {
  const paths = counterexampleFiles(names, values.store)
  const json = jsonFile(values.json, paths)
  const told: object[] = []
  let code = 0
  for (const path of paths) {
    await breath()
    if (signal.aborted) break
    try {
      const it = read(path)
      const { text, violates } = replayOne(path, it, values.steps)
      say(text)
      const { design, property, steps } = it
      told.push({ path, design, property, length: steps.length, violates })
      if (!violates) code = Math.max(code, 1)
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof MalformedCounterexample)) throw error
      process.stderr.write(`poolproof: ${printable(error.message)}\n`)
      code = 3
    }
  }
  json.write({ schema: 1, counterexamples: told })
  if (signal.aborted) say(`Interrupted: ${paths.length - told.length} were not replayed.`)
  return signal.aborted ? 2 : code
}

const near = (name: string, known: readonly { id: string }[]): string =>
  didYouMean(
    name,
    known.map(({ id }) => id),
  )
/** The file names a design and a property of its family that exist. */
function designOf(path: string, it: Counterexample): Design {
  const field = (name: string, said: string): UsageError =>
    new UsageError(
      `${path}: field "${name}": ${said} The file was left untouched; mend the field, or delete the file if the name is gone for good.`,
    )
  const design = designs.find(({ id }) => id === it.design)
  if (design === undefined)
    throw field('design', `there is no design "${it.design}".${near(it.design, designs)}`)
  const property = properties.find(({ id }) => id === it.property)
  if (property === undefined)
    throw field(
      'property',
      `there is no property "${it.property}".${near(it.property, properties)}`,
    )
  if (!property.families.includes(design.family))
    throw field(
      'property',
      `"${property.id}" says nothing of ${design.id}, a ${design.family.id} design.`,
    )
  if (!asked([property], design.family, it.scope).includes(property))
    throw field(
      'property',
      `"${property.id}" is about something that this scope does not follow, so nothing can break it there.`,
    )
  return design
}

interface Told {
  readonly text: string
  readonly violates: boolean
}
function replayOne(path: string, it: Counterexample, steps: boolean): Told {
  const design = designOf(path, it)
  const ran = run(path, design, it)
  const changed = digestOf(design) === it.digest ? '' : ' (the design changed since it was saved)'
  const head = `${printable(path)}\n${design.title}\n${it.property}: ${outcome(it, ran)}${changed}${advice(it, ran)}`
  const notes = notesOn(it, ran).flatMap((note) => wrap(note, WIDTH))
  const above = [head, ...notes].join('\n')
  if (ran.result.outcome !== 'violates') return { text: above, violates: false }
  return { text: `${above}\n\n${body(design, it, ran.result, steps)}\n`, violates: true }
}
const WIDTH = 72

interface Ran {
  readonly result: Replayed
  /** What else is violated on the way: each property once, at the step where it first is. */
  readonly others: ReadonlyMap<string, number>
  /** Of the steps after the violation the first that is not possible. */
  readonly blocked?: { readonly at: number; readonly by: string } | undefined
  /** Nothing after the violation can be believed. */
  readonly corrupt: boolean
}
function run(path: string, design: Design, it: Counterexample): Ran {
  const others = new Map<string, number>()
  const trace = it.steps as Trace
  let at = 0
  try {
    const { machine, judge } = new Benches(design, properties).of(it.scope)
    const result = replayTrace(machine, judge, it.property, trace, {
      before: (step) => (at = step + 1),
      other: (step, { rule }: Violation) => others.has(rule) || others.set(rule, step),
    })
    const corrupt = machine.reports.some(({ fatal }) => fatal)
    if (result.outcome !== 'violates' || corrupt) return { result, others, corrupt }
    return { result, others, corrupt, blocked: trailing(machine, trace, result.at + 1) }
  } catch (error) {
    throw new UsageError(
      `${path}: the model cannot take step ${at} of ${trace.length}: ${(error as Error).message} If the scope of the file or a step of it was edited, mend that; otherwise the model of ${design.id} is at fault.`,
    )
  }
}
/** Tried for the reader's sake: a step that the model cannot take is as good as one that is not possible. */
function trailing(machine: ModelMachine, trace: Trace, from: number): Ran['blocked'] {
  try {
    const blocked = firstBlocked(machine, trace.slice(from))
    return blocked === undefined ? undefined : { ...blocked, at: from + blocked.at }
  } catch (error) {
    return { at: from, by: (error as Error).message }
  }
}

function outcome({ steps }: Counterexample, { result }: Ran): string {
  switch (result.outcome) {
    case 'violates':
      return `still violates ${at(result.at)}`
    case 'blocked':
      return `blocked ${at(result.at)} of ${steps.length} by ${printable(result.by)}`
    case 'stopped':
      return `not violated, and the replay stops ${at(result.at)} of ${steps.length}`
    case 'passes':
      return 'passes now'
  }
}
/** What the outcome rests on, and what to do about it. */
function advice({ design, property, steps }: Counterexample, { result }: Ran): string {
  const again = `run "poolproof verify ${design} --property ${property}" to see whether another one violates it`
  switch (result.outcome) {
    case 'violates':
      return ''
    case 'blocked':
      return `. The model no longer takes this path: ${again}.`
    case 'stopped':
      return `, at a report of another kind, ${result.by.kind}: ${result.by.detail}. Nothing after it can be believed: ${again}.`
    case 'passes':
      return `. All ${steps.length} steps are possible and it is not violated. If the design was mended, delete the file and take the property out of its "breaks".`
  }
}
const at = (step: number): string => (step < 0 ? 'in the initial state' : `at step ${step + 1}`)

/** What a reader must know beside the outcome. */
function notesOn({ detail, steps }: Counterexample, ran: Ran): readonly string[] {
  const { result, others, corrupt, blocked } = ran
  const also = [...others].map(([rule, step]) => `${rule} ${at(step)}`)
  const notes = also.length === 0 ? [] : [`The trace also violates ${also.join(', ')}.`]
  if (result.outcome !== 'violates') return notes
  if (detail !== result.detail)
    notes.push(
      `The file says "${printable(detail)}"; what is found now is "${result.detail}", as told below.`,
    )
  const from = result.at + 2
  if (from > steps.length) return notes
  const which =
    from === steps.length ? `Step ${from} comes` : `Steps ${from} to ${steps.length} come`
  const why = corrupt
    ? 'after which nothing can be believed'
    : blocked === undefined
      ? 'and are possible'
      : `and step ${blocked.at + 1} is not possible there (${printable(blocked.by)})`
  return [...notes, `${which} after the violation, ${why}; what is told below ends with it.`]
}

/** The counterexample up to its violation, as it is found now. */
function body(
  design: Design,
  it: Counterexample,
  { at: last, detail }: Extract<Replayed, { outcome: 'violates' }>,
  steps: boolean,
): string {
  if (last < 0) return `*** ${it.property}: ${detail}`
  const behaviour = behaviourOf(design, properties, {
    ...it,
    detail,
    steps: it.steps.slice(0, last + 1),
  })
  return steps ? stepList(behaviour) : story(design, behaviour)
}
