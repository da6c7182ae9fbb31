import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Search } from '../engine/search.ts'
import { machineOf } from '../model/machine.ts'
import { scopes } from '../model/scope.ts'
import { searchedDesigns, tight } from './tight.ts'

/**
 * The size of each design's state graph. A change of semantics shows here first: if it is meant, put
 * the new numbers into pins.json and say in the commit what changed and why.
 */
const pins = JSON.parse(readFileSync(new URL('./pins.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, { states: number; transitions: number; depth: number }>
>

/** A design of your own has none until it is to stay: then its numbers go in here, and its column into the README. */
const pinned = searchedDesigns.filter(({ id }) => id in pins)

it('pins are of designs that are there', () => {
  expect(Object.keys(pins).filter((id) => !pinned.some((design) => design.id === id))).toEqual([])
})

describe.each(pinned.map((design) => [design.id, design] as const))(
  'the state graph of %s',
  (id, design) => {
    it.each([scopes.small, tight])('is as pinned in scope $name', (scope) => {
      const { states, transitions, depth, complete } = new Search(machineOf(design, scope), []).run(
        {
          states: 5_000_000,
        },
      )
      expect(complete).toBe(true)
      expect({ states, transitions, depth }).toEqual(pins[id]?.[scope.name])
    })
  },
)
