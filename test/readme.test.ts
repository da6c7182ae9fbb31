/** The tables of the README and of docs/findings.md are those that verify prints. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { designs, type Design } from '../model/designs/index.ts'
import { scopes, type WorldName } from '../model/scope.ts'
import { properties } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import type { Verdict } from '../verify/verdict.ts'
import { legend, verdictTable, worldsTable } from '../views/table.ts'

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const verdict = (design: string, property: string, broken: boolean): Verdict => ({
  design,
  property,
  outcome: broken ? 'violated' : 'holds',
  expected: true,
  searched: [],
  untaken: [],
  runs: 0,
  steps: 0,
  seed: 1,
  exercised: true,
})

/** As declared, which is how verify ends where nothing is unexpected. */
function everywhere({ id, family, scopes: own, breaks }: Design): readonly Verdict[] {
  const searched = own?.searched ?? [scopes.corner]
  const [first] = searched
  if (first === undefined) return []
  return asked(properties, family, first).map((it) => verdict(id, it.id, it.id in breaks))
}
function elsewhere({ id, worlds = {} }: Design): readonly Verdict[] {
  return Object.entries(worlds).flatMap(([world, { breaks = {}, keeps = {} }]) =>
    properties
      .filter((it) => it.id in breaks || it.id in keeps)
      .map((it) => ({
        ...verdict(id, it.id, it.id in breaks),
        world: world as WorldName,
        differs: true,
      })),
  )
}

describe('the tables', () => {
  it('of the README are those of every design', () => {
    const table = verdictTable(designs.flatMap(everywhere), properties)
    expect(text('README.md')).toContain(`\`\`\`\n${table}\n\n${legend()}\n\`\`\``)
  })
  it('of docs/findings.md are those of the other worlds', () => {
    expect(text('docs/findings.md')).toContain(worldsTable(designs.flatMap(elsewhere)))
  })
})
