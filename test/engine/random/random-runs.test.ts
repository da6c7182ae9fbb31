import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  randomRuns,
  type RandomBounds,
  type RandomResult,
} from '../../../engine/random/random-runs.ts'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { flag, uint } from '../../../engine/state/layout.ts'
import { minimise } from '../../../engine/counterexample/minimise.ts'
import { PICKS, Run } from '../../../engine/random/run.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { step, when, type Steps } from '../../../engine/step.ts'
import type { System } from '../../../engine/system.ts'
import { replay, replayLoosely, type Trace } from '../../../engine/counterexample/trace.ts'
import { brokenMutex, EXCLUSION, exclusion, petersonMutex } from '../mutex.ts'
import { machineOf, programs, valuesOf } from '../programs.ts'
import { always, event, toy, type ToyWorld } from '../toy.ts'

const bounds: RandomBounds = { seed: 7, runs: 200, commands: 40 }
function* instant(): Steps {}

const inBrokenMutex = (more: Partial<RandomBounds> = {}): RandomResult => {
  const machine = brokenMutex()
  return randomRuns(machine, {}, [exclusion(machine)], { ...bounds, ...more })
}
/** What leaving out any one step leads to: nothing, or something no shorter. */
const isMinimal = (system: System, judge: Judge, rule: string, trace: Trace): boolean =>
  trace.every((_, i) => {
    const rest = replayLoosely(system, judge, rule, trace.toSpliced(i, 1))
    return rest === undefined || rest.length >= trace.length
  })

describe('random runs', () => {
  test('find a planted bug, by a trace that replays exactly', () => {
    const { found } = inBrokenMutex()
    expect(found).toHaveLength(1)
    const { rule, detail, trace } = found[0]!
    expect([rule, detail]).toEqual([EXCLUSION, `${EXCLUSION} is broken`])
    const machine = brokenMutex()
    expect(replay(machine, new Judge(machine, [exclusion(machine)]), rule, trace)).toEqual({
      outcome: 'violates',
      at: trace.length - 1,
      detail,
    })
  })

  test('find nothing where there is nothing, and make every run', () => {
    const machine = petersonMutex()
    const { found, runs, steps, exercised, interrupted } = randomRuns(
      machine,
      {},
      [exclusion(machine)],
      bounds,
    )
    expect({ found, runs, interrupted }).toEqual({ found: [], runs: 200, interrupted: false })
    expect(steps).toBeGreaterThan(1000)
    expect([...exercised]).toEqual([EXCLUSION])
  })

  test('are the same for the same seed: runs, steps and trace', () => {
    expect(inBrokenMutex()).toEqual(inBrokenMutex())
    const peterson = (): RandomResult => {
      const machine = petersonMutex()
      return randomRuns(machine, {}, [exclusion(machine)], bounds)
    }
    expect(peterson()).toEqual(peterson())
  })

  test('differ from seed to seed', () => {
    const outcomes = [1, 2, 3, 4, 5].map((seed) => {
      const machine = petersonMutex()
      return randomRuns(machine, {}, [exclusion(machine)], { ...bounds, seed, runs: 30 }).steps
    })
    expect(new Set(outcomes).size).toBeGreaterThan(1)
    const found = [1, 2, 3, 4, 5].map((seed) =>
      JSON.stringify(inBrokenMutex({ seed, shrinks: 0 }).found),
    )
    expect(new Set(found).size).toBeGreaterThan(1)
  })

  test('say which rules they exercised: a rule whose situation never came is vacuous', () => {
    const machine = brokenMutex()
    const rules = [
      always('exercised', () => false),
      always(
        'vacuous',
        () => false,
        () => machine.world.s.inside === 2 && !machine.world.s.busy,
      ),
      always(
        'exercised now and then',
        () => false,
        () => machine.world.s.busy,
      ),
    ]
    const { exercised } = randomRuns(machine, {}, rules, bounds)
    expect([...exercised].sort()).toEqual(['exercised', 'exercised now and then'])
  })

  test('tell of each run and of each find as it is made', () => {
    const machine = brokenMutex()
    const told: string[] = []
    const { found } = randomRuns(
      machine,
      {},
      [exclusion(machine)],
      bounds,
      ({ rule, run }) => told.push(`${rule} in run ${run}`),
      (runs) => told.push(`run ${runs}`),
    )
    const runs = found[0]!.run
    expect(told).toEqual([
      ...Array.from({ length: runs }, (_, i) => `run ${i + 1}`),
      `${EXCLUSION} in run ${runs}`,
    ])
  })

  test('stop when time is up, and say so', () => {
    const machine = petersonMutex()
    const { interrupted, runs } = randomRuns(machine, {}, [exclusion(machine)], {
      ...bounds,
      runs: 10_000_000,
      milliseconds: 30,
    })
    expect(interrupted).toBe(true)
    expect(runs).toBeLessThan(10_000_000)
  })
})

describe('one rule', () => {
  const fields = { a: uint(7), b: uint(7), shut: flag() }
  type W = ToyWorld<typeof fields>
  const counts = (name: 'a' | 'b', most: number) =>
    event(0, `count ${name}`, instant, {
      guard: (w: W) => w.s[name] < most,
      effect: (w: W) => {
        w.s[name] += 1
      },
    })
  const machineWith = () =>
    toy({ fields, contexts: ['A'], starts: [counts('a', 7), counts('b', 7)] })

  test('does not hide another that needs a longer run, or the same', () => {
    const machine = machineWith()
    const { s } = machine.world
    const rules = [
      always('a stays 0', () => s.a > 0),
      always('a stays below 5', () => s.a >= 5),
      always('b stays below 3', () => s.b >= 3),
      always('b stays below 8', () => s.b >= 8),
    ]
    const { found } = randomRuns(machine, {}, rules, bounds)
    const lengths = Object.fromEntries(found.map(({ rule, trace }) => [rule, trace.length]))
    expect(lengths).toEqual({ 'a stays 0': 1, 'a stays below 5': 5, 'b stays below 3': 3 })
  })

  test('and another violated by the same step are both found', () => {
    const machine = machineWith()
    const rules = ['one', 'other'].map((id) => always(id, () => machine.world.s.a > 0))
    const { found } = randomRuns(machine, {}, rules, bounds)
    expect(found.map(({ rule }) => rule).sort()).toEqual(['one', 'other'])
    expect(found.map(({ run }) => run)).toEqual([1, 2])
  })

  test('has a trace of its own, however shrinking wandered', () => {
    let checked = 0
    fc.assert(
      fc.property(programs, fc.integer(), (program, seed) => {
        const machine = machineOf(program)
        const rules = [0, 1, 2].flatMap((a) =>
          [0, 1, 2].map((b) =>
            always(`not ${a} and ${b}`, () => valuesOf(machine).join() === `${a},${b}`),
          ),
        )
        const { found } = randomRuns(machine, {}, rules, {
          seed,
          runs: 20,
          commands: 20,
          shrinks: 60,
        })
        for (const { rule, trace } of found) {
          checked += 1
          expect(replay(machine, new Judge(machine, rules), rule, trace)).toMatchObject({
            outcome: 'violates',
            at: trace.length - 1,
          })
        }
      }),
      { seed: 61, numRuns: 15 },
    )
    expect(checked).toBeGreaterThan(30)
  })

  test('is looked for afresh once another is found: later runs are other runs', () => {
    const machine = noisyMutex()
    const rules = ['one', 'other'].map((id) => always(id, () => machine.world.s.inside > 1))
    const { found } = randomRuns(machine, {}, rules, { ...bounds, shrinks: 0 })
    expect(found).toHaveLength(2)
    expect(found[0]!.trace).not.toEqual(found[1]!.trace)
  })

  // The detail is of the run it was first met in, the trace of the shortest one.
  test('is told with the detail of the trace it is told with', () => {
    const machine = machineWith()
    const rule: Rule = {
      id: 'a stays below 3',
      always: () => (machine.world.s.a >= 3 ? `b was ${machine.world.s.b}` : undefined),
      exercised: () => true,
    }
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { trace, detail } = randomRuns(machine, {}, [rule], { ...bounds, seed }).found[0]!
      const replayed = replay(machine, new Judge(machine, [rule]), rule.id, trace)
      expect(replayed).toMatchObject({ detail })
    }
  })

  test('about rest is asked when all that can end has ended', () => {
    const leave = event(0, 'leaves', instant, {
      sort: 'end',
      guard: (w: W) => w.s.a > 0,
      effect: (w: W) => {
        w.s.a -= 1
      },
    })
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [leave],
      initial: (s) => {
        s.a = 7
      },
    })
    const rule: Rule = {
      id: 'somebody stays',
      rest: () => (machine.world.s.a === 0 ? 'all have left' : undefined),
      exercised: () => true,
    }
    const { found } = randomRuns(machine, {}, [rule], { seed: 1, runs: 1, commands: 1 })
    expect(found.map(({ detail, trace }) => [detail, trace.length])).toEqual([['all have left', 7]])
  })

  test('about rest is asked once a run is drained: what was begun is brought to its end', () => {
    function* lostUpdate(): Steps {
      const read = yield* step('read', (w: W) => w.s.a)
      yield* step('write', (w: W) => {
        w.s.a = read + 1
        w.s.b += 1
      })
    }
    const upTo = (most: number) => ({
      guard: (w: W) => w.s.b < most,
      effect: () => {},
    })
    const machine = toy({
      fields,
      contexts: ['A', 'B'],
      starts: [event(0, 'a adds', lostUpdate, upTo(3)), event(1, 'b adds', lostUpdate, upTo(3))],
    })
    const rule: Rule = {
      id: 'no update is lost',
      rest: () => (machine.world.s.a === machine.world.s.b ? undefined : 'lost'),
      exercised: () => machine.world.s.b > 1,
    }
    const { found, exercised } = randomRuns(machine, {}, [rule], bounds)
    expect([...exercised]).toEqual([rule.id])
    const judge = new Judge(machine, [rule])
    const least = minimise(machine, judge, rule.id, found[0]!.trace)
    expect(least).toHaveLength(6)
    expect(replay(machine, judge, rule.id, least)).toMatchObject({ outcome: 'violates', at: 5 })
  })
})

describe('a run', () => {
  const fields = { a: uint(15), b: uint(15) }
  type W = ToyWorld<typeof fields>
  const add = (name: 'a' | 'b') =>
    event(0, `add ${name}`, instant, {
      guard: (w: W) => w.s[name] < 15,
      effect: (w: W) => {
        w.s[name] += 1
      },
    })
  const machine = toy({ fields, contexts: ['A'], starts: [add('a'), add('b')] })
  const values = (): number[] => [machine.world.s.a, machine.world.s.b]
  const weighted = (weights: readonly number[]): Run =>
    new Run(machine, new Judge(machine, []), () => false, weights)

  test('leaves out an activity of weight 0 while anything else can move', () => {
    const run = weighted([1, 0, 1])
    for (let i = 0; i < 15; i += 1) run.take((i * 4999) % PICKS)
    expect(values()).toEqual([0, 15])
    run.take(0)
    expect(values(), 'and takes it when nothing else can').toEqual([1, 15])
  })

  test('picks by weight: three of four go to the activity that weighs three of four', () => {
    const run = weighted([1, 3, 1])
    for (let i = 0; i < 16; i += 1) run.take(Math.floor((i * PICKS) / 16))
    expect(values()).toEqual([12, 4])
  })

  test('picks among all when everything weighs nothing', () => {
    const run = weighted([0, 0, 0])
    for (let i = 0; i < 12; i += 1) run.take(i)
    expect(values()).toEqual([6, 6])
  })

  test('ends at a fatal report that no rule asks about', () => {
    const crash = event(0, 'crash', instant, {
      effect: (w: W) => w.report({ kind: 'oops', detail: '', fatal: true }),
    })
    const machine = toy({ fields, contexts: ['A'], starts: [crash] })
    const run = new Run(machine, new Judge(machine, []), () => false, [1, 1])
    for (let i = 0; i < 5; i += 1) run.take(i)
    run.drain(1)
    expect(run.moves).toHaveLength(1)
  })

  test('takes nothing where nothing is enabled', () => {
    const run = weighted([1, 1, 1])
    for (let i = 0; i < 40; i += 1) run.take(i)
    expect(values()).toEqual([15, 15])
    expect(run.trace()).toHaveLength(30)
  })
})

/** The broken lock among bystanders: much that a trace can do without. */
const noisyMutex = () => {
  const fields = { busy: flag(), inside: uint(2), noise: uint(3) }
  type W = ToyWorld<typeof fields>
  function* lock(): Steps {
    yield* step('lock is wanted', () => {})
    yield* when('while (busy)', (w: W) => !w.s.busy)
    yield* step('busy = true', (w: W) => {
      w.s.busy = true
      w.s.inside += 1
    })
    yield* step('busy = false', (w: W) => {
      w.s.busy = false
      w.s.inside -= 1
    })
  }
  function* noise(): Steps {
    for (let i = 0; i < 4; i += 1)
      yield* step(`noise ${i}`, (w: W) => {
        w.s.noise = i
      })
  }
  return toy({
    fields,
    contexts: ['P0', 'P1', 'N0', 'N1'],
    starts: [
      event(0, 'P0 locks', lock),
      event(1, 'P1 locks', lock),
      event(2, 'N0 is noisy', noise),
      event(3, 'N1 is noisy', noise),
    ],
  })
}

describe('a found trace', () => {
  test('is shrunk as it is found, never below what the search needs', () => {
    const machine = noisyMutex()
    const rule = exclusion(machine)
    const shrunk = (shrinks: number): number =>
      randomRuns(machine, {}, [rule], { ...bounds, shrinks }).found[0]!.trace.length
    const [asFound, little, whole] = [shrunk(0), shrunk(20), shrunk(2000)]
    expect(little).toBeLessThanOrEqual(asFound)
    expect(whole).toBeLessThanOrEqual(little)
    expect(whole).toBeLessThan(asFound)
    const { found } = new BreadthFirstSearch(machine, [rule]).run({
      states: 100_000,
      until: [rule.id],
    })
    expect(found.get(rule.id)!.trace.length).toBeLessThanOrEqual(whole)
  })

  test('is made 1-minimal: no single step can be left out', () => {
    const machine = noisyMutex()
    const rule = exclusion(machine)
    const judge = new Judge(machine, [rule])
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { found } = randomRuns(machine, {}, [rule], { ...bounds, seed, shrinks: 0 })
      const least = minimise(machine, judge, rule.id, found[0]!.trace)
      expect(least).toHaveLength(8)
      expect(new Set(least.map(({ context }) => context))).toEqual(new Set(['P0', 'P1']))
      expect(isMinimal(machine, judge, rule.id, least)).toBe(true)
      expect(replay(machine, judge, rule.id, least)).toMatchObject({ outcome: 'violates', at: 7 })
    }
  })

  test('of any toy system is made 1-minimal, and minimising again changes nothing', () => {
    let minimised = 0
    fc.assert(
      fc.property(programs, fc.nat(2), fc.nat(2), (program, a, b) => {
        const machine = machineOf(program)
        const rule = always('not both', () => {
          const [x, y] = valuesOf(machine)
          return x === a && y === b && machine.busy().length > 1
        })
        const { found } = randomRuns(machine, {}, [rule], { ...bounds, runs: 10, shrinks: 5 })
        fc.pre(found.length > 0)
        minimised += 1
        const judge = new Judge(machine, [rule])
        const least = minimise(machine, judge, rule.id, found[0]!.trace)
        expect(isMinimal(machine, judge, rule.id, least)).toBe(true)
        expect(minimise(machine, judge, rule.id, least)).toEqual(least)
        expect(replay(machine, judge, rule.id, least)).toMatchObject({
          outcome: 'violates',
          at: least.length - 1,
        })
      }),
      { seed: 31, numRuns: 30 },
    )
    expect(minimised).toBe(30)
  })

  test('that does not violate its rule cannot be minimised', () => {
    const machine = noisyMutex()
    const rule = exclusion(machine)
    expect(() => minimise(machine, new Judge(machine, [rule]), rule.id, [])).toThrow(
      `${EXCLUSION} was found violated, and the same 0 steps`,
    )
  })
})

describe('random runs and the search', () => {
  /** A rule that is never violated and notes every state it is asked about. */
  const noting = (system: System, seen: Set<string>): Rule => ({
    id: 'noted',
    always: () => {
      seen.add(system.words.join())
      return undefined
    },
    exercised: () => true,
  })

  test('know the same machine: no run reaches a state the search does not know', () => {
    let reached = 0
    fc.assert(
      fc.property(programs, fc.integer(), (program, seed) => {
        const machine = machineOf(program)
        const known = new Set<string>([machine.words.join()])
        const { complete, states } = new BreadthFirstSearch(machine, [noting(machine, known)]).run({
          states: 5000,
        })
        fc.pre(complete && states > 20)
        expect(known.size).toBe(states)
        const visited = new Set<string>()
        randomRuns(machine, {}, [noting(machine, visited)], { seed, runs: 20, commands: 30 })
        expect([...visited].filter((state) => !known.has(state))).toEqual([])
        reached += visited.size / states
      }),
      { seed: 41, numRuns: 20 },
    )
    expect(reached / 20, 'and most of it is reached').toBeGreaterThan(0.5)
  })
})

describe('an error in the model', () => {
  const fields = { n: uint(3) }
  type W = ToyWorld<typeof fields>
  const overflowing = () =>
    toy({
      fields,
      contexts: ['A'],
      starts: [
        event(0, 'add', instant, {
          effect: (w: W) => {
            w.s.n += 1
          },
        }),
      ],
    })

  test('stops a search with what is wrong', () => {
    expect(() => new BreadthFirstSearch(overflowing(), []).run({ states: 100 })).toThrow(
      'shared.n cannot hold 4',
    )
  })

  // fc.check() keeps the error in its details, and nobody reads them.
  test('stops random runs with what is wrong', () => {
    const machine = overflowing()
    const rules = [always('nothing', () => false)]
    expect(() => randomRuns(machine, {}, rules, bounds)).toThrow('shared.n cannot hold 4')
  })

  // A run judges the states it steps to, never the one it starts from.
  test('in its initial state is found by random runs', () => {
    const machine = toy({ fields, contexts: ['A'], starts: [] })
    const rules = [always('n is set', () => machine.world.s.n === 0)]
    expect(randomRuns(machine, {}, rules, bounds).found).toHaveLength(1)
  })
})
