/**
 * Runs a function of the model alone, from its call to its return: every step is done as soon as it
 * is reached. No history is kept, so values may be as wide and loops as long as they get. The same
 * functions run here and in a machine; nothing but the order of contexts is decided elsewhere.
 */
import { originalOf } from '../authoring/made.ts'
import type { Action, StepAction, Steps, Value } from '../step.ts'
import { isCall } from './actions.ts'
import type { Instrument } from './automaton.ts'

export interface SequentialSpec {
  readonly world: object
  /** `this` of every function. */
  readonly self: object
  /** What the environment picks where a step offers a choice. */
  readonly choose: (action: StepAction) => Value
  readonly instrument?: Instrument
  /** Has the scope a detail of this name? Without the question it has all of them. */
  readonly has?: (detail: string) => boolean
  /** Called after every step. */
  readonly after?: () => void
}

/** A step waits for something only another context could bring about. */
export class WouldWaitForEver extends Error {
  override readonly name = 'WouldWaitForEver'
}

export class Sequential {
  /** The functions being run, outermost first. */
  readonly stack: string[] = []
  /** The step being taken. */
  label = ''
  private readonly world: never
  private readonly self: object
  private readonly choose: SequentialSpec['choose']
  private readonly instrument: Instrument | undefined
  private readonly after: (() => void) | undefined
  private readonly has: ((detail: string) => boolean) | undefined

  constructor(spec: SequentialSpec) {
    this.world = spec.world as never
    this.self = spec.self
    this.choose = spec.choose
    this.instrument = spec.instrument
    this.after = spec.after
    this.has = spec.has
  }

  /** Calls a function and gives back what it returns. Throws WouldWaitForEver. */
  run<R>(fn: (...args: never[]) => Steps<R>, ...args: readonly Value[]): R {
    this.stack.length = 0
    return this.call(originalOf(fn), fn.name, args) as R
  }

  /** Where a step is being taken: `outer > inner › label`. */
  get place(): string {
    return `${this.stack.join(' > ')} › ${this.label}`
  }

  private call(
    fn: (...args: never[]) => Steps<unknown>,
    name: string,
    args: readonly Value[],
  ): unknown {
    const start = (): Generator<Action, unknown, unknown> =>
      fn.apply(this.self, args as never[]) as Generator<Action, unknown, unknown>
    const run = this.instrument === undefined ? start() : this.instrument(name, start, args)
    this.stack.push(name)
    let reached = run.next()
    while (reached.done !== true) reached = run.next(this.take(reached.value))
    this.stack.pop()
    return reached.value
  }

  private take(action: Action): Value {
    if (isCall(action)) return this.call(action.fn, action.name, action.args) as Value
    if (action.kind === 'again') return undefined
    if (action.kind === 'has') return this.has?.(action.label) ?? true
    this.label = action.label
    if (action.kind === 'when' && !action.guard!(this.world))
      throw new WouldWaitForEver(
        `engine: ${this.place} waits for another context, and there is none in a sequential run.`,
      )
    const choice = action.kind === 'choose' ? this.choose(action) : undefined
    const result = action.effect(this.world, choice)
    this.after?.()
    return result
  }
}
