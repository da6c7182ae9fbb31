import type { Action, Steps, Value } from '../../engine/step.ts'
import type { World } from '../../model/world/world.ts'

/** One context going through a mechanism of the world step by step, with no machine around it. */
export interface Thread {
  /** Takes the next step; false when it has to wait. */
  go(): boolean
  /** Takes every step that is left; an error when one has to wait. */
  finish(): void
  readonly done: boolean
}

export function thread(w: World, context: number, steps: Steps<unknown>): Thread {
  let at: IteratorResult<Action, unknown> = steps.next()
  const go = (): boolean => {
    const action = at.value as Action
    if (at.done === true || !('label' in action)) throw new Error('a thread takes steps only')
    w.current = context
    if (action.guard !== undefined && !action.guard(w as never)) return false
    w.firing = true
    const result: Value = action.effect(w as never, undefined)
    w.firing = false
    at = steps.next(result as never)
    return true
  }
  return {
    go,
    finish: () => {
      while (at.done !== true) if (!go()) throw new Error('the thread waits')
    },
    get done() {
      return at.done === true
    },
  }
}
