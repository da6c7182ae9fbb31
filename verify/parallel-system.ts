/** A design and its promises for searches by several threads: see `Source` of the parallel search. */
import type { Built, Source } from '../engine/search/parallel/parallel-search.ts'
import { designs } from '../model/designs.ts'
import { machineOf } from '../model/machine.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { properties } from '../properties/index.ts'
import { rulesFor } from './rules.ts'

export interface DesignInScope {
  readonly design: string
  readonly properties: readonly string[]
  readonly scope: Scope
}

export function designInScope({ design: id, properties: wanted, scope }: DesignInScope): Built {
  const design = designs.find((it) => it.id === id)
  if (design === undefined) throw new Error(`there is no design "${id}"`)
  const machine = machineOf(design, scope)
  const asked = properties.filter((property) => wanted.includes(property.id))
  return { system: machine, rules: rulesFor(machine, design, asked) }
}

export const designSource = (argument: DesignInScope): Source => ({
  module: import.meta.url,
  export: designInScope.name,
  argument,
})
