/** Promises bound to one machine, as the rules an explorer can ask. */
import type { Rule } from '../engine/rules/judge.ts'
import type { Design } from '../model/design.ts'
import type { ModelMachine } from '../model/machine.ts'
import { properties as allProperties } from '../properties/index.ts'
import { fatalKinds, type ReportKind } from '../model/world/reports.ts'
import { asked, factsOf, type Property } from '../properties/property.ts'

export function rulesFor(
  machine: ModelMachine,
  design: Design,
  properties: readonly Property[],
): readonly Rule[] {
  const facts = factsOf(machine.world)
  return asked(properties, design.family, machine.world.scope).map((property) => ({
    id: property.id,
    ...(property.never === undefined
      ? {}
      : { never: property.never === 'the others' ? others(design, machine) : property.never }),
    ...(property.always === undefined ? {} : { always: () => property.always!(facts) }),
    ...(property.rest === undefined
      ? {}
      : { rest: (stuck: readonly string[]) => property.rest!(facts, stuck) }),
    exercised: () => property.exercisedBy.when(facts),
  }))
}

/** Reports that end a path and that no promise names which could be asked here, asked for or not. */
function others(design: Design, machine: ModelMachine): readonly ReportKind[] {
  const named = new Set(
    asked(allProperties, design.family, machine.world.scope).flatMap(({ never }) => never ?? []),
  )
  return [...fatalKinds].filter((kind) => !named.has(kind))
}
