/** `poolproof replay FILE...`: does each saved counterexample still violate, and how. */
import { Judge } from '../engine/judge.ts'
import { replay as replayTrace, type Trace } from '../engine/trace.ts'
import { machineOf } from '../model/machine.ts'
import { properties } from '../properties/index.ts'
import { MalformedCounterexample, type Counterexample } from '../verify/counterexample.ts'
import { digestOf } from '../verify/digest.ts'
import { rulesFor } from '../verify/rules.ts'
import { read } from '../verify/store.ts'
import { behaviourOf } from '../views/behaviour.ts'
import { ladder } from '../views/ladder.ts'
import { stepList } from '../views/step-list.ts'
import { designsNamed, parse, propertiesNamed } from './arguments.ts'
import { UsageError } from './usage-error.ts'

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
    const it = readOr(path)
    const text = replayOne(path, it, values.steps === true)
    process.stdout.write(`${text}\n`)
    if (!text.includes(STILL)) code = 1
  }
  return code
}
const STILL = 'still violates'

function readOr(path: string): Counterexample {
  try {
    return read(path)
  } catch (error) {
    if (error instanceof MalformedCounterexample) throw new UsageError(error.message)
    throw error
  }
}

function replayOne(path: string, it: Counterexample, steps: boolean): string {
  const design = designsNamed([it.design])[0]!
  propertiesNamed([it.property])
  const machine = machineOf(design, it.scope)
  const judge = new Judge(machine, rulesFor(machine, design, properties))
  const result = replayTrace(machine, judge, it.property, it.steps as Trace)
  const changed = digestOf(design) === it.digest ? '' : ' (the design changed since it was saved)'
  const head = `${path}\n${design.title}\n${it.property}`
  if (result.outcome === 'blocked')
    return `${head}: blocked at step ${result.at + 1} of ${it.steps.length} by ${result.by}${changed}. The model no longer takes this path: run "poolproof verify ${it.design} --property ${it.property}" to see whether another one violates it.`
  if (result.outcome === 'passes')
    return `${head}: passes now${changed}. All ${it.steps.length} steps are possible and nothing is violated. If the design was mended, delete the file and take the property out of its "breaks".`
  const behaviour = behaviourOf(design, properties, it)
  const body = steps ? stepList(behaviour) : ladder(behaviour)
  return `${head}: ${STILL} at step ${result.at + 1}${changed}\n\n${body}\n`
}
