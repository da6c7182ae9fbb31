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
  /** The functions it is in, outermost first. */
  const stack = [steps]
  let at = steps.next()
  const settle = (): void => {
    while (stack.length > 0) {
      if (at.done === true) {
        stack.pop()
        const result = at.value as never
        if (stack.length > 0) at = stack.at(-1)!.next(result)
      } else if (at.value.kind === 'call') {
        stack.push(at.value.fn(...(at.value.args as never[])))
        at = stack.at(-1)!.next()
      } else return
    }
  }
  settle()
  const go = (): boolean => {
    const action = at.value as Action
    if (at.done === true || !('effect' in action)) throw new Error('a thread takes steps only')
    w.current = context
    if (action.guard !== undefined && !action.guard(w as never)) return false
    w.firing = true
    const result: Value = action.effect(w as never, undefined)
    w.firing = false
    at = stack.at(-1)!.next(result as never)
    settle()
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
