/**
 * The model takes a spin lock in one step: preempt_disable() or local_bh_disable(), and the lock. Here
 * the two are apart, as in the kernel, and each design must break the same promises.
 */
import { describe, expect, it } from 'vitest'
import type { Instrument } from '../../engine/program/automaton.ts'
import { BreadthFirstSearch, type SearchResult } from '../../engine/search/breadth-first.ts'
import type { Action, StepAction } from '../../engine/step.ts'
import type { Design } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import type { World } from '../../model/world/world.ts'
import { properties } from '../../properties/index.ts'
import { inFull, searchedDesigns, tight } from '../support/tight.ts'
import { rulesFor } from '../../verify/rules.ts'
import { pool } from '../../model/families.ts'

type Count = 'preempt_count' | 'bh_disabled'
const unmerged: Readonly<Record<string, { label: string; count: Count }>> = {
  spin_lock: { label: 'preempt_disable()', count: 'preempt_count' },
  spin_lock_bh: { label: 'local_bh_disable()', count: 'bh_disabled' },
}
const add =
  (count: Count, by: number) =>
  (w: World): undefined => {
    w.task(w.current)[count] += by
  }

/** The only step of the function, which waits for the lock. */
function only(open: Parameters<Instrument>[1]): StepAction {
  const run = open()
  const { value } = run.next()
  if (run.next(undefined).done !== true) throw new Error('spin_lock() takes more than one step')
  const action = value as StepAction
  if (action.kind !== 'when') throw new Error('spin_lock() does not wait')
  return action
}
/** First the count, then the lock. What the lock's own step adds to the count is taken off again. */
const apart: Instrument = (name, open) => {
  const two = unmerged[name]
  return two === undefined ? open() : inTwo(only(open), two.label, two.count)
}
function* inTwo(
  take: StepAction,
  label: string,
  count: Count,
): Generator<Action, unknown, unknown> {
  yield { kind: 'step', label, effect: add(count, 1) }
  yield {
    ...take,
    effect: (w: World) => {
      take.effect(w as never, undefined)
      return add(count, -1)(w)
    },
  }
  return undefined
}

function search(design: Design, scope: Scope, instrument?: Instrument) {
  const machine = machineOf(design, scope, instrument)
  const rules = rulesFor(machine, design, properties)
  const result = new BreadthFirstSearch(machine, rules).run({ states: 5_000_000 })
  expect(result.complete).toBe(true)
  return { result, steps: machine.automaton.taken() }
}
const violated = ({ found }: SearchResult): string[] => [...found.keys()].sort()

const cases = searchedDesigns
  .filter(({ family }) => family === pool)
  .flatMap((design) =>
    (inFull(design) ? [scopes.small, tight] : [scopes.small]).map((scope) => ({ design, scope })),
  )

describe.each(cases)('$design.id in scope $scope.name', ({ design, scope }) => {
  it('breaks the same promises when a lock is taken in one step and in two', () => {
    const merged = search(design, scope)
    const two = search(design, scope, apart)
    expect(two.steps.get('spin_lock_bh › local_bh_disable()')).toBeGreaterThan(0)
    expect(two.result.states).toBeGreaterThan(merged.result.states)
    expect(violated(two.result)).toEqual(violated(merged.result))
    expect([...two.result.exercised].sort()).toEqual([...merged.result.exercised].sort())
  })
})
