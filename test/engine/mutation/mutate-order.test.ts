import { describe, expect, test } from 'vitest'
import { array, counter, layout, record } from '../../../engine/state/layout.ts'
import { Machine } from '../../../engine/program/machine.ts'
import { hoist, merge, swap } from '../../../engine/mutation/mutate-order.ts'
import { chain, drop, expectMet, inline, type Mutation } from '../../../engine/mutation/mutate.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { step, type Steps } from '../../../engine/step.ts'
import { plain, shop, walk, type Till } from '../shop.ts'
import { always } from '../toy.ts'

describe('swap', () => {
  test('exchanges two neighbours, steps or calls', () => {
    expect(walk(shop, swap('shop', 'buy', 'leave')).log).toEqual([
      'shop: enter',
      'shop: coins > 1?',
      'shop: leave',
      'buy: pay',
      'buy: count',
      'buy: bag, 2 left',
    ])
    expect(walk(shop, swap('buy', 'pay', 'count')).log).toContain('buy: bag, 3 left')
  })
  test('refuses a first step that returns something the second may need', () => {
    function* two(): Steps {
      yield* step('one', (w: Till) => w.coins)
      yield* step('other', () => {})
    }
    expect(() => walk(two, swap('two', 'one', 'other'))).toThrow('"one" returns a value')
  })
  test('takes steps that are neighbours in some runs only', () => {
    const mutation = swap('shop', 'enter', 'leave')
    expect(walk(shop, mutation).log).toEqual(plain)
    expect(mutation.targets[0]!.met).toBe(false)
  })
  test('in a row hoists a step over several', () => {
    function* list(): Steps {
      for (const label of ['a', 'b', 'c', 'd']) yield* step(label, () => {})
    }
    expect(walk(list, hoist('list', 'd', 'a', 'b', 'c')).log).toEqual(
      ['d', 'a', 'b', 'c'].map((label) => `list: ${label}`),
    )
  })
})

describe('merge', () => {
  test('makes one step of two', () => {
    const { log, coins } = walk(shop, merge('buy', 'pay', 'count'))
    expect(log.slice(2, 4)).toEqual(['buy: pay; count', 'buy: bag, 2 left'])
    expect(coins).toBe(2)
  })
  test('hands the first result to the second step', () => {
    const { log } = walk(shop, merge('buy', 'count', 'bag, 2 left'))
    expect(log.slice(2)).toEqual(['buy: pay', 'buy: count; bag, 2 left', 'shop: leave'])
  })
  test('leaves the first step alone where something else follows', () => {
    const mutation = merge('shop', 'coins > 1?', 'leave')
    expect(walk(shop, mutation).log).toContain('buy: pay')
    expect(mutation.targets[0]!.met).toBe(false)
  })
  test('takes calls once they are inlined', () => {
    expect(() => walk(shop, merge('shop', 'buy', 'leave'))).toThrow('buy is no step; inline() it')
    const both = chain(inline('shop', 'buy'), merge('shop', 'bag, 2 left', 'leave'))
    expect(walk(shop, both).log.at(-1)).toBe('shop: bag, 2 left; leave')
  })
})

describe('in a search', () => {
  const fields = { inside: counter(2), busy: counter(1) }
  interface World {
    readonly s: { inside: number; busy: number }
  }
  function* enter(): Steps {
    const busy = yield* step('busy?', (w: World) => w.s.busy === 1)
    if (busy) return
    yield* step('busy = 1', (w: World) => {
      w.s.busy = 1
      w.s.inside += 1
    })
    yield* step('busy = 0', (w: World) => {
      w.s.busy = 0
      w.s.inside -= 1
    })
  }
  const searched = (mutation?: Mutation) => {
    const declared = layout({ s: record(fields), task: array('context', 2, { pc: counter(8) }) })
    const machine = new Machine({
      layout: declared,
      world: (view) => view as unknown as World,
      initial: () => {},
      contexts: ['P0', 'P1'],
      control: (context) => `.task[${context}].pc`,
      enter: () => {},
      mayRun: () => true,
      mayStart: () => true,
      starts: [0, 1].map((context) => ({
        context,
        name: `P${context} enters`,
        sort: 'work' as const,
        args: [],
        guard: () => true,
        fn: enter,
      })),
      self: {},
      ...(mutation === undefined ? {} : { instrument: mutation.instrument }),
    })
    const rule = always('two inside', () => machine.world.s.inside > 1)
    return new BreadthFirstSearch(machine, [rule]).run({ states: 10_000 })
  }

  test('a merged test and set no longer lets two in', () => {
    expect(searched().found.get('two inside')?.trace).toHaveLength(6)
    const mutation = merge('enter', 'busy?', 'busy = 1')
    const { found, complete } = searched(mutation)
    expect([complete, found.size]).toEqual([true, 0])
    expectMet(mutation.targets, 'every')
  })
  test('a test answered wrongly lets two in', () => {
    const found = searched(drop('enter', 'busy?', false)).found.get('two inside')
    expect(found?.trace.map((move) => move.step)).toEqual([
      'start',
      'busy = 1',
      'start',
      'busy = 1',
    ])
  })
})
