/** A violation that was found, as the counterexample that is shown and saved. */
import { tidy } from '../engine/counterexample/tidy.ts'
import type { Trace } from '../engine/counterexample/trace.ts'
import { wayOf } from '../engine/counterexample/ways.ts'
import type { Design } from '../model/design.ts'
import type { Scope } from '../model/scope/bounds.ts'
import type { Bench } from './benches.ts'
import { SCHEMA, type Counterexample } from './counterexample.ts'
import { digestOf } from './digest.ts'
import { nameOfWay } from './ways.ts'

/** A trace that violates a rule, and where it came from. */
export interface Violating {
  readonly trace: Trace
  readonly scope: Scope
  readonly detail: string
  readonly found: Counterexample['found']
}

/** The same steps, reordered so that each context runs on for as long as it can. */
export const counterexampleOf = (
  { machine, judge }: Bench,
  design: Design,
  property: string,
  found: Violating,
): Counterexample =>
  saveable(design, property, { ...found, trace: tidy(machine, judge, property, found.trace) })
/** The way in which a counterexample breaks its property, by the name under which designs declare it. */
export const wayFound = ({ machine, judge }: Bench, { property, steps }: Counterexample): string =>
  nameOfWay(wayOf(machine, judge, property, steps as Trace)!)
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
