import { describe, expect, test } from 'vitest'
import { Automaton } from '../../../engine/program/automaton.ts'
import { call, choose, step, type Steps } from '../../../engine/step.ts'
import { at, follow } from '../places.ts'

const nothing = (): void => {}

describe('what cannot become an automaton is refused', () => {
  test('a step that returns an object, with its function and label', () => {
    function* reader(): Steps {
      yield* step('read it all', () => undefined)
    }
    const automaton = new Automaton({})
    const start = at(automaton.enter(reader, []))
    for (const result of [{}, [1], new Map()])
      expect(() => automaton.advance(start, result as never)).toThrow(
        'reader › read it all returned an object',
      )
  })

  // A call's result enters the caller's history just as a step's does.
  test('a function that returns an object to its caller', () => {
    function* pair(): Steps<object> {
      yield* choose('which', [1, 2])
      return { same: true }
    }
    function* outer(): Steps {
      yield* call(pair)
      yield* step('next', nothing)
    }
    const automaton = new Automaton({})
    const start = at(automaton.enter(outer, []))
    expect(() => automaton.advance(start, 1)).toThrow('pair')
  })

  test('a function that reads more than its results, by name', () => {
    let reads = 0
    function* shaky(): Steps {
      reads += 1
      yield* step('same', () => 0)
      yield* step(`run ${reads}`, nothing)
      yield* step('end', nothing)
    }
    const automaton = new Automaton({})
    const start = automaton.enter(shaky, [])
    const second = follow(automaton, start, 1)
    follow(automaton, second, 1)
    expect(() => follow(automaton, second, 2)).toThrow(
      /shaky is not deterministic: after the same results it reached "run 2" where it had reached "run 1"/,
    )
  })

  test('a function that stops early when it is run again, by name', () => {
    let again = false
    function* fickle(): Steps {
      if (again) return
      again = true
      yield* step('only once', () => 0)
      yield* step('next', nothing)
    }
    const automaton = new Automaton({})
    const start = automaton.enter(fickle, [])
    follow(automaton, start, 1)
    expect(() => follow(automaton, start, 2)).toThrow(/fickle is not deterministic.*"return"/)
  })

  test('a straight function too: every so many histories one is run again', () => {
    let opened = 0
    function* drifting(): Steps {
      opened += 1
      const mine = opened
      for (let i = 0; i < 100; i += 1) yield* step(`step ${i} of run ${mine}`, () => 0)
    }
    const automaton = new Automaton({})
    const start = automaton.enter(drifting, [])
    expect(() => follow(automaton, start, ...Array.from({ length: 99 }, () => 0))).toThrow(
      'drifting is not deterministic',
    )
  })

  test('a function that calls with other arguments when it is run again', () => {
    let opened = 0
    function* callee(n: number): Steps<number> {
      return yield* step('look', () => n)
    }
    function* shifty(): Steps {
      opened += 1
      yield* call(callee, opened)
      yield* step('next', nothing)
    }
    const automaton = new Automaton({})
    const start = automaton.enter(shifty, [])
    follow(automaton, start, 5)
    expect(() => follow(automaton, start, 6)).toThrow(/shifty is not deterministic.*callee/)
  })

  test('a function that never returns, at the history limit and by name', () => {
    function* forever(): Steps {
      for (;;) yield* step('tick', () => 0)
    }
    const automaton = new Automaton({})
    let place = automaton.enter(forever, [])
    for (let i = 0; i < 2000; i += 1) place = follow(automaton, place, 0)
    expect(() => follow(automaton, place, 0)).toThrow(
      /forever took more than 2000 steps without returning.*again\(\)/,
    )
  })

  test('a function that calls itself without end, by name', () => {
    function* descend(): Steps {
      yield* step('down', () => 0)
      yield* call(descend)
    }
    const automaton = new Automaton({})
    let place = automaton.enter(descend, [])
    expect(() => {
      for (let i = 0; i < 5000; i += 1) place = follow(automaton, place, 0)
    }).toThrow('descend')
  })
})
