/** A small function with a call in it, to mutate, and a walk through it as the automaton sees it. */
import { expect } from 'vitest'
import { Automaton, DONE } from '../../engine/program/automaton.ts'
import type { Mutation } from '../../engine/mutation/mutate.ts'
import { call, step, type Steps } from '../../engine/step.ts'

/** A till: every effect is written down with what it saw. */
export interface Till {
  coins: number
  readonly log: string[]
}
const till = (): Till => ({ coins: 3, log: [] })
export const pay = (amount: number) => (w: Till) => {
  w.coins -= amount
}
export function* shop(): Steps<string> {
  yield* step('enter', () => {})
  const rich = yield* step('coins > 1?', (w: Till) => w.coins > 1)
  if (!rich) return 'left'
  yield* call(buy, 1)
  yield* step('leave', () => {})
  return 'bought'
}
function* buy(amount: number): Steps {
  yield* step('pay', pay(amount))
  const left = yield* step('count', (w: Till) => w.coins)
  yield* step(`bag, ${left} left`, () => {})
}
export function* steal(amount: number): Steps {
  yield* step(`steal ${amount}`, () => {})
}

/** Runs a function alone, through the automaton; twice, so that what was remembered is used too. */
export function walk(
  fn: (...args: never[]) => Steps<unknown>,
  mutation?: Mutation,
): { log: string[]; coins: number } {
  const automaton = new Automaton({}, { instrument: mutation?.instrument })
  const once = (): Till => {
    const world = till()
    for (let at = automaton.enter(fn, []); at !== DONE;) {
      const { action, frame } = at
      const guarded = action.guard?.(world as never) ?? true
      world.log.push(`${frame.name}: ${action.label}${guarded ? '' : ' (waits)'}`)
      if (!guarded) break
      at = automaton.advance(at, action.effect(world as never, action.options?.(world as never)[0]))
    }
    return world
  }
  const first = once()
  expect(once()).toEqual(first)
  return first
}
export const plain = walk(shop).log
export const without = (...lines: readonly string[]): string[] =>
  plain.filter((line) => !lines.includes(line))
