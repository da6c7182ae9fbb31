/** Two processes and one critical section, twice: with a test apart from its set, and Peterson's. */
import { array, flag, uint } from '../../engine/state/layout.ts'
import { step, when, type Steps } from '../../engine/step.ts'
import { always, event, toy, type Toy, type ToyWorld } from './toy.ts'

const brokenFields = { busy: flag(), inside: uint(2) }
type Broken = ToyWorld<typeof brokenFields>

function* brokenLock(): Steps {
  yield* when('while (busy)', (w: Broken) => !w.s.busy)
  yield* step('busy = true', (w: Broken) => {
    w.s.busy = true
    w.s.inside += 1
  })
  yield* step('busy = false', (w: Broken) => {
    w.s.busy = false
    w.s.inside -= 1
  })
}
export const brokenMutex = (): Toy<typeof brokenFields> =>
  toy({
    fields: brokenFields,
    contexts: ['P0', 'P1'],
    starts: [event(0, 'P0 locks', brokenLock), event(1, 'P1 locks', brokenLock)],
  })

const petersonFields = { turn: uint(1), inside: uint(2), side: array('side', 2, { wants: flag() }) }
type Peterson = ToyWorld<typeof petersonFields>

function* petersonLock(me: number): Steps {
  const other = 1 - me
  yield* step('wants[me] = true', (w: Peterson) => {
    w.s.side(me).wants = true
  })
  yield* step('turn = other', (w: Peterson) => {
    w.s.turn = other
  })
  yield* when(
    'while (wants[other] && turn == other)',
    (w: Peterson) => !w.s.side(other).wants || w.s.turn === me,
    (w: Peterson) => {
      w.s.inside += 1
    },
  )
  yield* step('wants[me] = false', (w: Peterson) => {
    w.s.inside -= 1
    w.s.side(me).wants = false
  })
}
export const petersonMutex = (): Toy<typeof petersonFields> =>
  toy({
    fields: petersonFields,
    contexts: ['P0', 'P1'],
    starts: [
      event(0, 'P0 locks', petersonLock, { args: [0] }),
      event(1, 'P1 locks', petersonLock, { args: [1] }),
    ],
  })

export const EXCLUSION = 'two processes are never inside at once'
export const exclusion = (machine: { readonly world: { readonly s: { inside: number } } }) =>
  always(
    EXCLUSION,
    () => machine.world.s.inside > 1,
    () => machine.world.s.inside > 0,
  )
