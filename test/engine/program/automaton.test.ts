import { describe, expect, test } from 'vitest'
import { Automaton, DONE, type Node } from '../../../engine/program/automaton.ts'
import { again, call, choose, step, type Steps, type Value } from '../../../engine/step.ts'
import { at, follow, label } from '../places.ts'

const nothing = (): void => {}

describe('a history', () => {
  function* twoReads(): Steps {
    const first = yield* step('first', () => 0)
    const second = yield* step('second', () => 0)
    yield* step(`sum ${first + second}`, nothing)
  }

  test('leads to the same control state each time', () => {
    const automaton = new Automaton({})
    const start = automaton.enter(twoReads, [])
    const once = follow(automaton, start, 1, 2)
    const size = automaton.size
    expect(follow(automaton, start, 1, 2)).toBe(once)
    expect(automaton.size).toBe(size)
    expect(automaton.node(at(once).id)).toBe(once)
    expect(label(once)).toBe('twoReads › sum 3')
  })

  test('with a different result leads to a different control state', () => {
    const automaton = new Automaton({})
    const start = automaton.enter(twoReads, [])
    const results: Value[] = [0, 1, '', '0', false, true, null, undefined]
    const places = results.map((result) => at(follow(automaton, start, result)).id)
    expect(new Set(places).size).toBe(results.length)
  })

  test('leads to its own control state in whatever order results come and come again', () => {
    const automaton = new Automaton({})
    const start = automaton.enter(twoReads, [])
    const results: Value[] = [undefined, 1, null, 1, undefined, false, 1, 1, false, null, undefined]
    const known = new Map<Value, unknown>()
    for (const result of results) {
      const place = follow(automaton, start, result)
      expect(place).toBe(known.get(result) ?? place)
      known.set(result, place)
    }
    expect(new Set(known.values()).size).toBe(4)
  })

  test('is kept in order: 1 then 2 is not 2 then 1, though the next step reads the same', () => {
    const automaton = new Automaton({})
    const start = automaton.enter(twoReads, [])
    const one = follow(automaton, start, 1, 2)
    const other = follow(automaton, start, 2, 1)
    expect(label(one)).toBe(label(other))
    expect(one).not.toBe(other)
  })

  test('ends where the function returns', () => {
    const automaton = new Automaton({})
    expect(follow(automaton, automaton.enter(twoReads, []), 1, 2, undefined)).toBe(DONE)
    function* empty(): Steps {}
    expect(automaton.enter(empty, [])).toBe(DONE)
  })

  test('decides what comes next: arguments and results, by JavaScript control flow', () => {
    function* count(limit: number): Steps {
      for (let i = 0; i < limit; i += 1) if (yield* step(`${i} of ${limit}`, () => true)) return
      yield* step('none', nothing)
    }
    const automaton = new Automaton({})
    const two = automaton.enter(count, [2])
    expect(label(two)).toBe('count › 0 of 2')
    expect(label(follow(automaton, two, false))).toBe('count › 1 of 2')
    expect(label(follow(automaton, two, false, false))).toBe('count › none')
    expect(follow(automaton, two, true)).toBe(DONE)
    expect(label(automaton.enter(count, [0]))).toBe('count › none')
  })

  test('of any branching is taken up where it stopped, in any order of visits', () => {
    function* letters(): Steps {
      let word = ''
      for (let i = 0; i < 6; i += 1)
        word += (yield* step(`after "${word}"`, () => false)) ? 'a' : 'b'
      yield* step(`spelt "${word}"`, nothing)
    }
    const automaton = new Automaton({})
    let places: { place: Node | typeof DONE; word: string }[] = [
      { place: automaton.enter(letters, []), word: '' },
    ]
    for (let i = 0; i < 6; i += 1)
      places = places.flatMap(({ place, word }) =>
        [true, false].map((result) => ({
          place: automaton.advance(at(place), result),
          word: word + (result ? 'a' : 'b'),
        })),
      )
    expect(places.map(({ place }) => label(place))).toEqual(
      places.map(({ word }) => `letters › spelt "${word}"`),
    )
    expect(automaton.size).toBe(2 ** 7 - 1)
  })
})

describe('call', () => {
  function* isEven(n: number): Steps<boolean> {
    const half = yield* choose('halve', [0, 1, 2, 3])
    return (half + n) % 2 === 0
  }
  function* caller(n: number): Steps {
    const even = yield* call(isEven, n)
    yield* step(even ? 'even' : 'odd', nothing)
  }

  test("forgets the callee's history, so that states with the same result merge", () => {
    const automaton = new Automaton({})
    const start = automaton.enter(caller, [0])
    expect(label(start)).toBe('isEven › halve')
    const even = follow(automaton, start, 0)
    expect(follow(automaton, start, 2)).toBe(even)
    expect(label(even)).toBe('caller › even')
    const odd = follow(automaton, start, 1)
    expect(follow(automaton, start, 3)).toBe(odd)
    expect(odd).not.toBe(even)
    expect(automaton.size).toBe(3)
  })

  test('remembers its arguments and who called', () => {
    const automaton = new Automaton({})
    const place = at(automaton.enter(caller, [7]))
    expect(place.frame.args).toEqual([7])
    expect(place.frame.caller?.frame.name).toBe('caller')
    expect(place.frame.caller?.frame.args).toEqual([7])
    expect(place.frame.caller?.frame.caller).toBeNull()
  })

  test('of a function without steps takes no step', () => {
    function* zero(): Steps<number> {
      return 0
    }
    function* outer(): Steps {
      const n = (yield* call(zero)) + (yield* call(zero))
      yield* step(`n is ${n}`, nothing)
    }
    const automaton = new Automaton({})
    expect(label(automaton.enter(outer, []))).toBe('outer › n is 0')
    expect(automaton.size).toBe(1)
  })

  test('as the last thing a function does returns from both', () => {
    function* tail(): Steps<boolean> {
      return yield* call(isEven, 0)
    }
    function* outer(): Steps {
      yield* call(tail)
    }
    const automaton = new Automaton({})
    expect(follow(automaton, automaton.enter(outer, []), 3)).toBe(DONE)
  })
})

describe('loop', () => {
  function* looping(): Steps {
    yield* step('before', nothing)
    for (;;) {
      yield* again('while (more)')
      if (!(yield* step('more?', () => true))) break
      yield* step('work', () => 0)
    }
    yield* step('after', nothing)
  }

  test('returns to the same control state, round after round', () => {
    const automaton = new Automaton({})
    const top = follow(automaton, automaton.enter(looping, []), undefined)
    expect(label(top)).toBe('looping › more?')
    let place = top
    for (let i = 0; i < 5000; i += 1) place = follow(automaton, place, true, 0)
    expect(place).toBe(top)
    expect(automaton.size).toBe(3)
  })

  test('forgets how often it went round', () => {
    const automaton = new Automaton({})
    const top = follow(automaton, automaton.enter(looping, []), undefined)
    const atOnce = follow(automaton, top, false)
    expect(label(atOnce)).toBe('looping › after')
    expect(follow(automaton, top, true, 0, true, 0, false)).toBe(atOnce)
  })

  test('that works on different values in each round is as finite as the values', () => {
    function* drain(): Steps {
      for (;;) {
        yield* again('while (next)')
        const page = yield* step('next', () => 0)
        if (page < 0) return
        yield* step(`put ${page}`, nothing)
      }
    }
    const automaton = new Automaton({})
    let place = automaton.enter(drain, [])
    for (let i = 0; i < 999; i += 1) place = follow(automaton, place, i % 3, undefined)
    expect(automaton.size).toBe(1 + 3)
    expect(follow(automaton, place, -1)).toBe(DONE)
  })

  test('without a step is refused by name', () => {
    function* spin(): Steps {
      for (;;) yield* again('for (;;)')
    }
    expect(() => new Automaton({}).enter(spin, [])).toThrow(
      /the loop "for \(;;\)" of spin\(\) has a round without a step.* and never ends/,
    )
  })

  test('that changes a variable for the next round is refused by name', () => {
    function* counts(): Steps {
      for (let n = 0; ; n += 1) {
        yield* again('for (;;)')
        yield* step(`round ${n}`, nothing)
      }
    }
    const automaton = new Automaton({})
    expect(() => follow(automaton, automaton.enter(counts, []), undefined)).toThrow(
      /the loop "for \(;;\)" of counts\(\) carries something from one round to the next/,
    )
  })

  test('inside a loop goes on with the outer one', () => {
    function* main(): Steps {
      for (;;) {
        yield* again('outside')
        for (;;) {
          yield* again('inside')
          if (!(yield* step('again inside?', () => true))) break
        }
        if (!(yield* step('again outside?', () => true))) return
      }
    }
    const automaton = new Automaton({})
    const top = automaton.enter(main, [])
    expect(follow(automaton, top, true, true, false, true)).toBe(top)
    expect(follow(automaton, top, false, false)).toBe(DONE)
    expect(automaton.size).toBe(2)
  })
})

describe('the design', () => {
  class Design {
    get bulk(): number {
      return 3
    }
    *alloc(this: Design): Steps<number> {
      yield* step(`alloc ${this.bulk}`, nothing)
      return yield* call(this.refill, this.bulk)
    }
    *refill(this: Design, n: number): Steps<number> {
      yield* step(`refill ${n} of ${this.bulk}`, nothing)
      return n
    }
  }
  class Greedy extends Design {
    override *refill(this: Design, n: number): Steps<number> {
      yield* step(`greedy refill ${n * 2}`, nothing)
      return n
    }
  }

  test('is `this` in every function, the called ones too', () => {
    const design = new Design()
    const automaton = new Automaton(design)
    const start = automaton.enter(design.alloc, [])
    expect(label(start)).toBe('alloc › alloc 3')
    expect(label(follow(automaton, start, undefined))).toBe('refill › refill 3 of 3')
  })

  test('may override a function of the design before it', () => {
    const design = new Greedy()
    const automaton = new Automaton(design)
    const start = automaton.enter(design.alloc, [])
    expect(label(follow(automaton, start, undefined))).toBe('refill › greedy refill 6')
  })

  test('can be rewritten by name, for mutants', () => {
    const seen: string[] = []
    function* without(steps: Generator<never, unknown, unknown>, skipped: string): Steps<unknown> {
      let reached = steps.next()
      while (reached.done !== true) {
        const action = reached.value as { label?: string }
        reached = steps.next(action.label === skipped ? undefined : yield action as never)
      }
      return reached.value
    }
    const design = new Design()
    const automaton = new Automaton(design, {
      instrument: (name, open) => {
        seen.push(name)
        return without(open() as Generator<never, unknown, unknown>, 'alloc 3')
      },
    })
    expect(label(automaton.enter(design.alloc, []))).toBe('refill › refill 3 of 3')
    expect(new Set(seen)).toEqual(new Set(['alloc', 'refill']))
  })
})

describe('forget', () => {
  test('drops every control state, and ids start over', () => {
    function* plain(): Steps {
      yield* step('one', nothing)
      yield* step('two', nothing)
    }
    const automaton = new Automaton({})
    const before = at(follow(automaton, automaton.enter(plain, []), undefined))
    expect([automaton.size, before.id]).toEqual([2, 2])
    automaton.forget()
    expect(automaton.size).toBe(0)
    expect(() => automaton.node(before.id)).toThrow('no control state 2')
    const again = at(automaton.enter(plain, []))
    expect([again.id, label(again)]).toEqual([1, 'plain › one'])
  })

  test('leaves no control state 0: that is an idle context', () => {
    expect(() => new Automaton({}).node(0)).toThrow('no control state 0')
  })
})
