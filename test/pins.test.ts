import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Search } from '../engine/search.ts'
import { designs } from '../model/designs/index.ts'
import { machineOf } from '../model/machine.ts'
import { scopes } from '../model/scope.ts'

/**
 * The size of each design's state graph. A change of semantics shows here first: if it is meant, put
 * the new numbers into pins.json and say in the commit what changed and why.
 */
const pins = JSON.parse(readFileSync(new URL('./pins.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, { states: number; transitions: number; depth: number }>
>

/** Where nodes make no difference, the pools of 2019 are one and the same. */
const pinned = designs.filter(({ family }) => family !== 'numa')

describe.each(pinned.map((design) => [design.id, design] as const))(
  'the state graph of %s',
  (id, design) => {
    it.each(['small', 'corner'] as const)('is as pinned in scope %s', (scope) => {
      const { states, transitions, depth, complete } = new Search(
        machineOf(design, scopes[scope]),
        [],
      ).run({
        states: 5_000_000,
      })
      expect(complete).toBe(true)
      expect({ states, transitions, depth }).toEqual(pins[id]?.[scope])
    })
  },
)
