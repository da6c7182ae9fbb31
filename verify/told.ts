/** A violation that was found, as the counterexample that is shown and saved. */
import { Judge } from '../engine/judge.ts'
import { tidy } from '../engine/tidy.ts'
import type { Trace } from '../engine/trace.ts'
import { wayOf } from '../engine/ways.ts'
import type { Design } from '../model/designs/design.ts'
import { machineOf } from '../model/machine.ts'
import type { Scope } from '../model/scope.ts'
import type { Property } from '../properties/property.ts'
import { SCHEMA, type Counterexample } from './counterexample.ts'
import { digestOf } from './digest.ts'
import { rulesFor } from './rules.ts'
import { nameOfWay } from './ways.ts'

/** A trace that violates a rule, and where it came from. */
export interface Violating {
  readonly trace: Trace
  readonly scope: Scope
  readonly detail: string
  readonly found: Counterexample['found']
}

/** The same steps, reordered so that each context runs on for as long as it can. */
export function counterexampleOf(
  design: Design,
  properties: readonly Property[],
  property: string,
  { trace, scope, detail, found }: Violating,
): Counterexample {
  const machine = machineOf(design, scope)
  const judge = new Judge(machine, rulesFor(machine, design, properties))
  const steps = tidy(machine, judge, property, trace)
  return saveable(design, property, { trace: steps, scope, detail, found })
}
/** The way in which a counterexample breaks its property, by the name under which designs declare it. */
export function wayFound(
  design: Design,
  properties: readonly Property[],
  { property, scope, steps }: Counterexample,
): string {
  const machine = machineOf(design, scope)
  const judge = new Judge(machine, rulesFor(machine, design, properties))
  return nameOfWay(wayOf(machine, judge, property, steps as Trace)!)
}
/** The same, in the order in which it is. */
export function saveable(
  design: Design,
  property: string,
  { trace, scope, detail, found }: Violating,
): Counterexample {
  return {
    schema: SCHEMA,
    design: design.id,
    digest: digestOf(design),
    property,
    detail,
    scope: { ...scope, counterStarts: [...scope.counterStarts], holders: [...scope.holders] },
    found,
    date: new Date().toISOString().slice(0, 10),
    steps: trace.map((step) => ({ ...step })),
  }
}
