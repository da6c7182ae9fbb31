/** A step that cannot be carried out ends its path and nothing else, however the paths are explored. */
import { describe, expect, it } from 'vitest'
import { randomRuns } from '../../engine/random/random-runs.ts'
import { Judge } from '../../engine/rules/judge.ts'
import { uint } from '../../engine/state/layout.ts'
import { chain, effect, twice, type Mutation } from '../../engine/mutation/mutate.ts'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import { step, when, type Steps } from '../../engine/step.ts'
import { BROKE_OFF } from '../../engine/system.ts'
import { replay } from '../../engine/counterexample/trace.ts'
import { deferredRelease } from '../../model/shutdown/deferred-release.ts'
import type { Design } from '../../model/design.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { World } from '../../model/world/world.ts'
import { properties } from '../../properties/index.ts'
import { rulesFor } from '../../verify/rules.ts'
import { verifyDesign } from '../../verify/verify-design.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { event, toy, type ToyWorld } from '../engine/toy.ts'
import { mistakes } from './designs.ts'

const store = temporaryFolder()
const throws = mistakes.find(({ id }) => id === 'throws')!
const searched = (design: Design, how: object = {}, scope = scopes.small) => {
  const machine = machineOf(design, scope)
  const rules = rulesFor(machine, design, properties)
  return new BreadthFirstSearch(machine, rules).run({ states: 200_000, ...how })
}

describe('a step of a design that throws', () => {
  const plain = searched(throws)
  it('leaves everything that was found besides', () => {
    expect(plain.complete).toBe(true)
    expect([...plain.found.keys()].toSorted()).toEqual(
      [...Object.keys(throws.breaks), 'no-other-report'].toSorted(),
    )
  })
  it('is found the same without the transition cache', () => {
    const { found, states, transitions } = searched(throws, { caching: false })
    expect({ states, transitions }).toEqual({
      states: plain.states,
      transitions: plain.transitions,
    })
    expect(found.get('no-other-report')).toEqual(plain.found.get('no-other-report'))
  })
  it('is found with pages exchanged, with a trace as short', () => {
    const two = { ...scopes.small, pages: 2 }
    const apart = searched(throws, {}, two).found.get('no-other-report')!
    const exchanged = searched(throws, { symmetry: true }, two).found.get('no-other-report')!
    expect(exchanged.trace.length).toBe(apart.trace.length)
  })
  it('is found by random runs, and its trace replays', () => {
    const machine = machineOf(throws, scopes.random)
    const rules = rulesFor(machine, throws, properties).filter(({ id }) => id === 'no-other-report')
    const { found } = randomRuns(machine, {}, rules, { seed: 1, runs: 200, commands: 300 })
    expect(found).toHaveLength(1)
    const again = replay(machine, new Judge(machine, rules), 'no-other-report', found[0]!.trace)
    expect(again).toMatchObject({ outcome: 'violates', at: found[0]!.trace.length - 1 })
  })
  it('is kept as a counterexample of its own by a verification', () => {
    const options = { seed: 1, runs: 20, commands: 200, milliseconds: 60_000, store }
    const verdicts = verifyDesign(throws, properties, { ...options, search: [scopes.small] })
    const mine = verdicts.find(({ property }) => property === 'no-other-report')!
    expect(mine).toMatchObject({ outcome: 'violated', expected: false })
    expect(mine.ways[0]!.path).toContain('no-other-report.json')
  })
})

describe('a driver that breaks the bounds of the model is judged', () => {
  const kept = chain(
    ...['nic_xdp_drop', 'nic_free_rx_ring'].map((fn) =>
      effect<World>(fn, 'page = rq->ring[i]', (w) => w.driver.rx_ring.at(0)),
    ),
  )
  it.each<[string, Mutation, string]>([
    ['it keeps the slot of a page that it handed on', kept, 'page-in-one-place'],
    [
      'it destroys its pool twice',
      twice('nic_remove', 'page_pool_destroy'),
      'no-use-of-freed-pool',
    ],
    ['it posts a page twice', twice('nic_refill', 'rq->ring[i] = page'), 'page-in-one-place'],
  ])('%s', (_, { instrument, targets }, property) => {
    const machine = machineOf(deferredRelease, scopes.small, instrument)
    const rules = rulesFor(machine, deferredRelease, properties)
    const { found, complete } = new BreadthFirstSearch(machine, rules).run({ states: 200_000 })
    expect(complete).toBe(true)
    expect(targets.some(({ met }) => met)).toBe(true)
    expect(found.get(property)!.trace.length).toBeLessThan(45)
  })
})

describe('what throws', () => {
  const fields = { n: uint(3) }
  type W = ToyWorld<typeof fields>
  const owns = { id: 'steps can be taken', never: [BROKE_OFF], exercised: () => true }
  const search = (fn: () => Steps, rules = [owns]) =>
    new BreadthFirstSearch(
      toy({ fields, contexts: ['A'], starts: [event(0, 'go', fn)] }),
      rules,
    ).run({
      states: 100,
    })

  it('in a guard is a step that cannot be taken', () => {
    const { found } = search(function* waits(): Steps {
      yield* when('later', (w: W) => {
        if (w.s.n === 0) throw new Error('asked too early')
        return true
      })
    })
    const { detail, trace } = found.get('steps can be taken')!
    expect(detail).toMatch(/waits\(\) in its step "later" \(.*\) breaks off: asked too early/)
    expect(trace.map(({ step }) => step)).toEqual(['start', 'later'])
  })
  it('before the first step of a function ends the path at its start', () => {
    // oxlint-disable-next-line require-yield -- it gets to none
    const { found } = search(function* early(): Steps {
      throw new Error('not ready')
    })
    expect(found.get('steps can be taken')!.detail).toMatch(
      /early\(\) breaks off before its first step \(.*thrown\.test\.ts:\d+\): not ready/,
    )
  })
  it('is no rule’s to decide when none names it, and is said', () => {
    const other = { id: 'other', never: ['other'], exercised: () => true }
    const fails = function* fails(): Steps {
      yield* step('n += 9', (w: W) => {
        w.s.n += 9
      })
    }
    expect(() => search(fails, [other])).toThrow(/fails\(\) in its step "n \+= 9".*cannot hold 9/)
  })
})
