/** A counterexample run once more, with what a reader wants to see beside each step. */
import { Judge } from '../engine/judge.ts'
import type { SlotValue } from '../engine/layout.ts'
import { pointOfNoReturn } from '../engine/point-of-no-return.ts'
import type { MoveName, MoveSort } from '../engine/system.ts'
import type { Trace } from '../engine/trace.ts'
import type { Design } from '../model/designs/design.ts'
import { machineOf, type ModelMachine } from '../model/machine.ts'
import { contextIn, contexts } from '../model/world/context.ts'
import type { Scope } from '../model/scope.ts'
import type { Property } from '../properties/property.ts'
import type { Counterexample } from '../verify/counterexample.ts'
import { rulesFor } from '../verify/rules.ts'

/** One call of a function: two calls of the same function have different ids. */
export interface Call {
  readonly fn: string
  readonly id: number
}
export interface Moment {
  readonly name: MoveName
  /** Index into `contexts`. */
  readonly context: number
  readonly sort: MoveSort
  /** Calls the step stands in, outermost first; empty for a start. */
  readonly stack: readonly Call[]
  /** Counts the starts of this context: steps of one activity share it. */
  readonly activity: number
  /** The context is idle after this step. */
  readonly last: boolean
  readonly changed: readonly { path: string; from: SlotValue; to: SlotValue }[]
  readonly reports: readonly string[]
}
/** What is told of, or something of the same form. */
export interface Told {
  readonly property: string
  readonly detail: string
  readonly scope: Scope
}
export interface Behaviour {
  readonly counterexample: Told
  readonly moments: readonly Moment[]
  /**
   * Index of the step after which the violation could not be avoided; undefined: not determined, null:
   * not asked, because what happens is no violation.
   */
  readonly noReturn: number | undefined | null
}

/** Replays a counterexample that is known to violate. */
export function behaviourOf(
  design: Design,
  properties: readonly Property[],
  counterexample: Counterexample,
): Behaviour {
  const machine = machineOf(design, counterexample.scope)
  const judge = new Judge(machine, rulesFor(machine, design, properties))
  const trace = counterexample.steps as Trace
  return {
    counterexample,
    moments: momentsOf(machine, trace),
    noReturn: pointOfNoReturn(machine, judge, counterexample.property, trace),
  }
}

/** Runs a trace from the initial state, and notes what a reader wants to see beside each step. */
export function momentsOf(machine: ModelMachine, trace: Trace): readonly Moment[] {
  machine.reset()
  const started = contexts.map(() => 0)
  const calls = callTracker()
  return trace.map((name): Moment => {
    const found = machine.find(name)
    if ('blocked' in found) throw new Error(`${name.fn} › ${name.step}: ${found.blocked}`)
    const context = contexts.findIndex(
      (_, i) => contextIn(machine.world.scope, i).name === name.context,
    )
    const sort = machine.sort(found.move)
    if (sort !== 'step') started[context]! += 1
    const stack = sort === 'step' ? calls(context, machine.stack(context).toReversed()) : []
    const before = machine.words.slice()
    machine.fire(found.move)
    return {
      name,
      context,
      sort,
      stack,
      activity: started[context]!,
      last: machine.stack(context).length === 0,
      changed: machine.layout
        .diff(before, machine.words)
        .filter(({ path }) => !path.endsWith('.pc')),
      reports: machine.reports.map((report) => report.detail),
    }
  })
}

/**
 * Tells calls apart: a call is the same as long as its callers have got no further result and its own
 * results only grow (a loop body that starts again is called anew).
 */
function callTracker(): (
  context: number,
  frames: readonly { name: string; results: number }[],
) => Call[] {
  const open = contexts.map((): { fn: string; id: number; results: number }[] => [])
  let next = 0
  return (context, frames) => {
    const before = open[context]!
    let same = true
    const now = frames.map(({ name, results }, depth) => {
      const old = before[depth]
      const goesOn = same && old !== undefined && old.fn === name && old.results <= results
      same = goesOn && old.results === results
      return { fn: name, id: goesOn ? old.id : (next += 1), results }
    })
    open[context] = now
    return now.map(({ fn, id }) => ({ fn, id }))
  }
}
