/** A promise about a race is vacuous where nobody races: what makes a verdict worth something is asked here. */
import { describe, expect, it } from 'vitest'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import { linux612 } from '../../model/kernels/linux-6-12.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { properties } from '../../properties/index.ts'
import { rulesFor } from '../../verify/rules.ts'

const exercised = (scope: Scope): ReadonlySet<string> => {
  const machine = machineOf(linux612, scope)
  const { exercised: met } = new BreadthFirstSearch(
    machine,
    rulesFor(machine, linux612, properties),
  ).run({
    states: 1_000_000,
  })
  return new Set(met)
}
/** Between somebody who returns a page and somebody who tears the pool down. */
const races = [
  'no-unmap-after-unbind',
  'no-sync-after-unbind',
  'no-mapping-unmapped-twice',
  'no-sync-of-an-unmapped-page',
  'no-page-freed-while-mapped',
  'no-page-freed-with-signature',
  'no-use-of-freed-pool',
  'no-lock-in-freed-memory',
  'no-use-of-freed-device',
  'in-flight-equals-ledger',
]

describe('promises about a page that comes back while the pool is torn down', () => {
  it('are not exercised where only NAPI has pages', () => {
    const met = exercised({ ...scopes.small, name: 'nobody', holders: [] })
    expect(races.filter((id) => met.has(id))).toEqual([])
  })
  it('are where a socket has one', () => {
    const met = exercised(scopes.small)
    expect(races.filter((id) => !met.has(id))).toEqual([])
  })
})
