/** Injected failures, as CONFIG_FAULT_INJECTION makes them: the environment has a few to spend. */
import { uint } from '../../engine/state/layout.ts'
import { choose, type Steps } from '../step.ts'
import type { Scope } from '../scope/bounds.ts'
import type { World } from './world.ts'

export const faults = (s: Scope) => ({
  faults_left: uint(Math.min(Math.max(s.faults, 1), 2 ** 32 - 1)),
})
declare module './world.ts' {
  interface Parts {
    faults_left: number
  }
}
/** Those that the scope grants are there to be spent. */
export const grantFaults = (w: World): void => {
  w.faults_left = w.scope.faults
}

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
