/** `poolproof replay FILE...`: does each saved counterexample still violate, and how. */
import { Judge } from '../engine/judge.ts'
import { replay as replayTrace, type Trace } from '../engine/trace.ts'
import { designs, type Design } from '../model/designs/index.ts'
import { machineOf } from '../model/machine.ts'
import { properties } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import type { Counterexample } from '../verify/counterexample.ts'
import { digestOf } from '../verify/digest.ts'
import { rulesFor } from '../verify/rules.ts'
import { read } from '../verify/store.ts'
import { behaviourOf } from '../views/behaviour.ts'
import { story } from '../views/story.ts'
import { stepList } from '../views/step-list.ts'
import { parse } from './arguments.ts'
import { didYouMean, UsageError } from './usage-error.ts'

const OPTIONS = { steps: { type: 'boolean' } } as const

/** 0: every file still violates. 1: one passes now, or is blocked. */
export async function replay(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('replay', argv, OPTIONS)
  if (positionals.length === 0)
    throw new UsageError(
      'replay takes one or more counterexample files, such as counterexamples/<design>/<property>.json.',
    )
  let code = 0
  for (const path of positionals) {
    const it = read(path)
    const { text, violates } = replayOne(path, it, values.steps === true)
    process.stdout.write(`${text}\n`)
    if (!violates) code = 1
  }
  return code
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
      `"${property.id}" says nothing of ${design.id}, a ${design.family} design.`,
    )
  if (!asked([property], design.family, it.scope).includes(property))
    throw field(
      'property',
      `"${property.id}" is about something that this scope does not follow, so nothing can break it there.`,
    )
  return design
}

interface Replayed {
  readonly text: string
  readonly violates: boolean
}
function replayOne(path: string, it: Counterexample, steps: boolean): Replayed {
  const design = designOf(path, it)
  const machine = machineOf(design, it.scope)
  const judge = new Judge(machine, rulesFor(machine, design, properties))
  const result = replayTrace(machine, judge, it.property, it.steps as Trace)
  const changed = digestOf(design) === it.digest ? '' : ' (the design changed since it was saved)'
  const head = `${path}\n${design.title}\n${it.property}`
  if (result.outcome === 'blocked')
    return no(
      `${head}: blocked at step ${result.at + 1} of ${it.steps.length} by ${result.by}${changed}. The model no longer takes this path: run "poolproof verify ${it.design} --property ${it.property}" to see whether another one violates it.`,
    )
  if (result.outcome === 'passes')
    return no(
      `${head}: passes now${changed}. All ${it.steps.length} steps are possible and nothing is violated. If the design was mended, delete the file and take the property out of its "breaks".`,
    )
  const behaviour = behaviourOf(design, properties, it)
  const body = steps ? stepList(behaviour) : story(design, behaviour)
  const text = `${head}: still violates at step ${result.at + 1}${changed}\n\n${body}\n`
  return { text, violates: true }
}
const no = (text: string): Replayed => ({ text, violates: false })
