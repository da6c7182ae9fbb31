/**
 * One truth, however it is looked for: with pages exchanged or not, local steps fused or not, answers
 * from the transition cache or worked out, by one thread or two.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { isAsymmetry } from '../../engine/search/equivariance.ts'
import type { How } from '../../engine/search/successors.ts'
import { fusionLoses } from '../engine/search/fusion.ts'
import { Judge } from '../../engine/rules/judge.ts'
import { BreadthFirstSearch, type SearchResult } from '../../engine/search/breadth-first.ts'
import { replay } from '../../engine/counterexample/trace.ts'
import { scopes } from '../../model/scope/named.ts'
import { parseScope } from '../../model/scope/parse.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import type { Design } from '../../model/design.ts'
import { designs } from '../../model/designs.ts'
import { properties } from '../../properties/index.ts'
import { designInScope } from '../../verify/parallel-system.ts'
import { compiled } from '../support/compiled.ts'
import { comparedDesigns, inDepth, smallOf, tight } from '../support/tight.ts'
import { numa, pool, registration } from '../../model/families.ts'

const { url, parallelSearch } = compiled()

/** The least scope in which two pages can be exchanged. */
const pair = parseScope('small,pages=2')
/** What is compared; with two nodes one page is enough. */
const leastOf = (design: Design): Scope => (design.family === numa ? smallOf(design) : pair)
const everything = { states: 2 ** 27 - 2 }
const plainly: How = { symmetry: false, fusion: false, caching: false }

/** Designs that go through the pages by their number, and the step that does. */
const refused: Readonly<Record<string, string>> = {
  'page-scan-destroy-lock': 'scan_page › page_count(page)',
  'destroy-count-only': 'page_pool_release_page › page_count(page)',
}

const inScope = (design: Design, scope = leastOf(design)) =>
  ({ design: design.id, properties: properties.map(({ id }) => id), scope }) as const
const search = (design: Design, how: How): SearchResult => {
  const { system, rules } = designInScope(inScope(design))
  return new BreadthFirstSearch(system, rules).run({ ...everything, ...how })
}
const lengths = ({ found }: SearchResult): unknown =>
  [...found].map(([rule, { trace }]) => [rule, trace.length]).sort()
const verdicts = ({ found, exercised }: SearchResult): unknown => [
  [...found.keys()].sort(),
  [...exercised].sort(),
]
const counts = ({ states, transitions, depth, complete }: SearchResult): unknown => ({
  states,
  transitions,
  depth,
  complete,
})
function expectReplays(design: Design, { found }: SearchResult): void {
  for (const [rule, { trace, detail }] of found) {
    const { system, rules } = designInScope(inScope(design))
    expect(replay(system, new Judge(system, rules), rule, trace)).toMatchObject({
      outcome: 'violates',
      detail,
    })
  }
}

describe.each(comparedDesigns)('$id', (design) => {
  const { id, family } = design
  let plain: SearchResult
  beforeAll(() => {
    plain = search(design, plainly)
    expect(plain.complete).toBe(true)
  })

  it('has the same states, step by step, when transitions are cached', () => {
    const cached = search(design, { ...plainly, caching: true })
    expect(counts(cached)).toEqual(counts(plain))
    expect(verdicts(cached)).toEqual(verdicts(plain))
    expect(lengths(cached)).toEqual(lengths(plain))
  })

  it.runIf(family === pool && !(id in refused))(
    'stands for the same states, with the same verdicts and lengths, when pages are exchanged',
    () => {
      const exchanged = search(design, { symmetry: true })
      expect(exchanged.standsFor).toBe(plain.states)
      expect(exchanged.states).toBeLessThan(plain.states * 0.6)
      expect(exchanged.depth).toBe(plain.depth)
      expect(verdicts(exchanged)).toEqual(verdicts(plain))
      expect(lengths(exchanged)).toEqual(lengths(plain))
      expectReplays(design, exchanged)
    },
  )
  it('has the same verdicts when local steps are fused, and traces that replay', () => {
    const fused = search(design, { fusion: true })
    // A ring by itself has no step of its own that is local.
    const hasLocal = design.family.wholePools || design.family === registration
    expect(fused.states < plain.states).toBe(hasLocal)
    expect(verdicts(fused)).toEqual(verdicts(plain))
    expectReplays(design, fused)
  })
  it.each(inDepth(design) ? [scopes.small, tight] : [smallOf(design)])(
    'loses nothing to fusion where nobody is midway, in scope $name',
    (scope) => {
      const { system, rules } = designInScope(inScope(design, scope))
      expect(fusionLoses(system, rules, 1_000_000)).toBeUndefined()
    },
  )

  it.skipIf(!inDepth(design) && id !== 'mem-id-insert-fixed')(
    'finds the same by two threads, with everything switched on',
    async () => {
      const how: How = { symmetry: !(id in refused), fusion: true }
      const one = search(design, how)
      const module = url('verify/parallel-system.js')
      const source = { module, export: 'designInScope', argument: inScope(design) }
      const two = await parallelSearch(source, { ...everything, ...how }, 2)
      expect(counts(two)).toEqual(counts(one))
      expect(two.standsFor).toBe(one.standsFor)
      expect(verdicts(two)).toEqual(verdicts(one))
      expect(lengths(two)).toEqual(lengths(one))
    },
  )
})

it.each(Object.entries(refused))(
  '%s is refused when pages are to be exchanged, with the step',
  (id, step) => {
    let error: unknown
    try {
      search(
        designs.find((design) => design.id === id)!,
        { symmetry: true },
      )
    } catch (caught) {
      error = caught
    }
    expect(isAsymmetry(error)).toBe(true)
    expect(String(error)).toContain(step)
  },
)
