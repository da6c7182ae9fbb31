/**
 * Runs the functions of a model from one step to the next, and says what their author did against the rules
 * they are run by: with function, step and line.
 */
import { afterThat, CAPTURED, inBrackets, isIterator, isTwin, KINDS, labelOf } from './actions.ts'
import { writesOutside } from '../authoring/closures.ts'
import { forgetMade, lastMade, notePlaces, untaken } from '../authoring/made.ts'
import { BrokeOff, isMisuse, Misuse, modelCode } from '../authoring/misuse.ts'
import { placeOf } from '../authoring/source-place.ts'
import { heart } from '../pulse.ts'
import type { Action, StepAction, Value } from '../step.ts'
import type { At, AutomatonOptions, Frame, Node, Point, Reached, Run } from './control-states.ts'

/** Steps a function may take without returning, and rounds it may go without one. */
export const HISTORY_LIMIT = 2000

export class Runner {
  /** Called before and after the text of a function runs, with who is asked: what it did outside steps shows. */
  watch: { begin(): void; end(): string | undefined } | undefined
  /** The step that the last history run again came to. */
  lastReached: Action | undefined
  /** Is what a function hands over its author's? An instrument's is not. */
  private readonly authored: boolean
  private readonly has: (detail: string) => boolean
  /** Named in front of everything that is said: whose functions these are. */
  private readonly of: string
  /** Steps whose functions were read through for writes to what is not theirs, by function and label. */
  private readonly readThrough = new Set<string>()

  constructor({ instrument, of, has }: AutomatonOptions) {
    this.authored = instrument === undefined
    this.of = of === undefined ? '' : `${of}: `
    this.has = has ?? (() => true)
  }

  misuse(text: string): Misuse {
    return new Misuse(`${this.of}${text}`)
  }

  /** Opens the function of a frame. */
  begin(frame: Frame): Run {
    const live: unknown = frame.open()
    if (typeof (live as { next?: unknown } | null | undefined)?.next === 'function')
      return live as Run
    throw this.misuse(
      live instanceof Promise
        ? `${frame.name}() is an async function. Nothing is awaited here: write function* ${frame.name}() and wait in a step, with when().`
        : `${frame.name}() is called as a function of steps and is none: the asterisk is missing. Write *${frame.name}() {...} in a class, function* ${frame.name}() {...} elsewhere.`,
    )
  }

  /** Runs a function to its next step or its end. */
  go(frame: Frame, live: Run, from: At | undefined, value: unknown): Reached {
    forgetMade()
    this.watch?.begin()
    const { pulse } = heart
    pulse?.begin(pulse.placeOf(`${this.of}${frame.name}() ${afterThat(from?.action)}`))
    modelCode.runs = true
    let reached: Reached
    try {
      reached = live.next(value)
    } catch (error) {
      modelCode.runs = false
      throw this.thrown(frame, from?.action, error)
    }
    modelCode.runs = false
    pulse?.end()
    const outside = this.watch?.end()
    if (outside !== undefined)
      throw this.misuse(
        `${frame.name}() ${outside} ${afterThat(from?.action)}, outside a step${this.placeAfter(frame, from, value)}. Between two steps any other context may run: state is read and written inside steps, with the w that the step is given.`,
      )
    if (reached.done !== true) this.checkKind(frame, reached.value, from, value)
    if (untaken() !== undefined) throw this.notTaken(frame, from, value)
    if (reached.done !== true) this.checkAction(frame, reached.value, from, value)
    return reached
  }

  /** Goes past heads of loops and questions to the scope, which are in no history, to what is. */
  toStep(live: Run, from: Reached): Reached {
    let reached = from
    // A loop without a step never comes to one; who goes round in it is told by round().
    for (let n = 0; n < HISTORY_LIMIT && !isStop(reached); n += 1)
      reached = live.next(this.passed(reached.value as Action))
    return reached
  }

  /** What a function is given back for what is no step. */
  passed(action: Action): Value {
    return action.kind === 'has' ? this.has(action.label) : undefined
  }

  /** Runs a history from the start of its function; the step it reaches must be the one recorded. */
  replay(point: At): Run {
    const live = this.begin(point.frame)
    const reached = this.repeat(point, live)
    const label = reached.done === true ? 'return' : labelOf(reached.value)
    if (label !== labelOf(point.action))
      throw this.misuse(
        `${point.frame.name} is not deterministic: after the same results it reached "${label}" where it had reached "${labelOf(point.action)}"${this.placeOfNode(point)}. Read the state only inside steps.`,
      )
    this.lastReached = reached.value as Action
    return live
  }

  /** What it does wrong was said when it was first run so. */
  private repeat({ frame, history }: Point, live: Run): Reached {
    modelCode.runs = true
    try {
      let reached = this.toStep(live, live.next())
      for (const value of history) reached = this.toStep(live, live.next(value))
      return reached
    } catch (error) {
      throw this.thrown(frame, undefined, error)
    } finally {
      modelCode.runs = false
    }
  }

  /** A step with its function, and where: a mechanism is used by somebody, who is named as well. */
  says({ frame, action }: Node, at?: string): string {
    const { caller } = frame
    const by =
      caller === null
        ? []
        : [
            `called by ${caller.frame.name}()${this.placeOfNode(caller).replace(/ \((.*)\)/, ', $1')}`,
          ]
    const where = [...(at === undefined ? [] : [at]), ...by].join('; ')
    return `${frame.name}() in its step "${action.label}"${inBrackets(where === '' ? undefined : where)}`
  }

  /** Where a step or a call is made, in brackets with a space before; empty when that is not known. */
  placeOfNode({ frame, history }: Point): string {
    const before = history.length === 0 ? undefined : { history: history.slice(0, -1) }
    return this.placeAfter(frame, before, history.at(-1))
  }

  /** Where the step was made that a function hands over next, in brackets. */
  private placeAfter(
    frame: Frame,
    from: { readonly history: readonly Value[] } | undefined,
    value: unknown,
  ): string {
    this.runAgain(frame, from, value)
    return inBrackets(placeOf(lastMade()?.place))
  }

  /** Once more from the start, to learn where things are made. */
  private runAgain(
    frame: Frame,
    from: { readonly history: readonly Value[] } | undefined,
    value: unknown,
  ): void {
    notePlaces(true)
    try {
      const again = frame.open()
      forgetMade()
      if (from !== undefined) {
        this.toStep(again, again.next())
        for (const one of from.history) this.toStep(again, again.next(one))
        forgetMade()
      }
      const reached = again.next(value)
      if (!isStop(reached)) this.toStep(again, reached)
    } catch {
      // It is said without the place.
    }
    notePlaces(false)
  }

  private thrown(frame: Frame, after: Action | undefined, error: unknown): Error {
    const where = placeOf(error)
    const at = inBrackets(where)
    if (error instanceof RangeError && error.message.includes('call stack'))
      return this.misuse(`${frame.name}() ${afterThat(after)} calls itself without end${at}.`)
    const { message } = error as Error
    if (isMisuse(error)) return this.misuse(`${frame.name}() ${afterThat(after)}${at}: ${message}`)
    if (error instanceof TypeError && /is not (?:a function|iterable)/.test(message))
      return this.misuse(
        `${frame.name}() ${afterThat(after)}${at}: ${message}. What stands behind yield* is a step, or a function of steps that is called: written with an asterisk, not async, and under the name it has.`,
      )
    return new BrokeOff(
      `${this.of}${frame.name}() breaks off ${afterThat(after)}${at}: ${message ?? String(error)}`,
    )
  }

  /** Something was made without being taken. */
  private notTaken(frame: Frame, from: At | undefined, value: unknown) {
    const { says } = untaken()!
    this.runAgain(frame, from, value)
    const where = inBrackets(placeOf(untaken()?.place))
    return this.misuse(
      `${frame.name}() makes ${says} ${afterThat(from?.action)} and does not take it${where}: nothing is done. Write yield* in front of it.`,
    )
  }

  /** Is what a function hands over an action at all? */
  private checkKind(frame: Frame, action: unknown, from: At | undefined, value: unknown): void {
    const { kind } = (action ?? {}) as { kind?: unknown }
    if (typeof kind === 'string' && KINDS.has(kind)) return
    const where = this.placeAfter(frame, from, value)
    throw this.misuse(
      `${frame.name}() ${afterThat(from?.action)} yields ${isIterator(action) ? 'a step or a call' : String(action)} with yield${where}. Write yield* instead: it takes the step and gives back what the step returned.`,
    )
  }

  private checkAction(frame: Frame, action: Action, from: At | undefined, value: unknown): void {
    // What an instrument puts there is no author's.
    if (!this.authored || !('effect' in action)) return
    if (from !== undefined && isTwin(from.action, action))
      throw this.misuse(
        `${frame.name}() has two different steps "${action.label}", one right after the other${this.placeAfter(frame, from, value)}. A trace could not tell them apart: label each with the kernel statement it stands for.`,
      )
    const key = `${frame.name} › ${action.label}`
    if (this.readThrough.has(key)) return
    this.readThrough.add(key)
    this.readClosures(frame, action, () => this.placeAfter(frame, from, value))
  }

  /** The belt to the determinism checks: writes to variables of the function stand in the text of the step. */
  private readClosures(frame: Frame, action: StepAction, where: () => string): void {
    for (const fn of [action.effect, action.guard, action.options]) {
      const name = fn === undefined ? undefined : writesOutside(fn)
      if (name !== undefined)
        throw this.misuse(
          `${frame.name}() in its step "${action.label}"${where()} writes to ${name}, which lies outside the step. ${CAPTURED}`,
        )
    }
  }

  /** Histories are compared by value. */
  refuseObject(said: string, result: unknown, node?: Node): void {
    if (typeof result !== 'object' && typeof result !== 'function') return
    if (result === null) return
    const where = node === undefined ? '' : this.placeOfNode(node)
    throw this.misuse(
      isIterator(result)
        ? `${said} returned a step or a call that was not taken${where}. Write yield* in front of it; a step cannot take another, only a function can.`
        : result instanceof Promise
          ? `${said} returned a promise${where}: a step is done at once, nothing in it may be async.`
          : `${said} returned an object${where}. Return a plain value (a reference, a number, a flag): histories are compared by value.`,
    )
  }
}

/** Is it something to stand before, a call, or a return? */
const isStop = ({ done, value }: Reached): boolean =>
  done === true || (value.kind !== 'again' && value.kind !== 'has')
