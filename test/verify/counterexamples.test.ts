/** The saved counterexamples: regression cases that every design still has to fail in the same way. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { replay, type Trace } from '../../engine/counterexample/trace.ts'
import { wayOf } from '../../engine/counterexample/ways.ts'
import { designs } from '../../model/designs.ts'
import { worlds } from '../../model/scope/worlds.ts'
import { properties } from '../../properties/index.ts'
import { Benches } from '../../verify/benches.ts'
import { formatCounterexample, type Counterexample } from '../../verify/counterexample.ts'
import { load, propertyOf, saved } from '../../verify/store.ts'
import { covers, isDeclared, nameOfWay, waysDeclared, waysGone } from '../../verify/ways.ts'
import { superfluous } from '../support/one-minimal.ts'
import { readText } from '../support/updating.ts'

const folder = fileURLToPath(new URL('../../counterexamples', import.meta.url))
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .sort()
const own = JSON.parse(readText('test/pins.json')) as Record<string, unknown>
/** What designs say they break, by the folder and the property. */
const declared = designs.flatMap(({ id, scopes, breaks, worlds = {} }) => [
  ...(scopes?.searched.length === 0 ? [] : Object.keys(breaks)).map(
    (property) => [`${id}/${property}`, waysDeclared(breaks, property)] as const,
  ),
  ...Object.entries(worlds).flatMap(([world, { breaks: more = {} }]) =>
    Object.keys(more).map(
      (property) => [`${id}/${world}/${property}`, waysDeclared(more, property)] as const,
    ),
  ),
])

const benches = new Map(designs.map((design) => [design, new Benches(design, properties)]))
/** The file, and the machine and judge it was found with: one for all of a design in a scope. */
function open(file: string) {
  const parts = file.split('/')
  const id = parts[0]!
  const world = parts.length === 3 ? parts[1] : undefined
  const design = designs.find((it) => it.id === id)!
  const it: Counterexample = load(folder, id, parts.at(-1)!.slice(0, -'.json'.length), world)!
  const { machine, judge } = benches.get(design)!.of(it.scope)
  return { it, design, machine, judge, trace: it.steps as Trace }
}

const known = new Map<string, string>()
function wayIn(file: string): string {
  const before = known.get(file)
  if (before !== undefined) return before
  const { it, machine, judge, trace } = open(file)
  const way = nameOfWay(wayOf(machine, judge, it.property, trace)!)
  known.set(file, way)
  return way
}

describe('counterexamples/', () => {
  it('has files for every property a design says it breaks, and no other but of a searched scope', () => {
    const others = files.filter((file) => {
      const [, scope = '', property] = file.split('/')
      return property !== undefined && !(scope in worlds)
    })
    const names = files
      .filter((file) => !others.includes(file))
      .map((file) => join(dirname(file), propertyOf(basename(file))))
    expect([...new Set(names)]).toEqual(declared.map(([name]) => name).sort())
  })
  it.each(declared)(
    '%s has a file for every way it is said to be broken in, and no other',
    (name, ways) => {
      const mine = files.filter((file) => join(dirname(file), propertyOf(basename(file))) === name)
      const found = mine.map(wayIn)
      // A design of your own may do with a reason.
      expect(ways === 'any' && Object.hasOwn(own, name.split('/')[0]!)).toBe(false)
      expect(found.filter((way) => !isDeclared(ways, way))).toEqual([])
      expect(waysGone(ways, found)).toEqual([])
    },
  )
  it('names only properties that apply to the design', () => {
    for (const design of designs)
      for (const id of saved(folder, design.id)) {
        const property = properties.find((it) => it.id === propertyOf(id))
        expect(property?.families, `${design.id}/${id}`).toContain(design.family)
      }
  })
})

describe.each(files)('counterexamples/%s', (file) => {
  it('parses, and is written as poolproof writes it', () => {
    const { it } = open(file)
    expect(formatCounterexample(it)).toBe(readFileSync(join(folder, file), 'utf8'))
  })
  it('still violates, at its last step', () => {
    const { it, machine, judge, trace } = open(file)
    const result = replay(machine, judge, it.property, trace)
    expect(result).toEqual({ outcome: 'violates', at: trace.length - 1, detail: it.detail })
  })
  it('has no step that can be left out', () => {
    const { it, machine, judge, trace } = open(file)
    const way = (steps: Trace) => nameOfWay(wayOf(machine, judge, it.property, steps)!)
    const mine = wayIn(file)
    const needsNoMore = (shorter: Trace): boolean => covers(way(shorter), mine)
    expect(superfluous(machine, judge, it.property, trace, needsNoMore)).toEqual([])
  })
})
