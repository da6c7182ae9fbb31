import { describe, expect, test } from 'vitest'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { flag, uint } from '../../../engine/state/layout.ts'
import { choose, step, when, type Steps } from '../../../engine/step.ts'
import {
  firstBlocked,
  replay,
  replayLoosely,
  type Replayed,
  type Trace,
} from '../../../engine/counterexample/trace.ts'
import { always, event, toy, type ToyWorld } from '../toy.ts'

const fields = { page: uint(3), freed: flag(), locked: flag() }
type W = ToyWorld<typeof fields>
function* instant(): Steps {}
function* frees(): Steps {
  yield* when(
    'lock',
    (w: W) => !w.s.locked,
    (w: W) => {
      w.s.locked = true
    },
  )
  const page = yield* choose('which page', [1, 2], (w: W, choice) => {
    w.s.page = choice
    return choice
  })
  yield* step(`free page ${page}`, (w: W) => {
    if (w.s.freed) w.report({ kind: 'double-free', detail: `page ${page}`, fatal: true })
    w.s.freed = true
  })
  yield* step('unlock', (w: W) => {
    w.s.locked = false
  })
}
const make = () =>
  toy({
    fields,
    contexts: ['A', 'B'],
    starts: [
      event(0, 'a frees', frees),
      event(1, 'b frees', frees),
      event(1, 'lock is lost', instant, {
        guard: (w: W) => w.s.locked,
        effect: (w: W) => {
          w.s.locked = false
        },
      }),
    ],
  })
const noDoubleFree: Rule = {
  id: 'no double free',
  never: ['double-free'],
  exercised: () => true,
}
const start = (context: string, fn: string) => ({ context, fn, step: 'start' })
const go = (context: string, step: string, choice?: number) => ({
  context,
  fn: 'frees',
  step,
  ...(choice === undefined ? {} : { choice }),
})
const aFrees: Trace = [
  start('A', 'a frees'),
  go('A', 'lock'),
  go('A', 'which page', 2),
  go('A', 'free page 2'),
]
const bFreesAgain: Trace = [
  start('B', 'lock is lost'),
  start('B', 'b frees'),
  go('B', 'lock'),
  go('B', 'which page', 1),
  go('B', 'free page 1'),
]
const replayed = (
  trace: Trace,
  rules: readonly Rule[] = [noDoubleFree],
  rule?: string,
): Replayed => {
  const machine = make()
  return replay(machine, new Judge(machine, rules), rule ?? rules[0]!.id, trace)
}

describe('a replay', () => {
  test('violates at the step that reported, with what it reported', () => {
    expect(replayed([...aFrees, ...bFreesAgain])).toEqual({
      outcome: 'violates',
      at: 8,
      detail: 'page 1',
    })
  })

  test('passes when the last step is left out', () => {
    expect(replayed([...aFrees, ...bFreesAgain.slice(0, -1)])).toEqual({ outcome: 'passes' })
    expect(replayed([])).toEqual({ outcome: 'passes' })
  })

  const stopped = {
    outcome: 'stopped',
    at: 8,
    by: { kind: 'double-free', detail: 'page 1', fatal: true },
  }
  test('stops at a fatal report that the rule does not forbid', () => {
    const other = always('page 3 is never taken', () => false)
    const trace = [...aFrees, ...bFreesAgain]
    expect(replayed(trace, [noDoubleFree, other], other.id)).toEqual(stopped)
    const further = [...trace, go('Z', 'is never asked for')]
    expect(replayed(further, [noDoubleFree, other], other.id)).toEqual(stopped)
  })

  test('ends with the violation, whatever comes after it', () => {
    const machine = make()
    const judge = new Judge(machine, [noDoubleFree])
    const trace = [...aFrees, ...bFreesAgain, go('B', 'unlock'), go('Z', 'is not there')]
    const violates = { outcome: 'violates', at: 8, detail: 'page 1' }
    expect(replay(machine, judge, noDoubleFree.id, trace)).toEqual(violates)
    expect(firstBlocked(machine, trace.slice(9))).toEqual({
      at: 1,
      by: 'there is no context "Z" in this scope',
    })
    expect(replay(machine, judge, noDoubleFree.id, trace.slice(0, 9))).toEqual(violates)
    expect(firstBlocked(machine, [go('B', 'unlock')])).toBeUndefined()
  })

  test('tells a witness of other rules where they are violated on the way', () => {
    const machine = make()
    const locked = always('the lock is free', () => machine.world.s.locked)
    const seen: [number, string][] = []
    const trace = [...aFrees, ...bFreesAgain]
    replay(machine, new Judge(machine, [noDoubleFree, locked]), noDoubleFree.id, trace, {
      other: (at, { rule }) => seen.push([at, rule]),
    })
    expect(seen[0]).toEqual([1, locked.id])
    expect(new Set(seen.map(([, rule]) => rule))).toEqual(new Set([locked.id]))
  })

  test('is blocked at the step that is not possible, by its guard', () => {
    const without = [...aFrees, ...bFreesAgain.slice(1)]
    expect(replayed(without)).toEqual({ outcome: 'blocked', at: 5, by: 'the guard of lock' })
    expect(replayed(bFreesAgain)).toEqual({
      outcome: 'blocked',
      at: 0,
      by: 'the guard of "lock is lost"',
    })
  })

  test('is blocked by a model that has changed under it', () => {
    const blocked = (trace: Trace) => replayed(trace)
    expect(blocked([...aFrees.slice(0, 2), go('A', 'which page', 3)])).toEqual({
      outcome: 'blocked',
      at: 2,
      by: 'the choice "3" is not offered',
    })
    expect(blocked([...aFrees.slice(0, 2), go('A', 'free page 2')])).toEqual({
      outcome: 'blocked',
      at: 2,
      by: 'A stands before frees › which page',
    })
    expect(blocked([start('A', 'is gone')])).toMatchObject({ by: 'A has no event "is gone"' })
    expect(blocked([start('Z', 'a frees')])).toMatchObject({
      by: 'there is no context "Z" in this scope',
    })
  })

  test('judges every state, and says where a rule was first violated', () => {
    const machine = make()
    const locked = always('the lock is free', () => machine.world.s.locked)
    expect(replay(machine, new Judge(machine, [locked]), locked.id, aFrees)).toEqual({
      outcome: 'violates',
      at: 1,
      detail: 'the lock is free is broken',
    })
  })

  test('asks the rules about rest when the trace has ended there', () => {
    const machine = make()
    const rule: Rule = {
      id: 'nobody hangs',
      rest: (stuck) => (stuck.length === 0 ? undefined : stuck.join(' and ')),
      exercised: () => true,
    }
    const judge = new Judge(machine, [rule])
    const hang = [...aFrees.slice(0, 2), start('B', 'b frees')]
    expect(replay(machine, judge, rule.id, hang), 'A can still go on').toEqual({
      outcome: 'passes',
    })
    const wedged = toy({
      fields,
      contexts: ['A', 'B'],
      starts: [event(1, 'b frees', frees)],
      initial: (s) => {
        s.locked = true
      },
    })
    expect(replay(wedged, new Judge(wedged, [rule]), rule.id, [start('B', 'b frees')])).toEqual({
      outcome: 'violates',
      at: 0,
      detail: 'B',
    })
  })

  test('asks them wherever the trace comes to rest, not at its end only', () => {
    const machine = toy({
      fields,
      contexts: ['A', 'B'],
      starts: [event(0, 'a frees', frees), event(1, 'b frees', frees)],
    })
    const rule: Rule = {
      id: 'page 2 is not left',
      rest: () => (machine.world.s.page === 2 ? 'page 2' : undefined),
      exercised: () => true,
    }
    const rests = [...aFrees, go('A', 'unlock')]
    const goesOn = [...rests, start('B', 'b frees'), go('B', 'lock'), go('B', 'which page', 1)]
    const violates = { outcome: 'violates', at: 4, detail: 'page 2' }
    expect(replay(machine, new Judge(machine, [rule]), rule.id, rests)).toEqual(violates)
    expect(replay(machine, new Judge(machine, [rule]), rule.id, goesOn)).toEqual(violates)
  })

  test('starts from the initial state, wherever the machine stood', () => {
    const machine = make()
    const judge = new Judge(machine, [noDoubleFree])
    const trace = [...aFrees, ...bFreesAgain]
    const once = replay(machine, judge, noDoubleFree.id, trace)
    expect(replay(machine, judge, noDoubleFree.id, trace)).toEqual(once)
  })

  test('lets a witness see the state before and after each step', () => {
    const machine = make()
    const seen: string[] = []
    replay(machine, new Judge(machine, []), '', aFrees, {
      before: (i) => seen.push(`before ${i}: ${machine.world.s.page}`),
      after: (i) => seen.push(`after ${i}: ${machine.world.s.page}`),
    })
    expect(seen).toEqual([
      'before 0: 0',
      'after 0: 0',
      'before 1: 0',
      'after 1: 0',
      'before 2: 0',
      'after 2: 2',
      'before 3: 2',
      'after 3: 2',
    ])
  })
})

describe('a loose replay', () => {
  const loosely = (trace: Trace): Trace | undefined => {
    const machine = make()
    return replayLoosely(machine, new Judge(machine, [noDoubleFree]), noDoubleFree.id, trace)
  }
  const whole = [...aFrees, ...bFreesAgain]

  test('leaves out what is not possible and stops at the violation', () => {
    const padded = [
      start('B', 'lock is lost'),
      ...aFrees,
      start('A', 'a frees'),
      ...bFreesAgain,
      go('A', 'unlock'),
    ]
    expect(loosely(padded)).toEqual(whole)
  })

  test('gives a trace that replays exactly', () => {
    const taken = loosely([...whole.slice(0, 4), go('B', 'lock'), ...whole.slice(4)])!
    expect(replayed(taken)).toMatchObject({ outcome: 'violates', at: taken.length - 1 })
  })

  test('of a rule that the initial state violates needs no step', () => {
    const machine = make()
    const rule = always('the lock is held', () => !machine.world.s.locked)
    expect(replayLoosely(machine, new Judge(machine, [rule]), rule.id, aFrees)).toEqual([])
  })

  test('gives nothing when what is left does not violate', () => {
    expect(loosely(aFrees)).toBeUndefined()
    expect(loosely([...aFrees, ...bFreesAgain.slice(1)])).toBeUndefined()
  })

  test('believes nothing after a fatal report of another kind', () => {
    const machine = make()
    const unlocked = always(
      'B never unlocks',
      () => machine.world.s.page === 1 && !machine.world.s.locked,
    )
    const judge = new Judge(machine, [unlocked])
    const trace = [...whole, go('B', 'unlock')]
    expect(replay(machine, judge, unlocked.id, trace).outcome).toBe('stopped')
    expect(replayLoosely(machine, judge, unlocked.id, trace)).toBeUndefined()
  })
})
