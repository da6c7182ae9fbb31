import { describe, expect, it } from 'vitest'
import { promela } from '../../bench/pp-shutdown/promela.ts'
import { ppShutdown, sizes } from '../../bench/pp-shutdown/model.ts'
import { naiveSearch } from '../../bench/pp-shutdown/naive.ts'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'

const rules = [
  {
    id: 'err',
    never: ['negative in-flight', 'double unmap', 'unmap after unbind', 'use of the freed pool'],
    exercised: () => true,
  },
]
const run = (size: (typeof sizes)[keyof typeof sizes] | Parameters<typeof ppShutdown>[0]) =>
  new BreadthFirstSearch(ppShutdown(size), rules).run({ states: 2_000_000 })

describe('the calibration model pp-shutdown', () => {
  it('has 146,226 states and 506,175 transitions at size S, as SPIN, TLC and a packed search agreed', () => {
    const { states, transitions, complete, found } = run(sizes.S)
    expect({ states, transitions, complete, violations: found.size }).toEqual({
      states: 146_226,
      transitions: 506_175,
      complete: true,
      violations: 0,
    })
  })
  it('has 1,169,458 states and 4,048,399 transitions at size M, of at most 64 bytes a state, all in', () => {
    const { states, transitions, bytes } = run(sizes.M)
    expect([states, transitions]).toEqual([1_169_458, 4_048_399])
    expect(bytes / states).toBeLessThanOrEqual(64)
  })
  it('goes wrong in 10 steps in its deferred variant', () => {
    const { found } = run({ ...sizes.S, variant: 'defer' })
    expect(
      found.get('err')?.trace.map(({ fn, step }) => (step === 'start' ? fn : step)),
    ).toHaveLength(10)
  })
  it.each([
    [['page'], 27_594],
    [['returner'], 77_862],
    [['page', 'returner'], 16_118],
  ] as const)('stands for as many when %j can be exchanged', (interchangeable, states) => {
    const search = new BreadthFirstSearch(ppShutdown(sizes.S, interchangeable), rules)
    const found = search.run({ states: 2_000_000, symmetry: true })
    expect([found.states, found.standsFor]).toEqual([states, 146_226])
  })
  it('has the same counts in a search that shares nothing with the engine', () => {
    const tiny = { ...sizes.S, pages: 2, bits: 3 } as const
    const { states, transitions } = run(tiny)
    expect(naiveSearch(tiny)).toEqual({ states, transitions })
  })
  it('can be written down for SPIN', () => {
    expect(promela(sizes.S)).toContain('active proctype model()')
  })
})
