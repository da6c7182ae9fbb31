/**
 * Coroutines become automata. A thread's control state is the interned history of the values its
 * steps returned since the innermost function began, together with where each caller stands. Each
 * distinct history is run once; after that a step is: look up the node by its integer, run its
 * closure on the state, look up the successor.
 */
import {
  afterThat,
  CAPTURED,
  inBrackets,
  isCall,
  isIterator,
  isTwin,
  KINDS,
  labelOf,
  returnOf,
} from './actions.ts'
import { writesOutside } from '../authoring/closures.ts'
import { forgetMade, lastMade, notePlaces, originalOf, untaken } from '../authoring/made.ts'
import { heart } from '../pulse.ts'
import { BrokeOff, isMisuse, Misuse, modelCode } from '../authoring/misuse.ts'
import { placeOf } from '../authoring/source-place.ts'
import type { Action, CallAction, StepAction, Steps, Value } from '../step.ts'

/** A generator being run, or `undefined` when another history has taken it further. */
type Live = Generator<Action, unknown, unknown> | undefined
export interface Frame {
  /** The kernel function this frame runs. */
  readonly name: string
  readonly args: readonly Value[]
  /** The call this frame returns to; null for the function a context started with. */
  readonly caller: Call | null
  readonly open: () => Generator<Action, unknown, unknown>
}
interface Point {
  readonly frame: Frame
  readonly history: readonly Value[]
  /** The loops of the function that it came to the head of. */
  readonly heads: readonly Head[]
  live: Live
}
interface Call extends Point {
  readonly action: CallAction
  readonly returned: Map<Value, Arrival>
}
/** The head of a loop, and what every round of it begins with. */
interface Head {
  readonly label: string
  first: string
  arrival: Arrival | undefined
}
/** A function that is observed was entered, or left with a result. */
export interface Crossing {
  readonly fn: string
  readonly args: readonly Value[]
  /** Undefined when it was entered. */
  readonly left: { readonly result: Value } | undefined
}
/** Where a thread comes to stand, and the functions it entered and left on the way. */
interface Arrival {
  readonly next: Node | Done
  readonly crossed: readonly Crossing[]
}
const NOTHING_CROSSED: readonly Crossing[] = []
/** A thread standing before a step. */
export interface Node extends Point {
  readonly id: number
  readonly action: StepAction
  readonly next: Map<Value, Node | Done>
  /** What is crossed on the way to a successor; without an entry nothing is. */
  readonly crossed: Map<Value, readonly Crossing[]>
  /** How often the step was taken. */
  taken: number
  /** Where its name lies for other threads to read; 0 until somebody listens. */
  named: number
  /** How it was first reached: the node before it, or the index of the start, and what led on. */
  origin: { readonly before: Node; readonly result: Value } | { readonly start: number } | undefined
  /** The last successor asked for: most steps have one. */
  lastResult: Value
  lastNext: Node | Done | undefined
}
/** The function a context started with has returned. */
export const DONE = 'done'
type Done = typeof DONE

/** Rewrites what a function does, by name: how a mutant is made. */
export type Instrument = (
  name: string,
  open: () => Generator<Action, unknown, unknown>,
  args: readonly Value[],
) => Generator<Action, unknown, unknown>

/**
 * Where machines in several threads agree on the numbers of control states: `record` sees to it that
 * the machine learns where the entry leads, after all that was recorded before it anywhere.
 */
export interface Journal {
  /** The control state a result leads on from, or the complement of the index of a start. */
  record(key: number, result: Value): void
}

export interface AutomatonOptions {
  readonly instrument?: Instrument | undefined
  /** Named in front of everything that is said: whose functions these are. */
  readonly of?: string | undefined
  /** Has the scope a detail of this name? */
  readonly has?: ((detail: string) => boolean) | undefined
  /** Functions whose entries and returns are told. */
  readonly observed?: ReadonlySet<string> | undefined
}

const HISTORY_LIMIT = 2000
const DEPTH_LIMIT = 100
/** Every n-th new history is run again from the start and compared. */
const SAMPLE = 16
/** Longer histories are not run again for every state they are met in. */
const AUDITED = 200

export class Automaton {
  private readonly self: object
  private readonly instrument: Instrument | undefined
  /** Has the scope this detail? */
  private readonly has: (detail: string) => boolean
  /** Functions whose entries and returns are told. */
  private readonly observed: ReadonlySet<string>
  /** What the last way in by `enter` crossed. */
  crossedAtEntry = NOTHING_CROSSED
  private nodes: (Node | undefined)[] = [undefined]
  private interned = 0
  journal: Journal | undefined
  /** Called before and after the text of a function runs, with who is asked: what it did outside steps shows. */
  watch: { begin(): void; end(): string | undefined } | undefined
  /** Steps whose functions were read through for writes to what is not theirs, by function and label. */
  private readonly readThrough = new Set<string>()
  /** Where each function went on to when its step was truly taken, by control state and result. */
  private readonly heard = new Map<number, Map<Value, string>>()
  private lastReached: Action | undefined
  /** Named in front of everything that is said: whose functions these are. */
  private readonly of: string
  constructor(self: object, { instrument, of, has, observed }: AutomatonOptions = {}) {
    this.self = self
    this.instrument = instrument
    this.of = of === undefined ? '' : `${of}: `
    this.has = has ?? (() => true)
    this.observed = observed ?? new Set()
  }

  /** Number of distinct control states met so far. */
  get size(): number {
    return this.nodes.length - 1
  }
  node(id: number): Node {
    const node = this.nodes[id]
    if (node === undefined) throw new Error(`engine: no control state ${id}`)
    return node
  }
  /** Every step met so far, as `function › label`, and how often it was taken. */
  taken(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const node of this.nodes) {
      if (node === undefined) continue
      const step = `${node.frame.name} › ${node.action.label}`
      counts.set(step, (counts.get(step) ?? 0) + node.taken)
    }
    return counts
  }
  /** Drops every control state. Only allowed while no state that holds one is kept. */
  forget(): void {
    this.nodes = [undefined]
    this.heard.clear()
  }

  /** The first step of a function, or DONE when it has none. */
  enter(fn: (...args: never[]) => Steps<unknown>, args: readonly Value[]): Node | Done {
    const { next, crossed } = this.open(originalOf(fn), fn.name, args, null)
    this.crossedAtEntry = crossed
    return next
  }
  /** Where a thread stands after its step at `node` returned `result`. */
  advance(node: Node, result: Value): Node | Done {
    if (node.lastResult === result && node.lastNext !== undefined) return node.lastNext
    const known = node.next.get(result)
    if (known !== undefined) {
      node.lastResult = result
      node.lastNext = known
      return known
    }
    this.refuseObject(`${node.frame.name} › ${node.action.label}`, result, node)
    if (this.journal === undefined) this.learn(node, result)
    else this.journal.record(node.id, result)
    return node.next.get(result)!
  }
  /** Finds out where a result leads; false when that was known. */
  learn(node: Node, result: Value): boolean {
    if (node.next.has(result)) return false
    const { next, crossed } = this.resume(node, result)
    if (next !== DONE) next.origin ??= { before: node, result }
    node.next.set(result, next)
    if (crossed.length > 0) node.crossed.set(result, crossed)
    return true
  }

  private open(
    fn: (...args: never[]) => Steps<unknown>,
    name: string,
    args: readonly Value[],
    caller: Call | null,
  ): Arrival {
    let depth = 0
    for (let at = caller; at !== null; at = at.frame.caller) depth += 1
    if (depth > DEPTH_LIMIT)
      throw this.misuse(
        `${name}() is ${depth} calls deep${caller === null ? '' : this.placeOfNode(caller)}. Does it call itself without end?`,
      )
    const start = (): Generator<Action, unknown, unknown> =>
      fn.apply(this.self, args as never[]) as Generator<Action, unknown, unknown>
    const instrument = this.instrument
    const frame: Frame = {
      name,
      args,
      caller,
      open: instrument === undefined ? start : () => instrument(name, start, args),
    }
    const live = this.begin(frame)
    const arrival = this.settle(frame, [], [], live, this.go(frame, live, undefined, undefined))
    return this.crossing({ fn: name, args, left: undefined }, arrival)
  }
  private crossing(it: Crossing, { next, crossed }: Arrival): Arrival {
    return this.observed.has(it.fn) ? { next, crossed: [it, ...crossed] } : { next, crossed }
  }

  private resume(from: Point & { action: Action }, result: Value): Arrival {
    const history = [...from.history, result]
    if (history.length > HISTORY_LIMIT)
      throw this.misuse(
        `${from.frame.name} took more than ${HISTORY_LIMIT} steps without returning${this.placeOfNode(from)}. Bound the loop by the scope, begin each round with again(), or wait with when().`,
      )
    let live = from.live
    from.live = undefined
    this.interned += 1
    if (live === undefined || this.interned % SAMPLE === 0) live = this.replay(from)
    const reached = this.go(from.frame, live, from, result)
    return this.settle(from.frame, history, from.heads, live, reached)
  }

  private misuse(text: string): Misuse {
    return new Misuse(`${this.of}${text}`)
  }
  /** Opens the function of a frame. */
  private begin(frame: Frame): Generator<Action, unknown, unknown> {
    const live: unknown = frame.open()
    if (typeof (live as { next?: unknown } | null | undefined)?.next === 'function')
      return live as Generator<Action, unknown, unknown>
    throw this.misuse(
      live instanceof Promise
        ? `${frame.name}() is an async function. Nothing is awaited here: write function* ${frame.name}() and wait in a step, with when().`
        : `${frame.name}() is called as a function of steps and is none: the asterisk is missing. Write *${frame.name}() {...} in a class, function* ${frame.name}() {...} elsewhere.`,
    )
  }
  /** Runs a function to its next step or its end. */
  private go(
    frame: Frame,
    live: Generator<Action, unknown, unknown>,
    from: (Point & { action: Action }) | undefined,
    value: unknown,
  ): IteratorResult<Action, unknown> {
    forgetMade()
    this.watch?.begin()
    const { pulse } = heart
    pulse?.begin(pulse.placeOf(`${this.of}${frame.name}() ${afterThat(from?.action)}`))
    modelCode.runs = true
    let reached: IteratorResult<Action, unknown>
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
  private notTaken(frame: Frame, from: (Point & { action: Action }) | undefined, value: unknown) {
    const { says } = untaken()!
    this.runAgain(frame, from, value)
    const where = inBrackets(placeOf(untaken()?.place))
    return this.misuse(
      `${frame.name}() makes ${says} ${afterThat(from?.action)} and does not take it${where}: nothing is done. Write yield* in front of it.`,
    )
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
  /** Where the step was made that a function hands over next, in brackets. */
  private placeAfter(
    frame: Frame,
    from: { readonly history: readonly Value[] } | undefined,
    value: unknown,
  ): string {
    this.runAgain(frame, from, value)
    return inBrackets(placeOf(lastMade()?.place))
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
  /** Is what a function hands over an action at all? */
  private checkKind(
    frame: Frame,
    action: unknown,
    from: (Point & { action: Action }) | undefined,
    value: unknown,
  ): void {
    const { kind } = (action ?? {}) as { kind?: unknown }
    if (typeof kind === 'string' && KINDS.has(kind)) return
    const where = this.placeAfter(frame, from, value)
    throw this.misuse(
      `${frame.name}() ${afterThat(from?.action)} yields ${isIterator(action) ? 'a step or a call' : String(action)} with yield${where}. Write yield* instead: it takes the step and gives back what the step returned.`,
    )
  }
  private checkAction(
    frame: Frame,
    action: Action,
    from: (Point & { action: Action }) | undefined,
    value: unknown,
  ): void {
    // What an instrument puts there is no author's.
    if (this.instrument !== undefined || !('effect' in action)) return
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

  /**
   * Takes the step of a control state by a run of its function that got the results alone until then, and
   * sees whether it goes on as other runs do after the same result. What a step leaves in a variable of its
   * function shows: the run that is compared with first never takes it.
   * @param effect takes the step, with the function of it that is given
   */
  audit(node: Node, effect: (action: StepAction) => Value): Value {
    if (node.history.length > AUDITED) return effect(node.action)
    const live = this.replay(node)
    const result = effect(this.lastReached as StepAction)
    const says = this.goesOnTo(node, live, result)
    const heard = this.heard.get(node.id) ?? new Map<Value, string>()
    this.heard.set(node.id, heard)
    const expected = heard.get(result) ?? this.goesOnTo(node, this.replay(node), result)
    heard.set(result, says)
    if (says !== expected)
      throw this.misuse(
        `${node.frame.name} is not deterministic: after the step "${node.action.label}" returned ${String(result)} it went on to "${says}", and at another time to "${expected}". The step leaves something where it is read outside it${this.placeOfNode(node)}. ${CAPTURED}`,
      )
    return result
  }
  private goesOnTo(node: Node, live: Generator<Action, unknown, unknown>, result: Value): string {
    try {
      const reached = this.go(node.frame, live, node, result)
      return reached.done === true ? returnOf(reached.value) : labelOf(reached.value)
    } catch (error) {
      // It is said when the function truly gets there.
      if (error instanceof BrokeOff) return 'throw'
      throw error
    }
  }

  /** Runs a history from the start of its function; the step it reaches must be the one recorded. */
  private replay(point: Point & { action: Action }): Generator<Action, unknown, unknown> {
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
  private repeat(
    { frame, history }: Point,
    live: Generator<Action, unknown, unknown>,
  ): IteratorResult<Action, unknown> {
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

  /** What a function is given back for what is no step. */
  private passed(action: Action): Value {
    return action.kind === 'has' ? this.has(action.label) : undefined
  }
  /** Goes past heads of loops and questions to the scope, which are in no history, to what is. */
  private toStep(
    live: Generator<Action, unknown, unknown>,
    from: IteratorResult<Action, unknown>,
  ): IteratorResult<Action, unknown> {
    let reached = from
    // A loop without a step never comes to one; who goes round in it is told by round().
    for (let n = 0; n < HISTORY_LIMIT && !isStop(reached); n += 1)
      reached = live.next(this.passed(reached.value as Action))
    return reached
  }

  /** Follows calls, returns and loops until the thread stands before a step. */
  private settle(
    frame: Frame,
    history: readonly Value[],
    heads: readonly Head[],
    live: Generator<Action, unknown, unknown>,
    reached: IteratorResult<Action, unknown>,
  ): Arrival {
    if (reached.done === true) return this.leave(frame, reached.value as Value)
    const action = reached.value
    if (isCall(action)) {
      const call: Call = { frame, history, heads, live, action, returned: new Map() }
      return this.open(action.fn, action.name, action.args, call)
    }
    const point = { frame, history, heads, live, action }
    if (action.kind === 'again') return this.round(point, action.label, live)
    if (action.kind === 'has') {
      const further = this.go(frame, live, point, this.passed(action))
      return this.settle(frame, history, heads, live, further)
    }
    const node: Node = {
      ...point,
      action,
      id: this.nodes.length,
      next: new Map(),
      crossed: new Map(),
      taken: 0,
      named: 0,
      origin: undefined,
      lastResult: undefined,
      lastNext: undefined,
    }
    this.nodes.push(node)
    return { next: node, crossed: NOTHING_CROSSED }
  }

  /** The head of a loop: the first time its round begins, after that it is where that one began. */
  private round(
    point: Point & { action: Action },
    label: string,
    live: Generator<Action, unknown, unknown>,
  ): Arrival {
    const { frame, history, heads } = point
    const known = heads.find((head) => head.label === label)
    if (known?.arrival === undefined && known !== undefined)
      throw this.misuse(
        `the loop "${label}" of ${frame.name}() has a round without a step${this.placeOfNode(point)} and never ends. Leave the loop when there is nothing left.`,
      )
    const reached = this.go(frame, live, point, undefined)
    const first = reached.done === true ? returnOf(reached.value) : labelOf(reached.value)
    if (known?.arrival !== undefined) {
      if (known.first === first) return known.arrival
      throw this.misuse(
        `the loop "${label}" of ${frame.name}() carries something from one round to the next${this.placeOfNode(point)}: a round began with "${known.first}" and a later one with "${first}". What a round learnt is forgotten: keep it in a field, or bound the loop by the scope and leave again() out.`,
      )
    }
    const head: Head = { label, first, arrival: undefined }
    head.arrival = this.settle(frame, history, [...heads, head], live, reached)
    return head.arrival
  }

  /** Histories are compared by value. */
  private refuseObject(said: string, result: unknown, node?: Node): void {
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

  private leave(frame: Frame, result: Value): Arrival {
    const left: Crossing = { fn: frame.name, args: frame.args, left: { result } }
    const call = frame.caller
    if (call === null) return this.crossing(left, { next: DONE, crossed: NOTHING_CROSSED })
    this.refuseObject(frame.name, result)
    const known = call.returned.get(result) ?? this.resume(call, result)
    call.returned.set(result, known)
    return this.crossing(left, known)
  }
}

/** Is it something to stand before, a call, or a return? */
const isStop = ({ done, value }: IteratorResult<Action, unknown>): boolean =>
  done === true || (value.kind !== 'again' && value.kind !== 'has')
