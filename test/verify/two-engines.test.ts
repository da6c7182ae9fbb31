/** Two explorers, one truth: random runs never get where the search has not been. */
import { describe, expect, it } from 'vitest'
import { VisitedSet } from '../../engine/state/visited-set.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import { seed } from '../support/seed.ts'
import { comparedDesigns, inDepth, smallOf, tight } from '../support/tight.ts'

/** A small generator of its own, so that a failure can be told by one number. */
function picks(from: number): (below: number) => number {
  let state = from | 1
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) % below
  }
}

describe.each(comparedDesigns.map((design) => [design.id, design] as const))(
  `%s, seed ${seed}`,
  (_, design) => {
    it.each(inDepth(design) ? [scopes.small, tight] : [smallOf(design)])(
      'random walks stay within the states of scope $name',
      (scope) => {
        const machine = machineOf(design, scope)
        const known = new VisitedSet(machine.words.length)
        machine.reset()
        known.intern(machine.words)
        for (let state = 0; state < known.size; state += 1) {
          known.load(state, machine.words)
          const moves = machine.moves.slice(0, machine.enabled())
          for (const move of moves) {
            known.load(state, machine.words)
            machine.fire(move)
            if (!machine.reports.some(({ fatal }) => fatal)) known.intern(machine.words)
          }
        }
        const states = known.size
        const pick = picks(seed)
        let steps = 0
        for (let run = 0; run < 300; run += 1) {
          machine.reset()
          for (let n = 0; n < 150; n += 1) {
            const count = machine.enabled()
            if (count === 0) break
            machine.fire(machine.moves[pick(count)]!)
            if (machine.reports.some(({ fatal }) => fatal)) break
            steps += 1
            known.intern(machine.words)
            expect(known.isNew, `run ${run}, step ${n}`).toBe(false)
          }
        }
        expect(steps).toBeGreaterThan(10_000)
        expect(known.size).toBe(states)
      },
    )
  },
)
