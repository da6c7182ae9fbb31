/**
 * Coroutines become automata. A thread's control state is the interned history of the values its
 * steps returned since the innermost function began, together with where each caller stands. Each
 * distinct history is run once; after that a step is: look up the node by its integer, run its
 * closure on the state, look up the successor.
 */
import type { Action, CallAction, StepAction, Steps, Value } from './step.ts'

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
  live: Live
}
interface Call extends Point {
  readonly action: CallAction
  child: Node | Done | undefined
  readonly returned: Map<Value, Node | Done>
}
/** A thread standing before a step. */
export interface Node extends Point {
  readonly id: number
  readonly action: StepAction
  readonly next: Map<Value, Node | Done>
  /** How often the step was taken. */
  taken: number
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

const HISTORY_LIMIT = 2000
const DEPTH_LIMIT = 100
/** Every n-th new history is run again from the start and compared. */
const SAMPLE = 16

export class Automaton {
  private readonly self: object
  private readonly instrument: Instrument | undefined
  private nodes: (Node | undefined)[] = [undefined]
  private interned = 0
  journal: Journal | undefined
  constructor(self: object, instrument?: Instrument) {
    this.self = self
    this.instrument = instrument
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
  }

  /** The first step of a function, or DONE when it has none. */
  enter(fn: (...args: never[]) => Steps<unknown>, args: readonly Value[]): Node | Done {
    return this.open(fn, fn.name, args, null)
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
    refuseObject(`${node.frame.name} › ${node.action.label}`, result)
    if (this.journal === undefined) this.learn(node, result)
    else this.journal.record(node.id, result)
    return node.next.get(result)!
  }
  /** Finds out where a result leads; false when that was known. */
  learn(node: Node, result: Value): boolean {
    if (node.next.has(result)) return false
    const next = this.resume(node, result)
    if (next !== DONE) next.origin ??= { before: node, result }
    node.next.set(result, next)
    return true
  }

  private open(
    fn: (...args: never[]) => Steps<unknown>,
    name: string,
    args: readonly Value[],
    caller: Call | null,
  ): Node | Done {
    let depth = 0
    for (let at = caller; at !== null; at = at.frame.caller) depth += 1
    if (depth > DEPTH_LIMIT)
      throw new Error(`engine: ${name} is ${depth} calls deep. Does it call itself without end?`)
    const start = (): Generator<Action, unknown, unknown> =>
      fn.apply(this.self, args as never[]) as Generator<Action, unknown, unknown>
    const instrument = this.instrument
    const frame: Frame = {
      name,
      args,
      caller,
      open: instrument === undefined ? start : () => instrument(name, start, args),
    }
    const live = frame.open()
    return this.settle(frame, [], live, live.next())
  }

  private resume(from: Point & { action: Action }, result: Value): Node | Done {
    const history = [...from.history, result]
    if (history.length > HISTORY_LIMIT)
      throw new Error(
        `engine: ${from.frame.name} took more than ${HISTORY_LIMIT} steps without returning. Bound the loop by the scope, use loop(), or wait with when().`,
      )
    let live = from.live
    from.live = undefined
    this.interned += 1
    if (live === undefined || this.interned % SAMPLE === 0) live = this.replay(from)
    return this.settle(from.frame, history, live, live.next(result))
  }

  /** Runs a history from the start of its function; the step it reaches must be the one recorded. */
  private replay(point: Point & { action: Action }): Generator<Action, unknown, unknown> {
    const live = point.frame.open()
    let reached = live.next()
    for (const value of point.history) reached = live.next(value)
    const label = reached.done === true ? 'return' : labelOf(reached.value)
    if (label !== labelOf(point.action))
      throw new Error(
        `engine: ${point.frame.name} is not deterministic: after the same results it reached "${label}" where it had reached "${labelOf(point.action)}". Read the state only inside steps.`,
      )
    return live
  }

  /** Follows calls and returns until the thread stands before a step. */
  private settle(
    frame: Frame,
    history: readonly Value[],
    live: Generator<Action, unknown, unknown>,
    reached: IteratorResult<Action, unknown>,
  ): Node | Done {
    if (reached.done === true) return this.leave(frame, reached.value as Value)
    const action = reached.value
    if (isCall(action)) {
      const call: Call = { frame, history, live, action, child: undefined, returned: new Map() }
      call.child = this.open(action.fn, action.name, action.args, call)
      return call.child
    }
    const node: Node = {
      id: this.nodes.length,
      frame,
      history,
      live,
      action,
      next: new Map(),
      taken: 0,
      origin: undefined,
      lastResult: undefined,
      lastNext: undefined,
    }
    this.nodes.push(node)
    return node
  }

  private leave(frame: Frame, result: Value): Node | Done {
    const call = frame.caller
    if (call === null) return DONE
    refuseObject(frame.name, result)
    if (call.action.kind === 'loop' && result === true) {
      if (call.child === undefined || call.child === DONE)
        throw new Error(`engine: loop(${call.action.name}) has no step and never ends.`)
      return call.child
    }
    const value = call.action.kind === 'loop' ? undefined : result
    const known = call.returned.get(value)
    if (known !== undefined) return known
    const next = this.resume(call, value)
    call.returned.set(value, next)
    return next
  }
}

const isCall = (action: Action): action is CallAction =>
  action.kind === 'call' || action.kind === 'loop'
/** Histories are compared by value. */
function refuseObject(who: string, result: unknown): void {
  if (typeof result === 'object' && result !== null)
    throw new Error(
      `engine: ${who} returned an object. Return a plain value (a reference, a number, a flag): histories are compared by value.`,
    )
}
const labelOf = (action: Action): string =>
  'label' in action ? action.label : `${action.kind} ${action.name}(${action.args.join(', ')})`
