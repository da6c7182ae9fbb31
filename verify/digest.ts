/** A short digest of what a design does: its steps and its state graph in the smallest scope. */
import { createHash } from 'node:crypto'
import { BreadthFirstSearch } from '../engine/search/breadth-first.ts'
import { BROKE_OFF } from '../engine/system.ts'
import type { Design } from '../model/design.ts'
import { machineOf } from '../model/machine.ts'

/** A step that cannot be carried out ends its path here, too. */
const whatever = { id: 'whatever', never: [BROKE_OFF], exercised: () => true }
const cache = new WeakMap<Design, string>()

export function digestOf(design: Design): string {
  const known = cache.get(design)
  if (known !== undefined) return known
  const machine = machineOf(design, design.family.scopes.small)
  const { states, transitions, depth } = new BreadthFirstSearch(machine, [whatever]).run({
    states: 100_000,
  })
  const steps = [...machine.automaton.taken().keys()].sort()
  const digest = createHash('sha256')
    .update(JSON.stringify([steps, states, transitions, depth]))
    .digest('hex')
    .slice(0, 12)
  cache.set(design, digest)
  return digest
}
