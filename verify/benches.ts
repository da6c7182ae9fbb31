/** What traces of a design are replayed and judged on: a machine for each scope, made once. */
import { Judge } from '../engine/rules/judge.ts'
import type { Design } from '../model/design.ts'
import { machineOf, type ModelMachine } from '../model/machine.ts'
import type { Scope } from '../model/scope/bounds.ts'
import type { Property } from '../properties/property.ts'
import { rulesFor } from './rules.ts'

export interface Bench {
  readonly machine: ModelMachine
  readonly judge: Judge
}

export class Benches {
  private readonly made = new Map<string, Bench>()
  private readonly design: Design
  private readonly properties: readonly Property[]

  constructor(design: Design, properties: readonly Property[]) {
    this.design = design
    this.properties = properties
  }

  /** The same for scopes that say the same: every saved counterexample brings a copy of its own. */
  of(scope: Scope): Bench {
    const key = JSON.stringify(Object.entries(scope).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = this.made.get(key)
    if (known !== undefined) return known
    const machine = machineOf(this.design, scope)
    const bench = {
      machine,
      judge: new Judge(machine, rulesFor(machine, this.design, this.properties)),
    }
    this.made.set(key, bench)
    return bench
  }
}
