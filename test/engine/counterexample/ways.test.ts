/** Ways: a rule that is known to be broken in one does not hide another. */
import { describe, expect, test } from 'vitest'
import { randomRuns } from '../../../engine/random/random-runs.ts'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { flag } from '../../../engine/state/layout.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { step, type Steps } from '../../../engine/step.ts'
import { wayOf, type Way } from '../../../engine/counterexample/ways.ts'
import { event, toy, type ToyWorld } from '../toy.ts'

/** A is in the middle of something while `open`; B does wrong if it meets that, C always, D once B was there. */
const fields = { open: flag(), met: flag() }
type W = ToyWorld<typeof fields>
const wrong = (w: W): void => w.report({ kind: 'oops', detail: 'wrong', fatal: false })
function* middle(): Steps {
  yield* step('open', (w: W) => {
    w.s.open = true
  })
  yield* step('close', (w: W) => {
    w.s.open = false
  })
}
function* meets(): Steps {
  yield* step('if (open)', (w: W) => {
    if (!w.s.open) return
    w.s.met = true
    wrong(w)
  })
}
function* never_right(): Steps {
  yield* step('do', wrong)
}
function* after_it(): Steps {
  yield* step('if (met)', (w: W) => {
    if (w.s.met) wrong(w)
  })
}
const all = [middle, meets, never_right, after_it]
const machineOf = (functions = all) =>
  toy({
    fields,
    contexts: functions.map(({ name }) => name),
    starts: functions.map((fn, context) => event(context, `begin ${fn.name}`, fn)),
  })
const rule: Rule = { id: 'right', never: ['oops'], exercised: () => true }
const ALL = { states: 10_000, spots: true }

/** What a search tells of, as `FUNCTION amid FUNCTIONS`, without what needs more than another way does. */
function waysFound(functions = all, preemption = true): readonly string[] {
  const machine = machineOf(functions)
  const judging = machineOf(functions)
  const judge = new Judge(judging, [rule])
  const found: Way[] = []
  new BreadthFirstSearch(machine, [rule]).run({
    ...ALL,
    preemption,
    onFound: (_, { trace }) => {
      const way = wayOf(judging, judge, rule.id, trace)!
      if (way.length === trace.length) found.push(way)
    },
  })
  const least = found.filter((way) => !found.some((other) => needsLess(other, way)))
  return [...new Set(least.map((way) => [way.by!.fn, ...way.amid].join(' amid ')))].sort()
}
const needsLess = (one: Way, other: Way): boolean =>
  one.by!.fn === other.by!.fn &&
  one.amid.length < other.amid.length &&
  one.amid.every((fn) => other.amid.includes(fn))

describe('ways', () => {
  test('of one rule are told apart by who does wrong, and by who is interrupted for it', () => {
    expect(waysFound([middle, meets, never_right])).toEqual(['meets amid middle', 'never_right'])
  })
  test('without preemption are those that need no race', () => {
    expect(waysFound(all, false)).toEqual(['never_right'])
  })
  test('leave out what goes wrong only after the rule was violated', () => {
    expect(waysFound([middle, meets, after_it])).toEqual(['meets amid middle'])
  })
  test('cost nothing when they are not asked for: the first violation is told', () => {
    const told: string[] = []
    const machine = machineOf()
    new BreadthFirstSearch(machine, [rule]).run({ states: 10_000, onFound: (id) => told.push(id) })
    expect(told).toEqual(['right'])
  })
  test('of a wrong state are told where it became wrong, not wherever it still is', () => {
    const wrongState: Rule = {
      id: 'closed',
      always: () => (machine.world.s.open ? 'open' : undefined),
      exercised: () => true,
    }
    const machine = machineOf([middle, never_right])
    const told: string[] = []
    new BreadthFirstSearch(machine, [wrongState]).run({
      ...ALL,
      onFound: (_, { trace }) => told.push(trace.at(-1)!.step),
    })
    expect(new Set(told)).toEqual(new Set(['open']))
  })
  test('are met by random runs one after the other', () => {
    const machine = machineOf([middle, meets, never_right])
    const bounds = { seed: 1, runs: 200, commands: 20 }
    const steps = (everyStep: boolean): readonly unknown[] =>
      randomRuns(machine, {}, [rule], { ...bounds, everyStep }).found.map(({ by }) => by?.fn)
    expect(steps(false)).toHaveLength(1)
    expect([...steps(true)].sort()).toEqual(['meets', 'never_right'])
  })
})
