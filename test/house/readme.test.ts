/** The tables of the README and of docs/ are those that verify prints. */
import { describe, expect, it } from 'vitest'
import { designs, type Design } from '../../model/designs.ts'
import { scopes } from '../../model/scope/named.ts'
import type { WorldName } from '../../model/scope/worlds.ts'
import { properties } from '../../properties/index.ts'
import { asked } from '../../properties/property.ts'
import type { Breaks } from '../../model/design.ts'
import type { Verdict } from '../../verify/verdict.ts'
import { waysDeclared } from '../../verify/ways.ts'
import { legend, verdictTable, worldsTable } from '../../views/table.ts'
import { readText, updating, writeText } from '../support/updating.ts'
import { numa } from '../../model/families.ts'

const text = readText
const pins = JSON.parse(text('test/pins.json')) as Record<string, unknown>
const verdict = (design: string, property: string, breaks: Breaks): Verdict => ({
  design,
  property,
  outcome: Object.hasOwn(breaks, property) ? 'violated' : 'holds',
  expected: true,
  from: 'search',
  complete: true,
  searched: [],
  untaken: [],
  runs: 0,
  steps: 0,
  seed: 1,
  exercised: true,
  ways: [waysDeclared(breaks, property)]
    .flat()
    .map((way) => ({ way, isDeclared: true, path: '', length: 1, fresh: false })),
  everywhere: [],
  gone: [],
})

/** The designs of this repository. One that is being written has no column yet, and no pins. */
const own = designs.filter(
  ({ id, family, scopes: of }) => family === numa || of?.searched.length === 0 || id in pins,
)

/** As declared, which is how verify ends where nothing is unexpected. */
function everywhere({ id, family, scopes: its, breaks }: Design): readonly Verdict[] {
  const searched = its?.searched ?? [scopes.corner]
  const [first] = searched
  if (first === undefined) return []
  return asked(properties, family, first).map((it) => verdict(id, it.id, breaks))
}
function elsewhere({ id, worlds = {} }: Design): readonly Verdict[] {
  return Object.entries(worlds).flatMap(([world, { breaks = {}, keeps = {} }]) =>
    properties
      .filter((it) => it.id in breaks || it.id in keeps)
      .map((it) => ({
        ...verdict(id, it.id, breaks),
        world: world as WorldName,
        differs: true,
      })),
  )
}

/** The page has this as a block of its own; `npm run pin` puts it in the place of the one that `isIt`. */
function shows(page: string, wanted: string, isIt: (block: string) => boolean): void {
  if (updating)
    writeText(
      page,
      text(page).replaceAll(/```\n([^]*?)\n```/g, (all, block: string) =>
        isIt(block) ? `\`\`\`\n${wanted}\n\`\`\`` : all,
      ),
    )
  expect(text(page)).toContain(`\`\`\`\n${wanted}\n\`\`\``)
}

describe('the tables', () => {
  it('of the README are those of every design', () => {
    const table = verdictTable(own.flatMap(everywhere), properties)
    shows('README.md', `${table}\n\n${legend()}`, (block) => block.includes('\nholds: in every'))
  })
  it('of docs/findings/other-worlds.md are those of the other worlds', () => {
    const table = worldsTable(own.flatMap(elsewhere))
    shows('docs/findings/other-worlds.md', table, (block) => block.startsWith('in other worlds'))
  })
})
