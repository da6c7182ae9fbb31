/** A short digest of what a design does: its steps and its state graph in the smallest scope. */
import { createHash } from 'node:crypto'
import { Search } from '../engine/search.ts'
import type { Design } from '../model/designs/design.ts'
import { machineOf } from '../model/machine.ts'
import { scopes } from '../model/scope.ts'

const cache = new WeakMap<Design, string>()

export function digestOf(design: Design): string {
  const known = cache.get(design)
  if (known !== undefined) return known
  const machine = machineOf(
    design,
    design.family === 'numa' ? { ...scopes.small, nodes: 2 } : scopes.small,
  )
  const { states, transitions, depth } = new Search(machine, []).run({ states: 100_000 })
  const steps = [...machine.automaton.taken().keys()].sort()
  const digest = createHash('sha256')
    .update(JSON.stringify([steps, states, transitions, depth]))
    .digest('hex')
    .slice(0, 12)
  cache.set(design, digest)
  return digest
}
