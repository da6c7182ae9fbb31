/** A counterexample run once more, with what a reader wants to see beside each step. */
import type { Slot, SlotValue } from '../../engine/state/layout.ts'
import type { StackFrame } from '../../engine/program/machine.ts'
import { pointOfNoReturn } from '../../engine/counterexample/point-of-no-return.ts'
import { wayOf } from '../../engine/counterexample/ways.ts'
import { Benches } from '../benches.ts'
import { nameOfWay } from '../ways.ts'
import type { Trace } from '../../engine/counterexample/trace.ts'
import type { Design } from '../../model/design.ts'
import { machineOf, type ModelMachine } from '../../model/machine.ts'
import { contextIn, contexts } from '../../model/world/sync/context.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { factsOf, type Property } from '../../properties/property.ts'
import type { Counterexample } from '../counterexample.ts'
import type { Call, Moment } from './moment.ts'
import { outcomeOf, returnedText } from './outcome.ts'
import { relevantSteps } from './relevance.ts'
import { usualOutcomes } from './usual.ts'

/** What is told of, or something of the same form. */
export interface Told {
  readonly property: string
  readonly detail: string
  readonly scope: Scope
}
export interface Behaviour {
  readonly counterexample: Told
  readonly moments: readonly Moment[]
  /** Indices of the steps a reader must see. */
  readonly relevant: ReadonlySet<number>
  /**
   * Index of the step after which the violation could not be avoided; undefined: not determined, null:
   * not asked, because what happens is no violation.
   */
  readonly noReturn: number | undefined | null
  /** The way in which the property is broken, as designs declare it. */
  readonly way?: string
}

/** Replays a counterexample that is known to violate. */
export function behaviourOf(
  design: Design,
  properties: readonly Property[],
  counterexample: Pick<Counterexample, 'property' | 'detail' | 'scope' | 'steps'>,
): Behaviour {
  const { machine, judge } = new Benches(design, properties).of(counterexample.scope)
  const trace = counterexample.steps as Trace
  const noReturn = pointOfNoReturn(machine, judge, counterexample.property, trace)
  const property = properties.find(({ id }) => id === counterexample.property)
  const way = wayOf(machine, judge, counterexample.property, trace, noReturn)
  const told = tellOf(design, machine, counterexample, trace, noReturn, property)
  return way === undefined ? told : { ...told, way: nameOfWay(way) }
}
/** A behaviour that violates nothing: how a situation is reached. */
export const situationOf = (design: Design, told: Told, trace: Trace): Behaviour =>
  tellOf(design, machineOf(design, told.scope), told, trace, null, undefined)

function tellOf(
  design: Design,
  machine: ModelMachine,
  counterexample: Told,
  trace: Trace,
  noReturn: number | undefined | null,
  property: Property | undefined,
): Behaviour {
  const moments = momentsOf(machine, trace)
  const relevant = relevantSteps({
    moments,
    detail: counterexample.detail,
    asked: property === undefined ? [] : slotsAsked(machine, property),
    usual: usualOutcomes(design, counterexample.scope),
    noReturn,
  })
  return { counterexample, moments, relevant, noReturn }
}
/** What a property that is asked of a state looks at, in the state the trace ends in. */
function slotsAsked(machine: ModelMachine, property: Property): readonly Slot[] {
  const bits = machine.looksAt((w) => {
    const facts = factsOf(w)
    property.always?.(facts)
    property.rest?.(facts, machine.busy())
  })
  return machine.layout.slots.filter((slot) => touches(bits, slot))
}

const touches = (bits: Uint32Array, { word, shift, mask }: Slot): boolean =>
  ((bits[word]! >>> shift) & mask) !== 0

/** Runs a trace from the initial state, and notes what a reader wants to see beside each step. */
function momentsOf(machine: ModelMachine, trace: Trace): readonly Moment[] {
  machine.reset()
  const { scope } = machine.world
  const { slots } = machine.layout
  const started = contexts.map(() => 0)
  const calls = callTracker()
  const valueIn = (words: Uint32Array, { word, shift, mask, decode }: Slot): SlotValue =>
    decode(((words[word]! >>> shift) & mask) >>> 0)
  return trace.map((name): Moment => {
    const found = machine.find(name)
    if ('blocked' in found) throw new Error(`${name.fn} › ${name.step}: ${found.blocked}`)
    const context = contexts.findIndex((_, i) => contextIn(scope, i).name === name.context)
    const sort = machine.sort(found.move)
    if (sort !== 'step') started[context]! += 1
    const frames = machine.stack(context).toReversed()
    const stack = calls(context, sort === 'step' ? frames : [])
    const before = machine.words.slice()
    const { read } = machine.observe(found.move)
    const reads = slots
      .filter((slot) => touches(read, slot))
      .map((slot) => ({ slot, value: valueIn(before, slot) }))
    const { returned } = machine
    const outcome = outcomeOf({ name, returned, reads }, scope)
    const after = machine.stack(context).toReversed()
    return {
      name,
      context,
      sort,
      stack,
      activity: started[context]!,
      last: after.length === 0,
      returned,
      outcome,
      results: resultsOf(stack, frames, after, outcome, scope),
      reads,
      changed: slots.flatMap((slot) => {
        if (slot.path.endsWith('.pc')) return []
        const [from, to] = [valueIn(before, slot), valueIn(machine.words, slot)]
        return from === to ? [] : [{ slot, from, to }]
      }),
      reports: machine.reports.map((report) => report.detail),
    }
  })
}

/** A call has returned when its caller has got one result more than it had. */
function resultsOf(
  stack: readonly Call[],
  before: readonly StackFrame[],
  after: readonly StackFrame[],
  outcome: string | undefined,
  scope: Scope,
): ReadonlyMap<number, string> {
  const results = new Map<number, string>()
  for (const [depth, { id }] of stack.entries()) {
    const [caller, now] = [before[depth - 1], after[depth - 1]]
    if (caller === undefined || now === undefined || caller.name !== now.name) continue
    if (now.results.length !== caller.results.length + 1) continue
    const text = returnedText(now.results.at(-1), outcome, scope)
    if (text !== undefined) results.set(id, text)
  }
  return results
}

/**
 * Tells calls apart: a call is the same as long as its callers have got no further result and its own
 * results only grow (a loop body that starts again is called anew).
 */
function callTracker(): (context: number, frames: readonly StackFrame[]) => Call[] {
  const open = contexts.map((): { fn: string; id: number; results: number }[] => [])
  let next = 0
  return (context, frames) => {
    const before = open[context]!
    let same = true
    const now = frames.map(({ name, results: { length } }, depth) => {
      const old = before[depth]
      const goesOn = same && old !== undefined && old.fn === name && old.results <= length
      same = goesOn && old.results === length
      return { fn: name, id: goesOn ? old.id : (next += 1), results: length }
    })
    open[context] = now
    return now.map(({ fn, id }) => ({ fn, id }))
  }
}
