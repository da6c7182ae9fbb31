import { describe, expect, test } from 'vitest'
import { Judge, type Rule } from '../../../engine/rules/judge.ts'
import { counter, flag, uint } from '../../../engine/state/layout.ts'
import { atRest } from '../../../engine/rules/rest.ts'
import { choose, step, when, type Steps } from '../../../engine/step.ts'
import { BreadthFirstSearch } from '../../../engine/search/breadth-first.ts'
import { event, take, toy, type Toy, type ToyWorld } from '../toy.ts'

const fields = { left: uint(7), phase: uint(3), ticks: counter(2), queued: flag(), done: flag() }
type F = typeof fields
type W = ToyWorld<F>
function* instant(): Steps {}
function* forever(): Steps {
  yield* when('wait for ever', () => false)
}
const machineOf = (starts: Parameters<typeof toy<F>>[0]['starts']): Toy<F> =>
  toy({ fields, contexts: ['worker', 'task'], starts })

describe('rest', () => {
  test('is where only new work could still arrive', () => {
    const machine = machineOf([event(0, 'arrives', forever)])
    expect(atRest(machine)).toBe(true)
  })

  test('is not where something can still end', () => {
    const machine = machineOf([event(0, 'ends', instant, { sort: 'end' })])
    expect(atRest(machine)).toBe(false)
  })

  test('is not where a function can go on, and is where it can only wait', () => {
    function* waits(): Steps {
      yield* step('go on', () => {})
      yield* when('done?', (w: W) => w.s.done)
    }
    const machine = machineOf([event(1, 'go', waits)])
    take(machine, 'task: go › start')
    expect(atRest(machine)).toBe(false)
    take(machine, 'task: waits › go on')
    expect(atRest(machine)).toBe(true)
    machine.world.s.done = true
    expect(atRest(machine)).toBe(false)
  })

  test('is asked without moving anything', () => {
    const machine = machineOf([event(0, 'retry', requeue, { sort: 'retry' })])
    machine.world.s.left = 3
    const before = machine.words.slice()
    atRest(machine)
    expect(machine.words).toEqual(before)
  })
})

/** A delayed work that looks, finds the page still out, and queues itself again. */
function* requeue(): Steps {
  const left = yield* step('inflight?', (w: W) => w.s.left)
  if (left === 0) {
    yield* step('free the pool', (w: W) => {
      w.s.done = true
    })
    return
  }
  yield* step('schedule_delayed_work', (w: W) => {
    w.s.queued = true
  })
}
const delayed = event(0, 'work runs', requeue, {
  sort: 'retry',
  guard: (w: W) => w.s.queued,
  effect: (w: W) => {
    w.s.queued = false
  },
})

describe('housekeeping', () => {
  test('that changes nothing is rest: a page is out for ever', () => {
    const machine = machineOf([delayed])
    machine.world.s.queued = true
    machine.world.s.left = 1
    expect(atRest(machine)).toBe(true)
  })

  test('that makes progress is not rest', () => {
    const machine = machineOf([delayed])
    machine.world.s.queued = true
    machine.world.s.left = 0
    expect(atRest(machine)).toBe(false)
    take(machine, 'worker: work runs › start')
    take(machine, 'worker: requeue › inflight?')
    take(machine, 'worker: requeue › free the pool')
    expect(atRest(machine), 'and then it is').toBe(true)
  })

  test('that comes round in several turns is rest', () => {
    const turn = event(0, 'tick', instant, {
      sort: 'retry',
      effect: (w: W) => {
        w.s.ticks += 1
      },
    })
    expect(atRest(machineOf([turn]))).toBe(true)
  })

  test('that never comes round is not rest, though it cannot go on for ever', () => {
    const once = event(0, 'once', instant, {
      sort: 'retry',
      guard: (w: W) => w.s.left > 0,
      effect: (w: W) => {
        w.s.left -= 1
      },
    })
    const machine = machineOf([once])
    machine.world.s.left = 2
    expect(atRest(machine)).toBe(false)
    machine.world.s.left = 0
    expect(atRest(machine)).toBe(true)
  })

  test('of two kinds must both change nothing', () => {
    const progress = event(1, 'other work', instant, {
      sort: 'retry',
      guard: (w: W) => !w.s.done,
      effect: (w: W) => {
        w.s.done = true
      },
    })
    const machine = machineOf([delayed, progress])
    machine.world.s.queued = true
    machine.world.s.left = 1
    expect(atRest(machine)).toBe(false)
    machine.world.s.done = true
    expect(atRest(machine)).toBe(true)
  })

  test('is not helped by new work that could still arrive', () => {
    const arrives = event(1, 'the page comes back', instant, {
      effect: (w: W) => {
        w.s.left = 0
      },
    })
    const machine = machineOf([delayed, arrives])
    machine.world.s.queued = true
    machine.world.s.left = 1
    expect(atRest(machine)).toBe(true)
  })

  test('that takes too long to come round is not called rest', () => {
    const wide = { turns: counter(12) }
    const turn = event(0, 'turn', instant, {
      sort: 'retry',
      effect: (w: ToyWorld<typeof wide>) => {
        w.s.turns += 1
      },
    })
    expect(atRest(toy({ fields: wide, contexts: ['worker'], starts: [turn] }))).toBe(false)
  })

  test('goes on while a context is stuck', () => {
    const machine = machineOf([delayed, event(1, 'hangs', forever)])
    machine.world.s.queued = true
    machine.world.s.left = 1
    take(machine, 'task: hangs › start')
    expect([atRest(machine), machine.busy()]).toEqual([true, ['task']])
  })
})

const timer = event(0, 'timer fires', instant, {
  sort: 'retry',
  guard: (w: W) => w.s.phase === 0,
  effect: (w: W) => {
    w.s.phase = 1
  },
})
const work = event(0, 'work is queued again', instant, {
  sort: 'retry',
  guard: (w: W) => w.s.phase === 1,
  effect: (w: W) => {
    w.s.phase = 0
  },
})

describe('housekeeping in two parts', () => {
  test('that comes back to where it was is rest', () => {
    expect(atRest(machineOf([timer, work]))).toBe(true)
  })

  // The probe looks for a step of the stuck context and never fires the second part.
  test('is rest when another context is stuck', () => {
    const machine = machineOf([timer, work, event(1, 'hangs', forever)])
    take(machine, 'task: hangs › start')
    expect(atRest(machine)).toBe(true)
  })

  // The probe does not look at what could end half-way round.
  test('is not rest when something can end half-way', () => {
    const ends = event(1, 'ends half-way', instant, {
      sort: 'end',
      guard: (w: W) => w.s.phase === 1 && !w.s.done,
      effect: (w: W) => {
        w.s.done = true
      },
    })
    expect(atRest(machineOf([timer, work, ends]))).toBe(false)
  })

  // The probe follows the first option of a choice only.
  test('is not rest when another choice would make progress', () => {
    function* maybe(): Steps {
      const lucky = yield* choose('lucky?', [false, true])
      if (lucky)
        yield* step('done', (w: W) => {
          w.s.done = true
        })
    }
    const tries = event(0, 'tries', maybe, { sort: 'retry', guard: (w: W) => !w.s.done })
    expect(atRest(machineOf([tries]))).toBe(false)
  })
})

describe('a rule about rest', () => {
  function* waits(): Steps {
    yield* when('done?', (w: W) => w.s.done)
  }
  const make = (): { machine: Toy<F>; rule: Rule; asked: string[][] } => {
    const machine = machineOf([
      event(1, 'hangs', waits),
      event(0, 'leaves', instant, {
        sort: 'end',
        guard: (w: W) => w.s.left > 0,
        effect: (w: W) => {
          w.s.left -= 1
        },
      }),
    ])
    const asked: string[][] = []
    const rule: Rule = {
      id: 'nobody waits for ever',
      rest: (stuck) => {
        asked.push([...stuck])
        return stuck.length === 0 ? undefined : `stuck: ${stuck.join(', ')}`
      },
      exercised: () => machine.busy().length > 0,
    }
    return { machine, rule, asked }
  }

  test('is asked at rest only, and told which contexts are stuck', () => {
    const { machine, rule, asked } = make()
    const judge = new Judge(machine, [rule])
    machine.world.s.left = 1
    expect(judge.judgeRest()).toEqual({ rest: false, violations: [] })
    take(machine, 'task: hangs › start')
    take(machine, 'worker: leaves › start')
    expect(judge.judgeRest()).toEqual({
      rest: true,
      violations: [{ rule: rule.id, detail: 'stuck: task', kind: 'stuck: task', reported: false }],
    })
    expect(asked).toEqual([['task']])
  })

  test('is vacuous at a rest where its situation is not there', () => {
    const { machine, rule } = make()
    const judge = new Judge(machine, [rule])
    expect(judge.judgeRest()).toEqual({ rest: true, violations: [] })
    expect(judge.exercised.size).toBe(0)
  })

  test('is exercised at rest only', () => {
    const { machine, rule } = make()
    const judge = new Judge(machine, [rule])
    machine.world.s.left = 1
    take(machine, 'task: hangs › start')
    judge.judge()
    judge.judgeRest()
    expect(judge.exercised.size).toBe(0)
    take(machine, 'worker: leaves › start')
    judge.judgeRest()
    expect([...judge.exercised]).toEqual([rule.id])
  })

  test('is violated in a search by the shortest way to such a rest', () => {
    const { machine, rule } = make()
    const { found } = new BreadthFirstSearch(machine, [rule]).run({ states: 1000 })
    expect(found.get(rule.id)).toEqual({
      trace: [{ context: 'task', fn: 'hangs', step: 'start' }],
      detail: 'stuck: task',
    })
  })
})
