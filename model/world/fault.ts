/** Injected failures, as CONFIG_FAULT_INJECTION makes them: the environment has a few to spend. */
import { choose, type Steps } from '../../engine/step.ts'
import type { World } from './world.ts'

export const mayFail = (w: World): boolean => w.faults_left > 0

const nothing = (): void => {}
/** A call that may fail: true when it does. What either outcome does is part of the same step. */
export const fails = (
  call: string,
  success: (w: World) => void = nothing,
  failure: (w: World) => void = nothing,
): Steps<boolean> =>
  choose(
    call,
    (w: World) => (mayFail(w) ? ['ok', 'fails'] : ['ok']),
    (w: World, outcome) => {
      if (outcome === 'ok') success(w)
      else {
        w.faults_left -= 1
        failure(w)
      }
      return outcome === 'fails'
    },
  )
