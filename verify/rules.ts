/** Promises bound to one machine, as the rules an explorer can ask. */
import type { Rule } from '../engine/judge.ts'
import type { Design } from '../model/designs/design.ts'
import type { ModelMachine } from '../model/machine.ts'
import { asked, factsOf, type Property } from '../properties/property.ts'

export function rulesFor(
  machine: ModelMachine,
  design: Design,
  properties: readonly Property[],
): readonly Rule[] {
  const facts = factsOf(machine.world)
  return asked(properties, design.family, machine.world.scope).map((property) => ({
    id: property.id,
    ...(property.never === undefined ? {} : { never: property.never }),
    ...(property.always === undefined ? {} : { always: () => property.always!(facts) }),
    ...(property.rest === undefined
      ? {}
      : { rest: (stuck: readonly string[]) => property.rest!(facts, stuck) }),
    exercised: () => property.exercisedBy.when(facts),
  }))
}
