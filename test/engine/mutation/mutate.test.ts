import { describe, expect, test } from 'vitest'
import {
  after,
  answer,
  around,
  before,
  callInstead,
  chain,
  drop,
  effect,
  expectMet,
  negate,
  nth,
  replace,
  twice,
  waits,
  withArguments,
} from '../../../engine/mutation/mutate.ts'
import { again, step, type Steps, type Value } from '../../../engine/step.ts'
import { pay, plain, shop, steal, walk, without, type Till } from '../shop.ts'

describe('a function left alone', () => {
  test('runs as it is written', () => {
    expect(plain).toEqual([
      'shop: enter',
      'shop: coins > 1?',
      'buy: pay',
      'buy: count',
      'buy: bag, 2 left',
      'shop: leave',
    ])
  })
  test('is not changed by a mutation of another', () => {
    const other = drop('bakery', 'pay')
    expect(walk(shop, other).log).toEqual(plain)
    expect(() => expectMet(other.targets, 'some')).toThrow('never met: bakery › pay')
  })
})

describe('drop', () => {
  test('skips a step', () => {
    const { log, coins } = walk(shop, drop('buy', 'pay'))
    expect(coins).toBe(3)
    expect(log).toContain('buy: bag, 3 left')
    expect(log).not.toContain('buy: pay')
  })
  test('hands back what it is told to', () => {
    expect(walk(shop, drop('buy', 'count', 7)).log).toContain('buy: bag, 7 left')
    expect(walk(shop, drop('shop', 'coins > 1?', false)).log).toEqual(['shop: enter'])
  })
  test('skips a whole call', () => {
    expect(walk(shop, drop('shop', 'buy')).log).toEqual(
      without('buy: pay', 'buy: count', 'buy: bag, 2 left'),
    )
  })
})

describe('twice, negate, answer', () => {
  test('do an effect twice', () => {
    expect(walk(shop, twice('buy', 'pay')).coins).toBe(1)
    expect(walk(shop, twice('shop', 'buy')).coins).toBe(1)
  })
  test('turn an answer round', () => {
    expect(walk(shop, negate('shop', 'coins > 1?')).log).toEqual([
      'shop: enter',
      'shop: coins > 1?',
    ])
  })
  test('refuse to negate what is no truth value', () => {
    expect(() => walk(shop, negate('buy', 'count'))).toThrow('buy › count returned no truth value')
  })
  test('change an answer', () => {
    const plusTen = answer('buy', 'count', (left) => (left as number) + 10)
    expect(walk(shop, plusTen).log).toContain('buy: bag, 12 left')
  })
})

describe('replace and its relatives', () => {
  test('put another action in the place of one', () => {
    const shout = replace('shop', 'leave', (action) => ({ ...action, label: 'LEAVE' }) as never)
    expect(walk(shop, shout).log.at(-1)).toBe('shop: LEAVE')
  })
  test('put another effect in its place, which may ask the old one', () => {
    const tip = effect('buy', 'pay', (w: Till, original) => {
      w.coins -= 1
      return original()
    })
    expect(walk(shop, tip).coins).toBe(1)
    expect(() =>
      walk(
        shop,
        effect('shop', 'buy', () => {}),
      ),
    ).toThrow('shop › buy is a call')
  })
  test('tell an effect what earlier steps returned', () => {
    const seen: (readonly Value[])[] = []
    walk(
      shop,
      effect('buy', 'bag, 2 left', (_: Till, _original, given) => void seen.push(given)),
    )
    expect(seen).toEqual([
      [undefined, 2],
      [undefined, 2],
    ])
  })
  test('make a step wait', () => {
    const patient = waits('shop', 'leave', (w: Till) => w.coins === 0)
    expect(walk(shop, patient).log.at(-1)).toBe('shop: leave (waits)')
  })
  test('call another function, or the same with other arguments', () => {
    expect(walk(shop, callInstead('shop', 'buy', steal)).log).toContain('steal: steal 1')
    expect(
      walk(
        shop,
        withArguments('shop', 'buy', () => [3]),
      ).coins,
    ).toBe(0)
    expect(() => walk(shop, callInstead('buy', 'pay', steal))).toThrow('buy › pay is a step')
  })
  test('put something before a step, after it, or around it', () => {
    const look = function* (): Steps {
      yield* step('look', () => {})
    }
    const from = plain.indexOf('buy: pay')
    expect(walk(shop, before('buy', 'pay', look)).log).toEqual(
      plain.toSpliced(from, 0, 'buy: look'),
    )
    expect(walk(shop, after('buy', 'pay', look)).log).toEqual(
      plain.toSpliced(from + 1, 0, 'buy: look'),
    )
    expect(walk(shop, around('buy', 'pay', look)).log).toContain('buy: look')
  })
})

describe('a label that comes up again', () => {
  function* knock(): Steps {
    for (let i = 0; i < 3; i += 1) yield* step('knock', pay(1))
  }
  test('is meant every time', () => {
    expect(walk(knock, drop('knock', 'knock')).coins).toBe(3)
  })
  test('or only the n-th time', () => {
    expect(walk(knock, drop('knock', nth('knock', 2))).coins).toBe(1)
    const fourth = drop('knock', nth('knock', 4))
    expect(walk(knock, fourth).coins).toBe(0)
    expect(() => expectMet(fourth.targets, 'every')).toThrow('knock › knock')
  })
  test('is counted anew in each round of a loop', () => {
    function* rounds(): Steps {
      for (;;) {
        yield* again('while (coins)')
        yield* step('knock', pay(1))
        if (!(yield* step('again?', (w: Till) => w.coins > 0))) return
      }
    }
    expect(walk(rounds).log).toHaveLength(6)
    const other = effect('rounds', nth('knock', 1), (w: Till) => {
      w.coins -= 3
    })
    expect(walk(rounds, other).log).toHaveLength(2)
  })
})

describe('chain', () => {
  test('applies one after the other: the later sees what the earlier made', () => {
    const mutation = chain(
      before('shop', 'leave', function* (): Steps {
        yield* step('bow', pay(1))
      }),
      twice('shop', 'bow'),
    )
    expect(walk(shop, mutation).coins).toBe(0)
  })
  test('tells which of its targets were met', () => {
    const mutation = chain(drop('buy', 'pay'), drop('buy', 'haggle'))
    walk(shop, mutation)
    expect(() => expectMet(mutation.targets, 'some')).not.toThrow()
    expect(() => expectMet(mutation.targets, 'every')).toThrow('never met: buy › haggle.')
  })
})
