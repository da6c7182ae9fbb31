/** What a design, changed or as it is, breaks in one scope. The same every time: no clock is asked. */
import { randomRuns } from '../engine/random/random-runs.ts'
import type { Mutation } from '../engine/mutation/mutate.ts'
import { BreadthFirstSearch } from '../engine/search/breadth-first.ts'
import type { Design } from '../model/designs.ts'
import { machineOf } from '../model/machine.ts'
import { properties } from '../properties/index.ts'
import { rulesFor } from '../verify/rules.ts'
import { mutantScopes, randomScopes, type MutantScope } from './scopes.ts'

const STATES = 4_000_000
const RANDOM = { seed: 1, runs: 300, commands: 400, shrinks: 100 } as const

export interface Explored {
  /** Each property that was violated, and how many steps it takes. */
  readonly found: ReadonlyMap<string, number>
  /** Everything in the scope was visited; for random runs, all of them were made. */
  readonly complete: boolean
  readonly states: number
}

/** Explores everything, or no more than it takes to violate the property `until`. */
export function explored(
  design: Design,
  scope: MutantScope,
  mutation?: Mutation,
  until?: string,
): Explored {
  const machine = machineOf(design, mutantScopes[scope], mutation?.instrument)
  const rules = rulesFor(machine, design, properties)
  if (randomScopes.has(scope)) {
    const wanted = rules.filter((rule) => rule.id === until)
    const { found, runs } = randomRuns(machine, machine.world, wanted, RANDOM)
    const lengths = new Map(found.map(({ rule, trace }) => [rule, trace.length]))
    return { found: lengths, complete: true, states: runs }
  }
  const bounds = { states: STATES, ...(until === undefined ? {} : { until: [until] }) }
  const { found, complete, states } = new BreadthFirstSearch(machine, rules).run(bounds)
  const lengths = new Map([...found].map(([rule, { trace }]) => [rule, trace.length]))
  return { found: lengths, complete, states }
}

/** The designs as they are, each explored once per scope. */
export class CleanDesigns {
  private readonly known = new Map<string, Explored>()
  explored(design: Design, scope: MutantScope, property: string | undefined): Explored {
    const until = randomScopes.has(scope) ? property : undefined
    const key = [design.id, scope, until].join(' ')
    const known = this.known.get(key) ?? explored(design, scope, undefined, until)
    this.known.set(key, known)
    return known
  }
}
