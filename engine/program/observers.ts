/**
 * Who looks on when functions are entered and left. That is no step of its own and none of the function's: a
 * function is entered in the instant of the step before, and left in that of its last.
 */
import type { Crossing } from './control-states.ts'

export interface Observer<W> {
  readonly enters?: (world: W, ...args: never[]) => void
  readonly returns?: (world: W, result: never, ...args: never[]) => void
}
/** By the name of the function. */
export type Observers<W> = Readonly<Record<string, Observer<W>>>

export function lookOn<W>(observers: Observers<W>, crossed: readonly Crossing[], world: W): void {
  for (const { fn, args, left } of crossed) {
    const { enters, returns } = observers[fn]!
    if (left === undefined) enters?.(world, ...(args as never[]))
    else returns?.(world, left.result as never, ...(args as never[]))
  }
}
