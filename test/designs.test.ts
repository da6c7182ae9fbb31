/** Every design against every promise in one small scope: what each says it breaks, it breaks. */
import { describe, expect, it } from 'vitest'
import { designs, type Design } from '../model/designs/index.ts'
import { scopes } from '../model/scope.ts'
import { properties } from '../properties/index.ts'
import { load } from '../verify/store.ts'
import { exitCode, type Verdict } from '../verify/verdict.ts'
import { verifyDesign, type VerifyOptions } from '../verify/verify-design.ts'
import { seed } from './seed.ts'
import { temporaryFolder } from './temporary-folder.ts'

const options: VerifyOptions = {
  seed,
  runs: 20,
  commands: 200,
  milliseconds: 600_000,
  store: temporaryFolder(),
  search: [scopes.corner],
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

/** Those with scopes of their own are in numa.test.ts: searched, they are twenty times as large. */
describe.each(designs.filter(({ scopes }) => scopes === undefined))(
  `$id, seed ${seed}`,
  (design) => {
    const of = (outcome: string): string[] =>
      verdictsOn(design)
        .filter((it) => it.outcome === outcome)
        .map(({ property }) => property)

    it('breaks what it says it breaks, and nothing else', () => {
      const verdicts = verdictsOn(design)
      expect(of('violated').sort()).toEqual(Object.keys(design.breaks).sort())
      expect(verdicts.filter(({ expected }) => !expected)).toEqual([])
      expect(exitCode(verdicts)).toBe(0)
    })
    it('meets the situation of every promise it keeps, in every state of the scope', () => {
      expect(of('vacuous')).toEqual([])
      expect(of('unknown')).toEqual([])
      expect(of('holds so far')).toEqual([])
      for (const { searched } of verdictsOn(design))
        expect(searched.map(({ scope }) => scope)).toEqual(['corner'])
    })
    it('has a verdict on every promise of its family', () => {
      const asked = properties.filter(({ families }) => families.includes(design.family))
      expect(verdictsOn(design).map(({ property }) => property)).toEqual(asked.map(({ id }) => id))
    })
    it('saves each counterexample at the length it reports', () => {
      for (const { property, counterexample } of verdictsOn(design)) {
        const file = load(options.store, design.id, property)
        expect(file?.steps.length).toBe(counterexample?.length)
        const pinned = shortest[`${design.id}/${property}`]
        if (pinned !== undefined) expect(counterexample?.length, property).toBe(pinned)
      }
    })
  },
)
