/** Injected failures, as CONFIG_FAULT_INJECTION makes them: the environment has a few to spend. */
import type { World } from './world.ts'
import { choose, type Steps } from '../step.ts'

export const mayFail = (w: World): boolean => w.faults_left > 0

const nothing = (): void => {}
const always = (): boolean => true
/**
 * A call that may fail: true when it does. What either outcome does is part of the same step. Where it
 * is not `possible` for the call to succeed it fails, and no injected failure is spent.
 */
export const fails = (
  call: string,
  success: (w: World) => void = nothing,
  failure: (w: World) => void = nothing,
  possible: (w: World) => boolean = always,
): Steps<boolean> =>
  choose(
    call,
    (w) => [...(possible(w) ? ['ok'] : []), ...(mayFail(w) || !possible(w) ? ['fails'] : [])],
    (w, outcome) => {
      if (outcome === 'ok') success(w)
      else {
        if (possible(w)) w.faults_left -= 1
        failure(w)
      }
      return outcome === 'fails'
    },
  )
