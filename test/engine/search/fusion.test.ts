import { describe, expect, test } from 'vitest'
import { fusionLoses } from './fusion.ts'
import { uint } from '../../../engine/state/layout.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { local, step, type Steps } from '../../../engine/step.ts'
import { always, event, toy, type ToyWorld } from '../toy.ts'

const fields = { shared: uint(3), mine: uint(3) }
type World = ToyWorld<typeof fields>

/** Reads `shared`, works the value out in a variable of its own, writes it back. */
const adder = (isLocal: boolean, touched: 'mine' | 'shared') =>
  function* add(): Steps {
    const seen = yield* step('seen = shared', (w: World) => w.s.shared)
    const work = (w: World): void => {
      w.s[touched] = (w.s[touched] + seen) & 3
    }
    yield* isLocal ? local('work', work) : step('work', work)
    yield* step('shared = mine', (w: World) => {
      w.s.shared = (seen + 1) & 3
    })
  }
const machineOf = (isLocal: boolean, touched: 'mine' | 'shared') =>
  toy({
    fields,
    contexts: ['adder', 'other'],
    starts: [
      event(0, 'add', adder(isLocal, touched)),
      event(1, 'reset', function* reset(): Steps {
        yield* step('shared = 0', (w: World) => {
          w.s.shared = 0
        })
      }),
    ],
  })

describe('a local step', () => {
  test('is taken with the step before it, and nothing is lost', () => {
    const machine = machineOf(true, 'mine')
    const apart = new BreadthFirstSearch(machine, []).run({ states: 1000 })
    const fused = new BreadthFirstSearch(machine, []).run({ states: 1000, fusion: true })
    expect(fused.states).toBeLessThan(apart.states)
    expect(fusionLoses(machine, [], 1000)).toBeUndefined()
  })
  test('that is not local is found out', () => {
    expect(fusionLoses(machineOf(true, 'shared'), [], 1000)).toMatch(/states are reached only when/)
  })
  test('that hides a violation is found out by the rule', () => {
    const machine = machineOf(true, 'shared')
    const rule = always('nobody is midway', () => machine.standsBeforeLocal())
    expect(fusionLoses(machine, [rule], 1000)).toBe(
      'nobody is midway is violated only when local steps are taken apart',
    )
  })
  test('stands in a trace as the step it is', () => {
    const machine = machineOf(true, 'mine')
    const rule = always('never 3', () => machine.world.s.shared === 3)
    const { found } = new BreadthFirstSearch(machine, [rule]).run({ states: 1000, fusion: true })
    expect(found.get('never 3')!.trace.map(({ step }) => step)).toEqual(
      Array.from({ length: 3 }, () => ['start', 'seen = shared', 'work', 'shared = mine']).flat(),
    )
  })
  test('needs a scope that can be searched to the end', () => {
    expect(() => fusionLoses(machineOf(true, 'mine'), [], 3)).toThrow('take a smaller scope')
  })
})
