import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Eventually, Fairness } from '../../../engine/liveness/fairness.ts'
import { buildGraph, type GraphBounds } from '../../../engine/liveness/build-graph.ts'
import { checkLasso } from '../../../engine/liveness/lasso.ts'
import { counter, flag, uint, type Fields } from '../../../engine/state/layout.ts'
import { checkEventually, type LivenessResult } from '../../../engine/liveness/liveness.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { again, step, when, type Steps } from '../../../engine/step.ts'
import { machineOf, programs } from '../programs.ts'
import { neverGetsThere, promiseOf, smallGraphs, systemOf } from '../small-graphs.ts'
import { event, toy, type Toy, type ToyWorld } from '../toy.ts'

const ALL: GraphBounds = { states: 1_000_000 }
const everybody = (): Fairness => 'strong'
const check = <F extends Fields>(
  machine: Toy<F>,
  rest: Partial<Eventually> & Pick<Eventually, 'until'>,
  bounds: GraphBounds = ALL,
): LivenessResult & { readonly property: Eventually } => {
  const property = { id: 'it', from: () => true, fair: everybody, exercised: () => true, ...rest }
  return { ...checkEventually(machine, buildGraph(machine, bounds), property), property }
}
const steps = (trace: readonly { fn: string; step: string }[] | undefined): string[] =>
  (trace ?? []).map(({ fn, step }) => (step === 'start' ? fn : step))

/* A thread polls a flag that an event sets; another may poll beside it. */
const polled = { ready: flag(), done: uint(3) }
type Polled = ToyWorld<typeof polled>
function* poll(): Steps {
  for (;;) {
    yield* again('while (!ready)')
    if (!(yield* step('while (!ready)', (w: Polled) => !w.s.ready))) break
  }
  yield* step('done', (w: Polled) => {
    w.s.done += 1
  })
}
function* instant(): Steps {}
const polling = (contexts: readonly string[], sort: 'work' | 'end') =>
  toy({
    fields: polled,
    contexts: [...contexts, 'device'],
    starts: [
      ...contexts.map((_, i) =>
        event(i, `${contexts[i]} polls`, poll, { guard: (w: Polled) => w.s.done === 0 }),
      ),
      event(contexts.length, 'interrupt', instant, {
        sort,
        guard: (w: Polled) => !w.s.ready,
        effect: (w: Polled) => {
          w.s.ready = true
        },
      }),
    ],
  })
const begun = (machine: Toy<typeof polled>, contexts: number) => ({
  from: () => machine.world.task(contexts - 1).pc !== 0,
  until: () => machine.world.s.done > 0,
})

describe('a thread that polls', () => {
  test('is done when what it waits for comes sooner or later', () => {
    const machine = polling(['P'], 'end')
    const { outcome, exercised, open } = check(machine, begun(machine, 1))
    expect({ outcome, exercised }).toEqual({ outcome: 'holds', exercised: true })
    expect(open, 'polling before and after the interrupt, and standing before done').toBe(3)
  })

  test('polls for ever when it need not come', () => {
    const machine = polling(['P'], 'end')
    const fair = ({ sort }: { sort: string }): Fairness => (sort === 'step' ? 'strong' : 'none')
    const { outcome, lasso } = check(machine, { ...begun(machine, 1), fair })
    expect(outcome).toBe('violated')
    expect(steps(lasso?.stem)).toEqual(['P polls'])
    expect(steps(lasso?.loop)).toEqual(['while (!ready)'])
  })

  test('polls for ever when what it waits for is new work, whatever the promise calls fair', () => {
    const machine = polling(['P'], 'work')
    expect(check(machine, begun(machine, 1)).outcome).toBe('violated')
  })

  test('gives every other thread its turn on the loop', () => {
    const machine = polling(['P', 'Q'], 'work')
    const { lasso } = check(machine, {
      from: () => [0, 1].every((context) => machine.world.task(context).pc !== 0),
      until: () => machine.world.s.done > 0,
    })
    expect(lasso?.stem).toHaveLength(2)
    expect(lasso?.loop.map(({ context }) => context).sort()).toEqual(['P', 'Q'])
  })

  test('breaks no promise that somebody else stops', () => {
    const machine = polling(['P'], 'work')
    const rest = begun(machine, 1)
    const of = (name: string): string =>
      check(machine, { ...rest, endless: (actor) => actor.name === name }).outcome
    expect(of('interrupt')).toBe('holds')
    expect(of('P')).toBe('violated')
  })
})

/* Two threads and a test-and-set lock; one takes it again and again. */
const locked = { free: flag(), served: flag() }
type Locked = ToyWorld<typeof locked>
function* acquire(): Steps {
  yield* when(
    'lock',
    (w: Locked) => w.s.free,
    (w: Locked) => {
      w.s.free = false
    },
  )
}
function* hog(): Steps {
  yield* acquire()
  yield* step('unlock', (w: Locked) => {
    w.s.free = true
  })
}
function* guest(): Steps {
  yield* acquire()
  yield* step('served', (w: Locked) => {
    w.s.served = true
  })
}
const contended = () =>
  toy({
    fields: locked,
    contexts: ['guest', 'hog'],
    initial: (s) => {
      s.free = true
    },
    starts: [
      event(0, 'guest comes', guest, { guard: (w: Locked) => !w.s.served }),
      event(1, 'hog comes', hog, { sort: 'retry' }),
    ],
  })
const getsIn = (machine: Toy<typeof locked>, kind: Fairness): ReturnType<typeof check> =>
  check(machine, {
    from: () => machine.world.task(0).pc !== 0,
    until: () => machine.world.s.served,
    fair: () => kind,
  })

describe('a thread that wants a lock another takes again and again', () => {
  test('gets in when whoever can move again and again does move', () => {
    expect(getsIn(contended(), 'strong').outcome).toBe('holds')
  })

  test('starves when only who can move without interruption must move', () => {
    const { outcome, lasso } = getsIn(contended(), 'weak')
    expect(outcome).toBe('violated')
    expect(steps(lasso?.stem)).toEqual(['guest comes'])
    expect(steps(lasso?.loop)).toEqual(['hog comes', 'lock', 'unlock'])
  })
})

describe('a run that stops', () => {
  const fields = { n: uint(7) }
  type W = ToyWorld<typeof fields>
  function* waits(): Steps {
    yield* when('never', (w: W) => w.s.n > 3)
  }
  const machine = () =>
    toy({ fields, contexts: ['P', 'Q'], starts: [event(0, 'P comes', waits, { sort: 'end' })] })
  test('is a lasso without a loop', () => {
    const system = machine()
    const { outcome, lasso } = check(system, { until: () => system.world.s.n === 1 })
    expect(outcome).toBe('violated')
    expect(steps(lasso?.stem)).toEqual(['P comes'])
    expect(lasso?.loop).toEqual([])
  })
  test('breaks no promise that somebody stops acting', () => {
    const system = machine()
    const { outcome } = check(system, { until: () => false, endless: () => true })
    expect(outcome).toBe('holds')
  })
  test('because memory is corrupt breaks no promise', () => {
    const fatal = { kind: 'uaf', detail: 'corrupt', fatal: true }
    const starts = [
      event(0, 'corrupts', instant, { sort: 'end', effect: (w: W) => w.report(fatal) }),
    ]
    const system = toy({ fields, contexts: ['P'], starts })
    expect(check(system, { until: () => false }).outcome).toBe('holds')
  })
})

describe('a lasso', () => {
  const lassoOf = () => {
    const machine = contended()
    const { property, lasso } = getsIn(machine, 'weak')
    return { machine, property, lasso: lasso! }
  }
  test('replays, and its loop leads back to the state it began in', () => {
    const { machine, lasso } = lassoOf()
    machine.reset()
    const run = (trace: typeof lasso.stem): Uint32Array => {
      for (const name of trace) {
        const found = machine.find(name)
        if ('blocked' in found) throw new Error(found.blocked)
        machine.fire(found.move)
      }
      return machine.words.slice()
    }
    const before = run(lasso.stem)
    expect(run(lasso.loop)).toEqual(before)
    expect(run(lasso.loop)).toEqual(before)
  })
  test('is told from one that is none', () => {
    const { machine, property, lasso } = lassoOf()
    const { stem, loop } = lasso
    const wrong = (changed: Partial<typeof lasso>, other: Partial<Eventually> = {}) =>
      checkLasso(machine, { ...property, ...other }, { ...lasso, ...changed })
    expect(wrong({})).toBeUndefined()
    expect(wrong({ loop: loop.slice(0, -1) })).toMatch(/does not lead back/)
    expect(wrong({ loop: [] })).toMatch(/guest never has a turn/)
    expect(wrong({ stem: [...stem, ...stem] })).toMatch(/stem: step 2 is blocked/)
    expect(wrong({ loop: [...loop, ...stem] })).toMatch(/loop: step 4 is blocked/)
    expect(wrong({}, { fair: everybody })).toMatch(/guest never has a turn/)
    expect(wrong({}, { from: () => false })).toMatch(/not open/)
    expect(wrong({}, { until: () => !machine.world.s.free })).toMatch(/kept on the loop/)
    expect(wrong({}, { endless: ({ name }) => name === 'guest' })).toMatch(/nobody acts/)
  })
})

describe('any small graph', () => {
  test('is judged as by trying every set of edges a run could take for ever', () => {
    const seen = { violated: 0, holds: 0, loops: 0 }
    fc.assert(
      fc.property(smallGraphs(6, 11), (graph) => {
        const machine = systemOf(graph)
        const { outcome, lasso } = check(machine, promiseOf(graph, machine))
        expect(outcome).toBe(neverGetsThere(graph) ? 'violated' : 'holds')
        seen[outcome as 'violated' | 'holds'] += 1
        if (lasso !== undefined && lasso.loop.length > 0) seen.loops += 1
      }),
      { seed: 5, numRuns: 3000 },
    )
    expect(Math.min(seen.violated, seen.holds)).toBeGreaterThan(500)
    expect(seen.loops).toBeGreaterThan(300)
  })
})

describe('the graph', () => {
  test('of any toy system is the one a search walks', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const bounds = { states: 3000 }
        const search = new BreadthFirstSearch(machineOf(program), []).run(bounds)
        fc.pre(search.complete)
        const graph = buildGraph(machineOf(program), bounds)
        expect([graph.states, graph.edges, graph.depth.at(-1)]).toEqual([
          search.states,
          search.transitions,
          search.depth,
        ])
      }),
      { seed: 6, numRuns: 30 },
    )
  })

  const clock = (bits: number) => {
    const fields = { n: counter(bits) }
    const tick = event(0, 'tick', instant, {
      sort: 'end',
      effect: (w: ToyWorld<typeof fields>) => {
        w.s.n += 1
      },
    })
    return toy({ fields, contexts: ['clock'], starts: [tick] })
  }
  const reaches = (n: number, bounds: GraphBounds): string => {
    const machine = clock(12)
    return check(machine, { until: () => machine.world.s.n === n }, bounds).outcome
  }
  test('that is not complete gives no promise', () => {
    expect(reaches(4000, ALL)).toBe('holds')
    expect(reaches(4000, { states: 100 })).toBe('unknown')
    expect(reaches(4000, { ...ALL, bytes: 1 })).toBe('unknown')
    expect(reaches(4000, { ...ALL, milliseconds: -1 })).toBe('unknown')
  })
  test('that is not complete can still show a violation', () => {
    const machine = clock(12)
    const until = (): boolean => machine.world.s.n === 4000
    const { outcome, lasso } = check(machine, { until, fair: () => 'none' }, { states: 100 })
    expect(outcome).toBe('violated')
    expect(lasso).toEqual({ stem: [], loop: [] })
  })
  test('says whether the situation was met', () => {
    const machine = clock(4)
    const met = (n: number): boolean =>
      check(machine, { until: () => true, exercised: () => machine.world.s.n === n }).exercised
    expect([met(3), met(16)]).toEqual([true, false])
  })
})
