/**
 * The words kernel functions are written in (engine/step.ts), for this world. A kernel function is a
 * generator, every `yield* step(...)` is one atomic step, and between two steps any other context may run.
 */
import * as engine from '../engine/step.ts'
import type { Steps, Value } from '../engine/step.ts'
import type { Detail } from './details.ts'
import type { World } from './world/world.ts'

export { again, functions, type Steps, type Value } from '../engine/step.ts'

type Effect<R> = (w: World) => R
type Step = <R extends Value | void>(label: string, effect: Effect<R>) => Steps<R>

/** One atomic step. */
export const step: Step = engine.step
/** A step on what no other context looks at meanwhile. */
export const local: Step = engine.local
/** A step that waits until the guard holds; guard and effect are one. */
export const when: <R extends Value | void = void>(
  label: string,
  guard: Effect<boolean>,
  effect?: Effect<R>,
) => Steps<R> = engine.when
/** A step whose outcome the environment picks. */
export const choose: <O extends Value, R extends Value | void = O>(
  label: string,
  options: readonly O[] | Effect<readonly O[]>,
  effect?: (w: World, choice: O) => R,
) => Steps<R> = engine.choose

/** What some scopes follow and others leave out (model/details.ts). */
export type { Detail } from './details.ts'

/** A step on what only some scopes follow; in the others it is none, and the function goes on with `otherwise`. */
export function* detail<R extends Value | void>(
  label: string,
  otherwise: NoInfer<R>,
  effect: Effect<R>,
  of: Detail = 'details',
): Steps<R> {
  return (yield* engine.has(of)) ? yield* step(label, effect) : otherwise
}
/** What a function does in scopes that follow this, and in no other. */
export function* only<R>(of: Detail, body: () => Steps<R>): Steps<R | undefined> {
  return (yield* engine.has(of)) ? yield* body() : undefined
}
