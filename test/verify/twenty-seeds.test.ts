/**
 * Three explorers, one bug: random runs find the unmap after unbind from any seed, the minimiser makes
 * what they find 1-minimal, and the search says how short it can be.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { randomRuns } from '../../engine/random/random-runs.ts'
import { Judge } from '../../engine/rules/judge.ts'
import { minimise } from '../../engine/counterexample/minimise.ts'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import { replay } from '../../engine/counterexample/trace.ts'
import { deferredRelease } from '../../model/shutdown/deferred-release.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { noUnmapAfterUnbind } from '../../properties/no-unmap-after-unbind.ts'
import { rulesFor } from '../../verify/rules.ts'
import { everyDesign } from '../support/every-design.ts'
import { superfluous } from '../support/one-minimal.ts'
import { seed } from '../support/seed.ts'
import { tight } from '../support/tight.ts'

const RULE = noUnmapAfterUnbind.id
const SHORTEST = 47
/** Twenty; and where not every design is compared, the first four of them. */
const seeds = Array.from({ length: everyDesign ? 20 : 4 }, (_, i) => (seed * 20 + i) % 2 ** 31)

function prepare(scope: Scope) {
  const machine = machineOf(deferredRelease, scope)
  const rules = rulesFor(machine, deferredRelease, [noUnmapAfterUnbind])
  return { machine, rules }
}
/**
 * The search, on a machine that has already been run at random: which integers its control states
 * carry differs from seed to seed, what is reachable does not.
 */
function shortest(from: number): number | undefined {
  const { machine, rules } = prepare(tight)
  randomRuns(machine, machine.world, rules, { seed: from, runs: 3, commands: 100, shrinks: 0 })
  const { found } = new BreadthFirstSearch(machine, rules).run({ states: 1_000_000, until: [RULE] })
  return found.get(RULE)?.trace.length
}

describe(`${deferredRelease.id} and ${RULE}, seed ${seed}`, () => {
  const told: string[] = []
  afterAll(() => console.log(told.join('\n')))

  it.each(seeds)('is found at random, made 1-minimal and made shortest from seed %i', (from) => {
    const { machine, rules } = prepare(scopes.random)
    const bounds = { seed: from, runs: 4000, commands: 600 }
    const [first] = randomRuns(machine, machine.world, rules, bounds).found
    expect(first?.rule).toBe(RULE)

    const judge = new Judge(machine, rules)
    const least = minimise(machine, judge, RULE, first!.trace)
    expect(replay(machine, judge, RULE, least)).toMatchObject({
      outcome: 'violates',
      at: least.length - 1,
    })
    expect(superfluous(machine, judge, RULE, least)).toEqual([])

    // One seed in four: the search takes most of the time.
    const searched = seeds.indexOf(from) % 4 === 0 ? shortest(from) : SHORTEST
    told.push(
      `seed ${from}: found in run ${first!.run}, ${first!.trace.length} steps; ${least.length} when 1-minimal; ${searched} when searched`,
    )
    expect(searched).toBe(SHORTEST)
    expect(least.length).toBeGreaterThanOrEqual(SHORTEST)
  })
})
