/** NUMA: what the refill of each design does, searched in a small scope and measured at the kernel's sizes. */
import { describe, expect, it } from 'vitest'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import { designs, type Design } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { properties } from '../../properties/index.ts'
import { convergence, type Convergence } from '../../costs/convergence.ts'
import { ringUnlockRace } from '../../model/shutdown/known.ts'
import { rulesFor } from '../../verify/rules.ts'
import { everyDesign } from '../support/every-design.ts'

/** Measured once for each. */
const measured = new Map<string, Convergence>()
function converging(id: string, asksFor: Convergence['asksFor']): Convergence {
  const key = `${id} ${asksFor}`
  const known = measured.get(key) ?? convergence(designOf(id), asksFor)
  measured.set(key, known)
  return known
}
const designOf = (id: string): Design => designs.find((design) => design.id === id)!
/** No injected failure: pages are remote only because the interrupt moved. */
const quiet: Scope = { ...scopes.numa, name: 'quiet', rxSlots: 1, faults: 0 }

/** Properties broken, looked for until all that are declared are found. */
function broken(id: string, wanted: readonly string[]): readonly string[] {
  const machine = machineOf(designOf(id), quiet)
  const rules = rulesFor(machine, designOf(id), properties)
  const { found } = new BreadthFirstSearch(machine, rules).run({ states: 3_000_000, until: wanted })
  return [...found.keys()]
}

describe('numa-refill-merged', () => {
  // `verify` searches a scope with failures, of which this is a part.
  it.runIf(everyDesign)('keeps every promise about nodes in every state without failures', () => {
    const machine = machineOf(designOf('numa-refill-merged'), quiet)
    const rules = rulesFor(machine, designOf('numa-refill-merged'), properties)
    const { found, complete, exercised } = new BreadthFirstSearch(machine, rules).run({
      states: 3_000_000,
      symmetry: true,
    })
    expect(complete).toBe(true)
    expect([...found.keys()].sort()).toEqual(Object.keys(ringUnlockRace).sort())
    expect(rules.map(({ id }) => id).filter((id) => !exercised.has(id))).toEqual([])
  })
})

describe('numa-refill-v3', () => {
  it('breaks what the merged form keeps', () => {
    const needsFailure = 'no-allocation-fails-with-pages'
    const wanted = Object.keys(designOf('numa-refill-v3').breaks).filter(
      (id) => id !== needsFailure,
    )
    expect(broken('numa-refill-v3', wanted).toSorted()).toEqual(wanted.toSorted())
  })
})

describe('numa-check-on-put', () => {
  it('recycles nothing when the pool asks for no node', () => {
    expect(broken('numa-check-on-put', ['local-pages-are-recycled'])).toContain(
      'local-pages-are-recycled',
    )
    expect(converging('numa-check-on-put', 'NUMA_NO_NODE')).toMatchObject({
      allocatorBefore: 1000,
      allocatorAfter: 1000,
    })
  })
  it('serves a full ring of remote pages once more', () => {
    const { remoteServed, mostUnderLock } = converging('numa-check-on-put', 'a node')
    expect(remoteServed).toBe(1024)
    expect(mostUnderLock).toBe(0)
  })
})

describe('after the interrupt moved', () => {
  it('v3 releases 65 pages under the lock, the merged form one', () => {
    const both = ['numa-refill-v3', 'numa-refill-merged'].map((id) =>
      converging(id, 'NUMA_NO_NODE'),
    )
    expect(both.map(({ mostUnderLock }) => mostUnderLock)).toEqual([65, 1])
  })
  it('page_pool_update_nid() keeps cached pages from being served, when it flushes', () => {
    const served = ['numa-refill-merged', 'numa-refill-no-flush'].map(
      (id) => converging(id, 'a node').remoteServed,
    )
    expect(served).toEqual([0, 63])
  })
  it('the merged form asks the allocator for few pages, and not for long', () => {
    const merged = converging('numa-refill-merged', 'a node')
    expect(merged.converged).toBeLessThan(2_000)
    expect(merged.allocatorAfter).toBeLessThan(100)
  })
  it.runIf(everyDesign)(
    'a bulk of 64 for every page released makes the ring useless 64 times as long',
    () => {
      const linux = converging('linux-6.12', 'a node')
      expect(linux.converged).toBeGreaterThan(60_000)
      expect(linux.allocatorAfter).toBeGreaterThan(990)
    },
  )
})
