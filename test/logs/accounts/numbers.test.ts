import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Numbers } from '../../../logs/accounts/numbers.ts'
import { seed } from '../../support/seed.ts'

describe('numbers of a counter', () => {
  it('are the set of what was added, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.nat(40), (added, probe) => {
        const numbers = new Numbers()
        const all = new Set<number>()
        for (const n of added) {
          expect(numbers.add(n)).toBe(!all.has(n))
          all.add(n)
        }
        expect(numbers.count).toBe(all.size)
        expect(numbers.has(probe)).toBe(all.has(probe))
        expect(numbers.above(probe)).toBe([...all].filter((n) => n > probe).length)
        expect(numbers.missing(1, probe)).toBe(
          probe - [...all].filter((n) => n >= 1 && n <= probe).length,
        )
        if (all.size > 0)
          expect([numbers.least, numbers.top]).toEqual([Math.min(...all), Math.max(...all)])
      }),
      { seed, numRuns: 300 },
    )
  })
  it('go on counting past 2^32', () => {
    const numbers = new Numbers()
    for (const printed of [2 ** 32 - 2, 2 ** 32 - 1, 0, 1]) numbers.add(numbers.unwrap(printed))
    expect([numbers.stretches, numbers.top]).toEqual([1, 2 ** 32 + 1])
  })
  it('keep a bounded number of gaps and never call a forgotten number new', () => {
    const numbers = new Numbers()
    for (let n = 0; n < 20_000; n += 2) numbers.add(n)
    expect(numbers.stretches).toBeLessThan(5000)
    expect(numbers.add(0)).toBe(false)
  })
})
