import { describe, expect, test } from 'vitest'
import { counter, flag, uint } from '../../../engine/state/layout.ts'
import { call, choose, step, when, type Steps, type Value } from '../../../engine/step.ts'
import { enabledNames, event, take, toy, type ToyWorld } from '../toy.ts'

const fields = { n: uint(7), open: flag() }
type W = ToyWorld<typeof fields>
const setN = (n: number) => (w: W) => {
  w.s.n = n
}
function* instant(): Steps {}

describe('a guarded step', () => {
  function* waits(): Steps {
    const seen = yield* when(
      'open?',
      (w: W) => w.s.open,
      (w: W) => {
        w.s.open = false
        return w.s.n
      },
    )
    yield* step(`saw ${seen}`, () => {})
  }
  const gate = () =>
    toy({
      fields,
      contexts: ['A', 'B'],
      starts: [
        event(0, 'a waits', waits),
        event(1, 'b waits', waits),
        event(1, 'b opens', instant, {
          effect: (w: W) => {
            w.s.open = true
            w.s.n = 5
          },
        }),
      ],
    })

  test('is disabled until its guard holds', () => {
    const machine = gate()
    take(machine, 'A: a waits › start')
    expect(enabledNames(machine)).toEqual(['B: b waits › start', 'B: b opens › start'])
    take(machine, 'B: b opens › start')
    expect(enabledNames(machine)).toContain('A: waits › open?')
  })

  test('is one atomic step with its effect, whose result the function sees', () => {
    const machine = gate()
    for (const move of ['A: a waits › start', 'B: b opens › start', 'B: b waits › start'])
      take(machine, move)
    expect(enabledNames(machine)).toEqual(['A: waits › open?', 'B: waits › open?'])
    take(machine, 'A: waits › open?')
    expect(enabledNames(machine), 'B finds the gate closed again').toEqual(['A: waits › saw 5'])
  })
})

describe('a choice', () => {
  function* picks(): Steps {
    const chosen = yield* choose('pick', (w: W) => (w.s.open ? [] : ['x', null, 2]))
    yield* step(`picked ${chosen}`, () => {})
  }
  function* stores(): Steps {
    const doubled = yield* choose('store', [3, 1, 2], (w: W, choice) => {
      w.s.n = choice
      return choice * 2
    })
    yield* step(`got ${doubled}`, () => {})
  }
  const chooser = () =>
    toy({ fields, contexts: ['A'], starts: [event(0, 'go', picks), event(0, 'put', stores)] })

  test('is one move for each option, in the order given', () => {
    const machine = chooser()
    take(machine, 'A: go › start')
    expect(enabledNames(machine)).toEqual([
      'A: picks › pick = x',
      'A: picks › pick = null',
      'A: picks › pick = 2',
    ])
    take(machine, 'A: picks › pick = null')
    expect(enabledNames(machine)).toEqual(['A: picks › picked null'])
  })

  test('hands the option to the effect, and what the effect returns to the function', () => {
    const machine = chooser()
    take(machine, 'A: put › start')
    take(machine, 'A: stores › store = 1')
    expect(machine.world.s.n).toBe(1)
    expect(enabledNames(machine)).toEqual(['A: stores › got 2'])
  })

  test('without options disables its step', () => {
    const machine = chooser()
    take(machine, 'A: go › start')
    machine.world.s.open = true
    expect(machine.enabled()).toBe(0)
  })

  test('with more options than a move can number is refused by label', () => {
    function* many(): Steps {
      yield* choose(
        'too many',
        Array.from({ length: 257 }, (_, i) => i),
      )
    }
    const machine = toy({ fields, contexts: ['A'], starts: [event(0, 'go', many)] })
    take(machine, 'A: go › start')
    expect(() => machine.enabled()).toThrow(/"too many": it offers 257 options, 256 at most/)
  })
})

describe('an event', () => {
  function* counts(from: number, to: number): Steps {
    for (let i = from; i < to; i += 1) yield* step(`${i}`, () => {})
  }

  test('starts a function in an idle context, with its arguments', () => {
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [
        event(0, 'short', counts, { args: [4, 5] }),
        event(0, 'long', counts, { args: [0, 9], says: 'from 0' }),
      ],
    })
    expect(enabledNames(machine)).toEqual(['A: short › start', 'A: long › start = from 0'])
    take(machine, 'A: short › start')
    expect(enabledNames(machine)).toEqual(['A: counts › 4'])
    take(machine, 'A: counts › 4')
    expect(machine.busy()).toEqual([])
    take(machine, 'A: long › start = from 0')
    expect(enabledNames(machine)).toEqual(['A: counts › 0'])
  })

  test('does its effect in the same instant, and may be all there is', () => {
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [event(0, 'tick', instant, { guard: (w: W) => w.s.n === 0, effect: setN(3) })],
    })
    take(machine, 'A: tick › start')
    expect([machine.world.s.n, machine.busy(), machine.enabled()]).toEqual([3, [], 0])
  })

  test('lists come by context and then in the order of the events, whatever came before', () => {
    const starts = [
      event(1, 'b1', counts, { args: [0, 1] }),
      event(0, 'a1', counts, { args: [0, 1] }),
      event(1, 'b2', counts, { args: [0, 1] }),
    ]
    const machine = toy({ fields, contexts: ['A', 'B'], starts })
    const atFirst = ['A: a1 › start', 'B: b1 › start', 'B: b2 › start']
    expect(enabledNames(machine)).toEqual(atFirst)
    take(machine, 'B: b2 › start')
    take(machine, 'A: a1 › start')
    take(machine, 'B: counts › 0')
    take(machine, 'A: counts › 0')
    expect(enabledNames(machine)).toEqual(atFirst)
  })

  test('keeps its sort, and its activity is shared by events of one name', () => {
    const machine = toy({
      fields,
      contexts: ['A', 'B'],
      starts: [
        event(0, 'arrives', counts, { sort: 'work', args: [0, 1] }),
        event(0, 'leaves', instant, { sort: 'end' }),
        event(1, 'retries', instant, { sort: 'retry' }),
        event(1, 'arrives', instant, { sort: 'work' }),
      ],
    })
    expect(machine.activities).toEqual(['A', 'B', 'arrives', 'leaves', 'retries'])
    const about = (): unknown[] =>
      Array.from(machine.moves.slice(0, machine.enabled()), (move) => [
        machine.sort(move),
        machine.activities[machine.activity(move)],
      ])
    expect(about()).toEqual([
      ['work', 'arrives'],
      ['end', 'leaves'],
      ['retry', 'retries'],
      ['work', 'arrives'],
    ])
    take(machine, 'A: arrives › start')
    expect(about()[0]).toEqual(['step', 'A'])
  })
})

describe('find', () => {
  function* inner(): Steps {
    yield* when('open?', (w: W) => w.s.open)
    yield* choose('pick', [1, 2])
  }
  function* outer(): Steps {
    yield* call(inner)
  }
  const make = (held: { by?: number } = {}) =>
    toy({
      fields,
      contexts: ['A', 'B'],
      starts: [
        event(0, 'go', outer),
        event(0, 'open', instant, { guard: (w: W) => w.s.n === 1, says: 'page 0' }),
      ],
      mayRun: (_, context) => held.by !== context,
      mayStart: (_, context) => held.by !== context,
    })
  const why = (
    machine: ReturnType<typeof make>,
    context: string,
    fn: string,
    step: string,
    choice?: Value,
  ): string => {
    const found = machine.find({ context, fn, step, ...(choice === undefined ? {} : { choice }) })
    return 'blocked' in found ? found.blocked : `move ${found.move}`
  }

  test('finds every enabled move by the name it gave it', () => {
    const machine = make()
    machine.world.s.n = 1
    machine.world.s.open = true
    const sure = (): void => {
      for (const move of machine.moves.slice(0, machine.enabled()))
        expect(machine.find(machine.name(move))).toEqual({ move })
    }
    sure()
    take(machine, 'A: go › start')
    sure()
    take(machine, 'A: inner › open?')
    sure()
  })

  test('says which guard blocks a step or an event', () => {
    const machine = make()
    expect(why(machine, 'A', 'open', 'start', 'page 0')).toBe('the guard of "open"')
    take(machine, 'A: go › start')
    expect(why(machine, 'A', 'inner', 'open?')).toBe('the guard of open?')
  })

  test('says which choice is not offered', () => {
    const machine = make()
    machine.world.s.open = true
    take(machine, 'A: go › start')
    take(machine, 'A: inner › open?')
    expect(why(machine, 'A', 'inner', 'pick', 3)).toBe('the choice "3" is not offered')
    expect(why(machine, 'A', 'inner', 'pick', 2)).toMatch(/^move/)
  })

  test('says where the context stands instead', () => {
    const machine = make()
    expect(why(machine, 'A', 'inner', 'open?')).toBe('A is idle, not in inner')
    take(machine, 'A: go › start')
    expect(why(machine, 'A', 'inner', 'pick', 1)).toBe('A stands before inner › open?')
    expect(why(machine, 'A', 'go', 'start')).toBe('A is still in inner')
  })

  test('says that a context or an event does not exist', () => {
    const machine = make()
    expect(why(machine, 'C', 'go', 'start')).toBe('there is no context "C" in this scope')
    expect(why(machine, 'B', 'go', 'start')).toBe('B has no event "go"')
  })

  test('says that another context holds the CPU', () => {
    const held: { by?: number } = { by: 0 }
    const machine = make(held)
    expect(why(machine, 'A', 'go', 'start')).toBe('another context holds the CPU of A')
    delete held.by
    take(machine, 'A: go › start')
    machine.world.s.open = true
    held.by = 0
    expect(why(machine, 'A', 'inner', 'open?')).toBe('another context holds the CPU of A')
  })
})

describe('preemption', () => {
  function* two(): Steps {
    yield* step('one', () => {})
    yield* step('two', () => {})
  }
  const starts = [event(0, 'irq', two), event(1, 'syscall', two)]
  const busy = (w: W, context: number): boolean => w.task(context).pc !== 0

  test('mayRun keeps a context from going on, mayStart from beginning', () => {
    const machine = toy({
      fields,
      contexts: ['softirq', 'task'],
      starts,
      mayRun: (w: W, context) => context === 0 || !busy(w, 0),
      mayStart: (w: W, context) => context === 0 || !busy(w, 0),
    })
    take(machine, 'task: syscall › start')
    expect(enabledNames(machine)).toEqual(['softirq: irq › start', 'task: two › one'])
    take(machine, 'softirq: irq › start')
    expect(enabledNames(machine)).toEqual(['softirq: two › one'])
    take(machine, 'softirq: two › one')
    take(machine, 'softirq: two › two')
    expect(enabledNames(machine)).toEqual(['softirq: irq › start', 'task: two › one'])
  })

  test('hooks are asked of busy and of idle contexts apart', () => {
    const machine = toy({ fields, contexts: ['A', 'B'], starts, mayStart: (w: W) => !busy(w, 0) })
    take(machine, 'A: irq › start')
    expect(enabledNames(machine), 'B may not begin').toEqual(['A: two › one'])
  })
})

describe('hooks and reports', () => {
  const told: string[] = []
  function* careless(): Steps {
    yield* step('use after free', (w: W) => {
      w.report({ kind: 'uaf', detail: 'page 0', fatal: true })
      w.report({ kind: 'leak', detail: 'page 1', fatal: false })
    })
    yield* when('quiet', () => true)
  }
  const make = () =>
    toy({
      fields: { ...fields, hits: counter(2) },
      contexts: ['A', 'B'],
      starts: [event(1, 'go', careless, { effect: setN(2) })],
      initial: (s) => {
        s.n = 1
      },
      enter: (_, context, firing) => told.push(`${firing ? 'fire' : 'look'} ${context}`),
      after: (w, before, words) => {
        told.push(`after, n is ${w.s.n}, ${before[0] === words[0] ? 'same' : 'changed'}`)
      },
    })

  test('what a step reports is read until the next step', () => {
    const machine = make()
    take(machine, 'B: go › start')
    expect(machine.reports).toEqual([])
    take(machine, 'B: careless › use after free')
    expect(machine.reports.map((report) => [report.kind, report.detail, report.fatal])).toEqual([
      ['uaf', 'page 0', true],
      ['leak', 'page 1', false],
    ])
    take(machine, 'B: careless › quiet')
    expect(machine.reports).toEqual([])
  })

  test('enter tells whose step it is and whether it is only looked at', () => {
    const machine = make()
    told.length = 0
    machine.enabled()
    expect(told).toEqual(['look 1'])
    told.length = 0
    machine.fire(machine.moves[0]!)
    expect(told).toEqual(['fire 1', 'after, n is 2, changed'])
    machine.enabled()
    told.length = 0
    machine.fire(machine.moves[0]!)
    expect(told).toEqual(['fire 1', 'after, n is 2, same'])
  })

  test('reset goes back to the initial state', () => {
    const machine = make()
    const first = machine.words.slice()
    expect(machine.world.s.n).toBe(1)
    take(machine, 'B: go › start')
    expect([machine.words, machine.world.s.n]).not.toEqual([first, 1])
    machine.reset()
    expect([machine.words, machine.world.s.n]).toEqual([first, 1])
  })

  test('busy names the contexts inside a function, and stack the calls they stand in', () => {
    function* deep(): Steps {
      yield* step('first', () => {})
      yield* call(careless)
    }
    const machine = toy({ fields, contexts: ['A', 'B'], starts: [event(1, 'go', deep)] })
    expect([machine.busy(), machine.stack(1)]).toEqual([[], []])
    for (const move of ['B: go › start', 'B: deep › first', 'B: careless › use after free'])
      take(machine, move)
    expect([machine.busy(), machine.stack(0)]).toEqual([['B'], []])
    expect(machine.stack(1)).toEqual([
      { name: 'careless', results: [undefined] },
      { name: 'deep', results: [undefined] },
    ])
  })
})

describe('coverage', () => {
  function* reads(n: number): Steps {
    const seen = yield* step('read', (w: W) => w.s.n)
    if (seen === n) yield* when('wait for ever', () => false)
    yield* step('done', () => {})
  }
  const make = () =>
    toy({
      fields,
      contexts: ['A', 'B'],
      starts: [
        event(0, 'go', reads, { args: [1] }),
        event(1, 'hang', reads, { args: [0] }),
        event(1, 'never', instant, { guard: () => false }),
      ],
    })

  test('counts every event and every step reached, also those never taken', () => {
    const machine = make()
    for (let i = 0; i < 2; i += 1)
      for (const move of ['A: go › start', 'A: reads › read', 'A: reads › done'])
        take(machine, move)
    take(machine, 'B: hang › start')
    take(machine, 'B: reads › read')
    expect(Object.fromEntries(machine.coverage())).toEqual({
      go: 2,
      hang: 1,
      never: 0,
      'reads › read': 3,
      'reads › done': 2,
      'reads › wait for ever': 0,
    })
  })
})

describe('forget', () => {
  const fields = { n: counter(32) }
  function* reads(): Steps {
    const seen = yield* step('read', (w: ToyWorld<typeof fields>) => w.s.n)
    yield* step(seen === 0 ? 'none' : 'some', () => {})
  }
  const add = event(0, 'go', reads, {
    effect: (w: ToyWorld<typeof fields>) => {
      w.s.n += 1
    },
  })

  test('keeps what is little and what was covered, and drops control states once they are many', () => {
    const machine = toy({ fields, contexts: ['A'], starts: [add], bits: 20 })
    const around = (): void => {
      for (let i = 0; i < 3; i += 1) {
        machine.enabled()
        machine.fire(machine.moves[0]!)
      }
    }
    for (let i = 0; i < 100; i += 1) around()
    machine.forget()
    expect(machine.automaton.size).toBe(101)
    while (machine.automaton.size < 2 ** 18) around()
    // The counts are kept at the control states that are dropped.
    const before = machine.coverage().get('reads › read')
    machine.reset()
    machine.forget()
    expect(machine.automaton.size).toBe(0)
    expect(machine.coverage().get('reads › read')).toBe(before)
    take(machine, 'A: go › start')
    take(machine, 'A: reads › read')
    take(machine, 'A: reads › some')
    expect(machine.busy()).toEqual([])
  })
})

describe('the limits of a machine', () => {
  function* wide(): Steps {
    yield* choose(
      'which',
      Array.from({ length: 256 }, (_, i) => i),
    )
  }
  const six = ['A', 'B', 'C', 'D', 'E', 'F']

  test('more moves than fit in the list are an error', () => {
    const starts = six.map((name, context) => event(context, name, wide))
    const machine = toy({ fields, contexts: six, starts })
    expect(() => {
      for (const name of six) take(machine, `${name}: ${name} › start`)
    }).toThrow(/1026 moves are enabled in one state, 1024 at most/)
  })

  // The context stays idle and the step is lost.
  test('a context without a control state refuses a function with steps', () => {
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [event(0, 'go', wide)],
      control: () => undefined,
    })
    expect(() => take(machine, 'A: go › start')).toThrow()
  })

  test('a control state that is not in the layout is refused', () => {
    expect(() => toy({ fields, contexts: ['A'], starts: [], control: () => '.no.such' })).toThrow(
      '.no.such',
    )
  })

  test('a control state too wide for its field is refused by the name of the field', () => {
    function* many(): Steps {
      for (let i = 0; i < 8; i += 1) yield* step(`step ${i}`, () => {})
    }
    const machine = toy({
      fields,
      contexts: ['A'],
      starts: [event(0, 'go', many)],
      control: () => '.shared.n',
    })
    take(machine, 'A: go › start')
    for (let i = 0; i < 6; i += 1) take(machine, `A: many › step ${i}`)
    expect(() => take(machine, 'A: many › step 6')).toThrow(
      '.shared.n cannot hold control state 8 (0..7)',
    )
  })

  // A trace names its moves, so find() takes the first of the two.
  test('two events of one name in one context must say how they differ', () => {
    const make = () =>
      toy({
        fields,
        contexts: ['A'],
        starts: [
          event(0, 'set', instant, { effect: setN(1) }),
          event(0, 'set', instant, { effect: setN(2) }),
        ],
      })
    let machine: ReturnType<typeof make>
    try {
      machine = make()
    } catch {
      return
    }
    for (const move of machine.moves.slice(0, machine.enabled()))
      expect(machine.find(machine.name(move))).toEqual({ move })
  })
})
