import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { counter, flag, uint } from '../../../engine/state/layout.ts'
import { BreadthFirstSearch, type SearchBounds } from '../../../engine/search/breadth-first.ts'
import { choose, step, type Steps } from '../../../engine/step.ts'
import { replay } from '../../../engine/counterexample/trace.ts'
import { brokenMutex, EXCLUSION, exclusion, petersonMutex } from '../mutex.ts'
import { naive, type Reached } from '../naive.ts'
import { interpreterOf, machineOf, programs, valuesOf } from '../programs.ts'
import { always, event, toy, type ToyWorld } from '../toy.ts'

const ALL = { states: 1_000_000 }
function* instant(): Steps {}
const below = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe('two processes and one critical section', () => {
  test('a test apart from its set lets both in, and the shortest way there has 6 steps', () => {
    const machine = brokenMutex()
    const { found, complete } = new BreadthFirstSearch(machine, [exclusion(machine)]).run(ALL)
    expect(complete).toBe(true)
    const { trace } = found.get(EXCLUSION)!
    expect(trace).toHaveLength(6)
    const of = (context: string): string[] =>
      trace.filter((move) => move.context === context).map((move) => move.step)
    for (const process of ['P0', 'P1'])
      expect(of(process)).toEqual(['start', 'while (busy)', 'busy = true'])
  })

  test("Peterson's algorithm holds, in as many states as a search by hand finds", () => {
    type State = { pc: number[]; wants: boolean[]; turn: number }
    const successors = ({ pc, wants, turn }: State): State[] =>
      [0, 1].flatMap((me) => {
        const other = 1 - me
        const to = (place: number, change: Partial<State> = {}): State[] => [
          { pc: pc.with(me, place), wants, turn, ...change },
        ]
        if (pc[me] === 0) return to(1)
        if (pc[me] === 1) return to(2, { wants: wants.with(me, true) })
        if (pc[me] === 2) return to(3, { turn: other })
        if (pc[me] === 3) return !wants[other] || turn === me ? to(4) : []
        return to(0, { wants: wants.with(me, false) })
      })
    const initial = { pc: [0, 0], wants: [false, false], turn: 0 }
    const byHand = naive<State>(initial, successors, ({ pc }) => pc[0] === 4 && pc[1] === 4)
    const machine = petersonMutex()
    const result = new BreadthFirstSearch(machine, [exclusion(machine)]).run(ALL)
    expect([...result.found.keys()]).toEqual([])
    expect(result.complete).toBe(true)
    expect([...result.exercised]).toEqual([EXCLUSION])
    expect(byHand.nearest).toBeUndefined()
    const { states, transitions, depth } = result
    expect({ states, transitions, depth }).toEqual({
      states: byHand.states,
      transitions: byHand.transitions,
      depth: byHand.depth,
    })
    expect(states).toBe(34)
  })
})

describe('any toy system', () => {
  const BIG = 9000
  const notTrivial = ({ states }: Reached): boolean => states > 40 && states < BIG
  const every = { seed: 20, numRuns: 20 }

  test('has the states, transitions and depth that a naive search finds', () => {
    const sizes: number[] = []
    fc.assert(
      fc.property(programs, (program) => {
        const { initial, successors } = interpreterOf(program)
        const expected = naive(initial, successors, undefined, BIG)
        fc.pre(notTrivial(expected))
        sizes.push(expected.states)
        for (const housekeeping of [false, true]) {
          const result = new BreadthFirstSearch(machineOf(program, housekeeping), []).run(ALL)
          expect(result.complete).toBe(true)
          expect([result.states, result.transitions, result.depth]).toEqual([
            expected.states,
            expected.transitions,
            expected.depth,
          ])
        }
      }),
      every,
    )
    expect(Math.max(...sizes), 'some of them are not trivial').toBeGreaterThan(1000)
  })

  test('is searched by shortest traces, and each replays exactly', () => {
    let violated = 0
    fc.assert(
      fc.property(programs, fc.nat(2), fc.nat(2), (program, a, b) => {
        const { initial, successors } = interpreterOf(program)
        const bad = (x: readonly number[]): boolean => x[0] === a && x[1] === b
        const expected = naive(initial, successors, ({ x }) => bad(x), BIG)
        fc.pre(notTrivial(expected) && expected.nearest !== 0)
        const machine = machineOf(program)
        const rule = always('not both', () => bad(valuesOf(machine)))
        const { found } = new BreadthFirstSearch(machine, [rule]).run(ALL)
        const trace = found.get(rule.id)?.trace
        expect(trace?.length).toBe(expected.nearest)
        if (trace === undefined) return
        violated += 1
        const again = machineOf(program)
        const judge = new Judge(again, [always(rule.id, () => bad(valuesOf(again)))])
        expect(replay(again, judge, rule.id, trace)).toEqual({
          outcome: 'violates',
          at: trace.length - 1,
          detail: 'not both is broken',
        })
      }),
      { seed: 21, numRuns: 40 },
    )
    expect(violated).toBeGreaterThan(10)
  })

  test('is searched the same way twice', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const once = (): unknown => {
          const machine = machineOf(program)
          const rule = always('never both 2', () => valuesOf(machine).every((x) => x === 2))
          return new BreadthFirstSearch(machine, [rule]).run({ states: 3000 })
        }
        expect(once()).toEqual(once())
      }),
      every,
    )
  })
})

const clocks = (bits: number) => {
  const fields = { a: counter(bits), b: counter(bits) }
  const tick = (name: 'a' | 'b') =>
    event(0, `tick ${name}`, instant, {
      effect: (w: ToyWorld<typeof fields>) => {
        w.s[name] += 1
      },
    })
  return toy({ fields, contexts: ['clock'], starts: [tick('a'), tick('b')] })
}

describe('a search', () => {
  test('keeps apart more states than its tables hold at first', () => {
    const { states, transitions, depth, complete, frontier } = new BreadthFirstSearch(
      clocks(9),
      [],
    ).run(ALL)
    expect({ states, transitions, depth, complete, frontier }).toEqual({
      states: 2 ** 18,
      transitions: 2 ** 19,
      depth: 1022,
      complete: true,
      frontier: 0,
    })
  })

  test.each([2, 100, 4095, 16_383])('bounded to %d states is not complete', (bound) => {
    const { states, complete, ended } = new BreadthFirstSearch(clocks(7), []).run({ states: bound })
    expect({ complete, ended }).toEqual({ complete: false, ended: 'states' })
    expect(states).toBeGreaterThanOrEqual(bound)
    expect(states, 'what one batch adds too many at most').toBeLessThanOrEqual(bound + 128)
  })

  test('bounded to one state stores the initial one', () => {
    const { states, transitions } = new BreadthFirstSearch(clocks(7), []).run({ states: 1 })
    expect({ states, transitions }).toEqual({ states: 1, transitions: 0 })
  })

  test.each([0, 1, 5, 30])('bounded to depth %d stores what is as near as that', (bound) => {
    const { states, depth, complete, ended, frontier } = new BreadthFirstSearch(clocks(6), []).run({
      ...ALL,
      depth: bound,
    })
    expect({ states, depth, complete, ended, frontier }).toEqual({
      states: ((bound + 1) * (bound + 2)) / 2,
      depth: bound,
      complete: false,
      ended: 'depth',
      frontier: bound + 1,
    })
  })

  test('stores the state of zeros when it is not the first', () => {
    const fields = { a: counter(3) }
    const machine = toy({
      fields,
      contexts: ['clock'],
      initial: (s) => {
        s.a = 5
      },
      starts: [
        event(0, 'tick', instant, {
          effect: (w: ToyWorld<typeof fields>) => {
            w.s.a += 1
          },
        }),
      ],
    })
    expect(new BreadthFirstSearch(machine, []).run(ALL).states).toBe(8)
  })

  test('bounded beyond what there is, is complete', () => {
    const result = new BreadthFirstSearch(clocks(2), []).run({
      states: 17,
      depth: 7,
      bytes: 2 ** 30,
    })
    expect(result.complete).toBe(true)
    expect(result.ended).toBeUndefined()
  })

  test('out of time, of memory, or interrupted says so and keeps what it has', () => {
    const outcome = (bounds: Partial<SearchBounds>): unknown => {
      const { states, complete, ended } = new BreadthFirstSearch(clocks(4), []).run({
        ...ALL,
        ...bounds,
      })
      return { states, complete, ended }
    }
    const ends = (ended: string): unknown => ({ states: 1, complete: false, ended })
    expect(outcome({ milliseconds: -1 })).toEqual(ends('time'))
    expect(outcome({ bytes: 1 })).toEqual(ends('memory'))
    expect(outcome({ stop: new Int32Array([1]) })).toEqual(ends('interrupt'))
    expect(outcome({ stop: new Int32Array([0]) })).toEqual({ states: 256, complete: true })
  })

  test('tells how far it is', () => {
    const told: unknown[] = []
    new BreadthFirstSearch(clocks(2), []).run({
      ...ALL,
      onProgress: (progress) => told.push(progress),
    })
    expect(told[0]).toMatchObject({ states: 1, transitions: 0, depth: 0, frontier: 1 })
  })

  test('goes on with many successors of one batch', () => {
    const fields = { n: uint(255), next: flag() }
    type W = ToyWorld<typeof fields>
    function* jumps(): Steps {
      yield* choose('to', below(256), (w: W, choice) => {
        w.s.n = choice
      })
    }
    const machine = toy({ fields, contexts: ['A'], starts: [event(0, 'jump', jumps)] })
    const rule = always('n is not 255', () => machine.world.s.n === 255)
    const { states, transitions, depth, found } = new BreadthFirstSearch(machine, [rule]).run(ALL)
    expect({ states, transitions, depth }).toEqual({
      states: 512,
      transitions: 256 + 256 * 256,
      depth: 3,
    })
    expect(found.get(rule.id)!.trace.map(({ choice }) => choice)).toEqual([undefined, 255])
  })

  test('tells of each rule as soon as it is violated', () => {
    const machine = clocks(3)
    const rules = [5, 2].map((n) => always(`a is not ${n}`, () => machine.world.s.a === n))
    const told: [string, number][] = []
    const { found } = new BreadthFirstSearch(machine, rules).run({
      ...ALL,
      onFound: (rule, { trace }) => told.push([rule, trace.length]),
    })
    expect(told).toEqual([
      ['a is not 2', 2],
      ['a is not 5', 5],
    ])
    expect([...found.keys()]).toEqual(told.map(([rule]) => rule))
  })

  test('until its rules are violated stops there, and is not complete', () => {
    const machine = clocks(7)
    const rules = [3, 9].map((n) => always(`a is not ${n}`, () => machine.world.s.a === n))
    const search = new BreadthFirstSearch(machine, rules)
    const { found, states, complete, ended } = search.run({
      ...ALL,
      until: rules.map(({ id }) => id),
    })
    expect({ complete, ended }).toEqual({ complete: false, ended: 'found' })
    expect(states).toBeLessThan(200)
    expect([...found].map(([id, { trace }]) => [id, trace.length])).toEqual([
      ['a is not 3', 3],
      ['a is not 9', 9],
    ])
  })

  test('finds every rule that is violated, each by its own shortest trace', () => {
    const machine = clocks(3)
    const rules = [
      always('a is not 7', () => machine.world.s.a === 7),
      always('a and b are not 1', () => machine.world.s.a === 1 && machine.world.s.b === 1),
      always('a is not 8', () => machine.world.s.a === 8),
    ]
    const { found } = new BreadthFirstSearch(machine, rules).run(ALL)
    expect([...found].map(([id, { trace }]) => [id, trace.length])).toEqual([
      ['a and b are not 1', 2],
      ['a is not 7', 7],
    ])
  })

  test('names the rules whose situation was reached: the others are vacuous', () => {
    const machine = clocks(3)
    const rules = [5, 9].map((n) =>
      always(
        `seen ${n}`,
        () => false,
        () => machine.world.s.a === n,
      ),
    )
    expect([...new BreadthFirstSearch(machine, rules).run(ALL).exercised]).toEqual(['seen 5'])
  })

  // The initial state is judged, but what it violates is dropped.
  test('judges the initial state as well', () => {
    const machine = toy({
      fields: { n: uint(1) },
      contexts: ['A'],
      starts: [
        event(0, 'mend', instant, {
          effect: (w: ToyWorld<{ n: ReturnType<typeof uint> }>) => {
            w.s.n = 1
          },
        }),
      ],
    })
    const rule = always('n is set', () => machine.world.s.n === 0)
    expect(new BreadthFirstSearch(machine, [rule]).run(ALL).found.get(rule.id)?.trace).toEqual([])
  })
})

describe('a fatal report', () => {
  const fields = { n: uint(7) }
  type W = ToyWorld<typeof fields>
  function* corrupts(fatal: boolean): Steps {
    yield* step('write', (w: W) => {
      w.s.n += 1
      w.report({ kind: 'uaf', detail: `write ${w.s.n}`, fatal })
    })
    yield* step('go on', (w: W) => {
      w.s.n += 1
    })
  }
  const result = (fatal: boolean) => {
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [event(0, 'go', corrupts, { args: [fatal], guard: (w: W) => w.s.n === 0 })],
    })
    const never: Rule = { id: 'no uaf', never: ['uaf'], exercised: () => true }
    const later = always('n is small', () => machine.world.s.n > 1)
    return new BreadthFirstSearch(machine, [never, later]).run(ALL)
  }

  test('is found, and nothing after it is believed', () => {
    const { found, states, transitions } = result(true)
    expect([...found.keys()]).toEqual(['no uaf'])
    expect(found.get('no uaf')).toMatchObject({ detail: 'write 1', trace: { length: 2 } })
    expect({ states, transitions }).toEqual({ states: 2, transitions: 2 })
  })

  test('is found by a search that has nothing else to ask', () => {
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [event(0, 'go', corrupts, { args: [true] })],
    })
    const rule: Rule = { id: 'no uaf', never: ['uaf'], exercised: () => true }
    const { found } = new BreadthFirstSearch(machine, [rule]).run(ALL)
    expect(found.get(rule.id)?.trace).toHaveLength(2)
  })

  test('ends one way out of a state, and not the ways beside it', () => {
    function* chooses(): Steps {
      yield* choose('which', [1, 2, 3], (w: W, choice) => {
        if (choice === 1) w.report({ kind: 'uaf', detail: '', fatal: true })
        w.s.n = choice
      })
    }
    const machine = toy({ fields, contexts: ['A'], starts: [event(0, 'go', chooses)] })
    const rules = [2, 3].map((n) => always(`n is not ${n}`, () => machine.world.s.n === n))
    const beyond = always(
      'the second time',
      () => machine.world.s.n === 3 && machine.busy()[0] === 'A',
    )
    const { found } = new BreadthFirstSearch(machine, [...rules, beyond]).run(ALL)
    expect([...found.values()].map(({ trace }) => trace.map(({ choice }) => choice))).toEqual([
      [undefined, 2],
      [undefined, 3],
      [undefined, 3, undefined],
    ])
  })

  test('that is not fatal is found, and the search goes on behind it', () => {
    const { found, states, complete } = result(false)
    expect([...found.keys()]).toEqual(['no uaf', 'n is small'])
    expect({ states, complete }).toEqual({ states: 4, complete: true })
  })
})
