/** Every design against every promise in one small scope: what each says it breaks, it breaks. */
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { designs, type Design } from '../../model/designs.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { properties } from '../../properties/index.ts'
import { asked as propertiesAsked } from '../../properties/property.ts'
import { pathOf, read } from '../../verify/store.ts'
import { exitCode, type SearchedScope, type Verdict } from '../../verify/verdict.ts'
import type { VerifyOptions } from '../../verify/options.ts'
import { verifyDesign } from '../../verify/verify-design.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { everyDesign } from '../support/every-design.ts'
import { inFull, scopesOfTests, tight } from '../support/tight.ts'
import { readText, updating, writeJson } from '../support/updating.ts'
import { numa, registration } from '../../model/families.ts'

/** One page and a counter that passes 2^(bits-1); `npm run verify` has the scopes of the table. NUMA is in numa.test.ts. */
const onePage: Scope = { ...tight, name: 'one-page', counterStarts: [3], faults: 1 }
const repository = fileURLToPath(new URL('../../counterexamples', import.meta.url))
const options: VerifyOptions = {
  seed,
  runs: 4,
  commands: 200,
  milliseconds: 600_000,
  store: temporaryFolder(),
  search: [onePage],
}
/** Shortest counterexamples in this scope that are known by heart. */
const shortest: Readonly<Record<string, number>> = {
  'deferred-release/no-unmap-after-unbind': 47,
  'mem-id-insert-leak/no-mem-id-leaked': 14,
}
const done = new Map<Design, readonly Verdict[]>()
function verdictsOn(design: Design): readonly Verdict[] {
  const verdicts = done.get(design) ?? verifyDesign(design, properties, options)
  done.set(design, verdicts)
  return verdicts
}

/**
 * The least scope in which every situation is met: a registration has to fail, a pool needs no failure. Other
 * worlds are searched of one design of each family, of those that are there for their sake, and in full.
 */
const scopeOf = (design: Design): Scope =>
  scopesOfTests(design, [
    design.family === registration || everyDesign || updating ? onePage : tight,
  ])[0]!
const asked = designs
  .filter(({ family }) => family !== numa)
  .map((design) => {
    if (design.scopes?.searched.length === 0) return design
    const { worlds: _, ...alone } = design
    return {
      ...(inFull(design) || updating ? design : alone),
      scopes: { searched: [scopeOf(design)] },
    } satisfies Design
  })

/**
 * What is broken in the column may hold in another world, and nobody says so: without these lists a change that
 * breaks it there would be forgiven. A change of the model shows here as it does in pins.json.
 */
const pinned = JSON.parse(readText('test/worlds.json')) as Record<string, Record<string, World>>
/** A design of your own is measured by `npm run pin`, when it is to stay. */
const own = JSON.parse(readText('test/pins.json')) as Record<
  string,
  { tight: { states: number; depth: number } }
>
const measured: Record<string, Record<string, World>> = {}
afterAll(() => {
  if (updating) writeJson('test/worlds.json', measured)
})
interface World {
  readonly states: number
  readonly broken: readonly string[]
}
function worldsOf(verdicts: readonly Verdict[]): Record<string, World> {
  const worlds: Record<string, World> = {}
  for (const { world, searched } of verdicts)
    if (world !== undefined) worlds[world] = { states: searched[0]!.states, broken: [] }
  for (const { world, property, outcome } of verdicts)
    if (world !== undefined && outcome === 'violated')
      worlds[world] = { ...worlds[world]!, broken: [...worlds[world]!.broken, property].sort() }
  return worlds
}

describe.each(asked)(`$id, seed ${seed}`, (design) => {
  const everywhere = design.scopes?.searched.length !== 0
  const of = (outcome: string): string[] =>
    verdictsOn(design)
      .filter((it) => it.world === undefined && it.outcome === outcome)
      .map(({ property }) => property)

  it('breaks what it says it breaks, and nothing else', () => {
    const verdicts = verdictsOn(design)
    const wanted = (everywhere ? Object.keys(design.breaks) : []).filter(
      (id) => read(pathOf(repository, design.id, id)).scope.pages === 1,
    )
    const found = new Set(of('violated'))
    if (everywhere) expect(wanted.filter((id) => !found.has(id))).toEqual([])
    const needTwoPages = new Set(Object.keys(design.breaks).filter((id) => !found.has(id)))
    /** Some ways are there only when there are two pages, or another scope of the design. */
    const onlyFewer = (it: Verdict): boolean =>
      it.world === undefined &&
      (needTwoPages.has(it.property) || it.outcome === 'violated') &&
      it.ways.every(({ isDeclared }) => isDeclared)
    const unexpected = verdicts.filter((it) => !it.expected)
    expect(unexpected.filter((it) => !onlyFewer(it))).toEqual([])
    if (unexpected.length === 0) expect(exitCode(verdicts)).toBe(0)
  })
  it('meets the situation of every promise it keeps, in every state of the scope', () => {
    expect(of('vacuous')).toEqual([])
    expect(of('unknown')).toEqual([])
    expect(of('holds so far')).toEqual([])
    for (const { searched, world } of verdictsOn(design))
      expect(searched.map(({ scope }) => scope)).toEqual([world ?? scopeOf(design).name])
  })
  it('has a verdict on every promise of its family', () => {
    const wanted = everywhere ? propertiesAsked(properties, design.family, scopeOf(design)) : []
    const verdicts = verdictsOn(design).filter(({ world }) => world === undefined)
    expect(verdicts.map(({ property }) => property)).toEqual(wanted.map(({ id }) => id))
  })
  it('meets the situation of every promise it is said to keep in another world', () => {
    const declared = Object.entries(design.worlds ?? {}).flatMap(([world, { keeps = {} }]) =>
      Object.keys(keeps).map((property) => `${world}/${property} holds`),
    )
    const found = verdictsOn(design).map((it) => `${it.world}/${it.property} ${it.outcome}`)
    expect(declared.filter((it) => !found.includes(it))).toEqual([])
  })
  it('breaks in each other world what is pinned, in as many states', () => {
    const worlds = worldsOf(verdictsOn(design))
    if (Object.keys(worlds).length > 0) measured[design.id] = worlds
    const isOwn = design.id in pinned || design.id in own
    const wanted = design.worlds === undefined ? {} : pinned[design.id]
    if (!updating && isOwn) expect(worlds).toEqual(wanted ?? {})
  })
  it.runIf(scopeOf(design) === tight && everywhere && design.id in own)(
    'has a state graph as large as pinned',
    () => {
      const [{ states, depth }] = verdictsOn(design)[0]!.searched as [SearchedScope]
      expect(own[design.id]!.tight).toMatchObject({ states, depth })
    },
  )
  it('saves each counterexample at the length it reports', () => {
    for (const { property, world, ways } of verdictsOn(design)) {
      for (const { path, length } of ways) expect(read(path).steps.length, path).toBe(length)
      const pinned = shortest[`${design.id}/${property}`]
      if (pinned !== undefined && world === undefined)
        expect(ways[0]?.length, property).toBe(pinned)
    }
  })
})
