import { afterAll, describe, expect, it } from 'vitest'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import { inFull, scopesOfTests, searchedDesigns, tight } from '../support/tight.ts'
import { readText, updating, writeJson } from '../support/updating.ts'

/**
 * The size of each design's state graph; that of `tight` is held against its pin in designs.test.ts, too. A change of semantics shows here first: if it is meant, `npm run
 * pin` writes the new numbers down; say in the commit what changed and why.
 */
type Graph = Record<string, { states: number; transitions: number; depth: number }>
const pins = JSON.parse(readText('test/pins.json')) as Record<string, Graph>

/** A design of your own has none until it is to stay: `npm run pin` measures it. */
const pinned = searchedDesigns.filter(({ id }) => updating || id in pins)
const measured: Record<string, Graph> = {}
afterAll(() => {
  if (updating) writeJson('test/pins.json', measured)
})

it.skipIf(updating)('pins are of designs that are there', () => {
  expect(Object.keys(pins).filter((id) => !pinned.some((design) => design.id === id))).toEqual([])
})

describe.each(pinned.map((design) => [design.id, design] as const))(
  'the state graph of %s',
  (id, design) => {
    it.each(
      scopesOfTests(design, updating || inFull(design) ? [scopes.small, tight] : [scopes.small]),
    )('is as pinned in scope $name', (scope) => {
      const { states, transitions, depth, complete } = new BreadthFirstSearch(
        machineOf(design, scope),
        [],
      ).run({
        states: 5_000_000,
      })
      expect(complete).toBe(true)
      const graph = { states, transitions, depth }
      measured[id] = { ...measured[id], [scope.name]: graph }
      if (!updating) expect(graph).toEqual(pins[id]?.[scope.name])
    })
  },
)
