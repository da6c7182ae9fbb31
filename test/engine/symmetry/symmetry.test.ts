import { describe, expect, test } from 'vitest'
import { isAsymmetry } from '../../../engine/search/equivariance.ts'
import {
  array,
  flag,
  layout,
  list,
  NONE,
  record,
  ref,
  set,
  uint,
  type Ref,
  type View,
} from '../../../engine/state/layout.ts'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { Machine } from '../../../engine/program/machine.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { call, choose, step, when, type Steps } from '../../../engine/step.ts'
import { replay } from '../../../engine/counterexample/trace.ts'

/** Cups that two waiters fill, carry on a tray and hand out; every way of holding a reference is there. */
const fields = (cups: number) => ({
  cup: array('cup', cups, { full: flag(), times: uint(2) }),
  waiter: array('waiter', 2, { pc: uint(1023), holds: ref('cup', cups) }),
  tray: list('cup', cups, 2),
  served: set('cup', cups),
  last: ref('cup', cups),
  guest: record({ cups: array('seat', 2, { cup: ref('cup', cups) }) }),
})
type World = View<ReturnType<typeof fields>>
type Cup = Ref<'cup'>
type Waiter = Ref<'waiter'>

function* fill(cup: Cup, waiter: Waiter): Steps {
  yield* step('take', (w: World) => {
    w.waiter(waiter).holds = cup
  })
  yield* step('pour', (w: World) => {
    w.cup(cup).full = true
    w.cup(cup).times += 1
  })
  yield* call(put, cup)
  yield* step('let go', (w: World) => {
    w.waiter(waiter).holds = NONE
  })
}
function* put(cup: Cup): Steps {
  yield* when(
    'room on the tray',
    (w: World) => w.tray.length < w.tray.capacity,
    (w) => w.tray.push(cup),
  )
}
function* serve(): Steps {
  const cup = yield* step('take off the tray', (w: World) => w.tray.shift())
  if (cup === NONE) return
  const seat = yield* choose('whose', [0, 1], (w: World, seat) => {
    w.guest.cups(seat).cup = cup
    return seat
  })
  yield* step('serve', (w: World) => {
    w.served.add(cup)
    w.last = cup
    if (seat === 1) w.guest.cups(0).cup = NONE
  })
}
/** Fills the cup with the lowest number: what a model must not do with members that are alike. */
function* fillFirst(): Steps {
  yield* step('fill the first', (w: World) => {
    w.cup(w.cup.refs[0]!).full = true
  })
}

function cafe(cups: number, scalarsets: readonly string[], withFirst = false) {
  const declared = layout(fields(cups), scalarsets)
  const waiters = declared.members('waiter')
  return new Machine<ReturnType<typeof fields>, World>({
    layout: declared,
    world: (view) => view,
    initial: () => {},
    contexts: ['waiter 0', 'waiter 1'],
    control: (context) => `.waiter[${context}].pc`,
    mayRun: () => true,
    mayStart: () => true,
    self: {},
    starts: waiters.flatMap((waiter, context) => [
      ...declared.members('cup').map((cup, i) => ({
        context,
        name: 'fill',
        says: `cup ${i}`,
        sort: 'work' as const,
        args: [cup, waiter],
        guard: (w: World) => !w.cup(cup).full && w.waiter(waiters[1 - context]!).holds !== cup,
        fn: fill,
      })),
      {
        context,
        name: 'serve',
        sort: 'work' as const,
        args: [],
        guard: (w: World) => w.tray.length > 0,
        fn: serve,
      },
      ...(withFirst
        ? [
            {
              context,
              name: 'fill the first',
              sort: 'work' as const,
              args: [],
              guard: (w: World) => w.served.mask === 0,
              fn: fillFirst,
            },
          ]
        : []),
    ]),
  })
}
const everything = { states: 1_000_000 }
const twoServed = (w: World): Rule => ({
  id: 'never two served',
  always: () =>
    w.cup.refs.filter((cup) => w.served.has(cup)).length > 1 ? 'two are served' : undefined,
  exercised: () => true,
})

describe.each([
  [['cup'], 2],
  [['waiter'], 2],
  [['cup', 'waiter'], 2],
  [['cup'], 3],
  [['cup', 'waiter'], 3],
] as const)('with %j interchangeable, of %i cups', (scalarsets, cups) => {
  const plain = new BreadthFirstSearch(cafe(cups, []), []).run(everything)
  const search = () => {
    const machine = cafe(cups, scalarsets)
    const search = new BreadthFirstSearch(machine, [twoServed(machine.world)])
    return { machine, search, result: search.run({ ...everything, symmetry: true }) }
  }

  test('fewer states stand for exactly those there are', () => {
    const { result } = search()
    expect(result.complete).toBe(true)
    expect(result.standsFor).toBe(plain.states)
    expect(result.states).toBeLessThan(plain.states)
    expect(result.depth).toBe(plain.depth)
  })
  test('no stored state is another one with members exchanged', () => {
    const { machine, search: searched } = search()
    searched.forEach(() => {
      const before = machine.words.slice()
      expect(machine.symmetry!.canonical(machine.words)).toBe(false)
      expect(machine.words).toEqual(before)
    })
  })
  test('a trace replays as it is told, and is a shortest one', () => {
    const { result } = search()
    const machine = cafe(cups, [])
    const rule = twoServed(machine.world)
    const expected = new BreadthFirstSearch(machine, [rule]).run(everything).found.get(rule.id)!
    const { trace } = result.found.get(rule.id)!
    expect(trace).toHaveLength(expected.trace.length)
    expect(replay(machine, new Judge(machine, [rule]), rule.id, trace).outcome).toBe('violates')
  })
})

describe('members that are not alike', () => {
  test('are refused when a rule tells them apart', () => {
    const machine = cafe(3, ['cup'])
    const { served } = machine.world
    const rule: Rule = {
      id: 'not the first two',
      always: () => (served.mask === 3 ? 'the first two are served' : undefined),
      exercised: () => true,
    }
    expect(() =>
      new BreadthFirstSearch(machine, [rule]).run({ ...everything, symmetry: true }),
    ).toThrow(/not interchangeable: .* rule not the first two/)
  })
  test('are refused, with the step that tells them apart', () => {
    const machine = cafe(2, ['cup'], true)
    let error: unknown
    try {
      new BreadthFirstSearch(machine, []).run({ ...everything, symmetry: true })
    } catch (caught) {
      error = caught
    }
    expect(isAsymmetry(error)).toBe(true)
    expect(String(error)).toContain('cup 0 and cup 1')
    expect(String(error)).toContain('fillFirst › fill the first')
  })
  test('may be searched without symmetry', () => {
    expect(new BreadthFirstSearch(cafe(2, ['cup'], true), []).run(everything).complete).toBe(true)
  })
  test('cannot be named by a bare number', () => {
    const machine = cafe(2, ['cup'])
    expect(() => machine.world.cup(0)).toThrow(
      'cup(0): there is no such element. What it takes is a reference to a cup',
    )
    expect(() => machine.world.tray.push(1)).toThrow('tray cannot hold 1')
    expect(() => machine.world.served.add(1)).toThrow('served cannot hold 1')
    expect(() => {
      machine.world.last = 1
    }).toThrow('last cannot hold 1: it is a reference to a cup')
  })
})
