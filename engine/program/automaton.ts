/**
 * Coroutines become automata. A thread's control state is the interned history of the values its
 * steps returned since the innermost function began, together with where each caller stands. Each
 * distinct history is run once; after that a step is: look up the node by its integer, run its
 * closure on the state, look up the successor.
 */
import { originalOf } from '../authoring/made.ts'
import { BrokeOff } from '../authoring/misuse.ts'
import type { StepAction, Steps, Value } from '../step.ts'
import { CAPTURED, isCall, labelOf, returnOf } from './actions.ts'
import {
  DONE,
  NOTHING_CROSSED,
  type Arrival,
  type At,
  type AutomatonOptions,
  type Call,
  type Crossing,
  type Done,
  type Frame,
  type Head,
  type Instrument,
  type Journal,
  type Node,
  type Reached,
  type Run,
} from './control-states.ts'
import { HISTORY_LIMIT, Runner } from './runner.ts'

export { DONE, type Crossing, type Instrument, type Journal, type Node } from './control-states.ts'

const DEPTH_LIMIT = 100
/** Every n-th new history is run again from the start and compared. */
const SAMPLE = 16
/** Longer histories are not run again for every state they are met in. */
const AUDITED = 200

export class Automaton {
  private readonly self: object
  private readonly instrument: Instrument | undefined
  /** Functions whose entries and returns are told. */
  private readonly observed: ReadonlySet<string>
  /** What the last way in by `enter` crossed. */
  crossedAtEntry = NOTHING_CROSSED
  private nodes: (Node | undefined)[] = [undefined]
  private interned = 0
  journal: Journal | undefined
  /** Where each function went on to when its step was truly taken, by control state and result. */
  private readonly heard = new Map<number, Map<Value, string>>()
  /** Runs their text. */
  readonly runner: Runner
  constructor(self: object, options: AutomatonOptions = {}) {
    this.self = self
    this.instrument = options.instrument
    this.observed = options.observed ?? new Set()
    this.runner = new Runner(options)
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
    this.runner.refuseObject(`${node.frame.name} › ${node.action.label}`, result, node)
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
      throw this.runner.misuse(
        `${name}() is ${depth} calls deep${caller === null ? '' : this.runner.placeOfNode(caller)}. Does it call itself without end?`,
      )
    const start = (): Run => fn.apply(this.self, args as never[]) as Run
    const instrument = this.instrument
    const frame: Frame = {
      name,
      args,
      caller,
      open: instrument === undefined ? start : () => instrument(name, start, args),
    }
    const live = this.runner.begin(frame)
    const arrival = this.settle(
      frame,
      [],
      [],
      live,
      this.runner.go(frame, live, undefined, undefined),
    )
    return this.crossing({ fn: name, args, left: undefined }, arrival)
  }
  private crossing(it: Crossing, { next, crossed }: Arrival): Arrival {
    return this.observed.has(it.fn) ? { next, crossed: [it, ...crossed] } : { next, crossed }
  }

  private resume(from: At, result: Value): Arrival {
    const history = [...from.history, result]
    if (history.length > HISTORY_LIMIT)
      throw this.runner.misuse(
        `${from.frame.name} took more than ${HISTORY_LIMIT} steps without returning${this.runner.placeOfNode(from)}. Bound the loop by the scope, begin each round with again(), or wait with when().`,
      )
    let live = from.live
    from.live = undefined
    this.interned += 1
    if (live === undefined || this.interned % SAMPLE === 0) live = this.runner.replay(from)
    const reached = this.runner.go(from.frame, live, from, result)
    return this.settle(from.frame, history, from.heads, live, reached)
  }

  /**
   * Takes the step of a control state by a run of its function that got the results alone until then, and
   * sees whether it goes on as other runs do after the same result. What a step leaves in a variable of its
   * function shows: the run that is compared with first never takes it.
   * @param effect takes the step, with the function of it that is given
   */
  audit(node: Node, effect: (action: StepAction) => Value): Value {
    if (node.history.length > AUDITED) return effect(node.action)
    const live = this.runner.replay(node)
    const result = effect(this.runner.lastReached as StepAction)
    const says = this.goesOnTo(node, live, result)
    const heard = this.heard.get(node.id) ?? new Map<Value, string>()
    this.heard.set(node.id, heard)
    const expected = heard.get(result) ?? this.goesOnTo(node, this.runner.replay(node), result)
    heard.set(result, says)
    if (says !== expected)
      throw this.runner.misuse(
        `${node.frame.name} is not deterministic: after the step "${node.action.label}" returned ${String(result)} it went on to "${says}", and at another time to "${expected}". The step leaves something where it is read outside it${this.runner.placeOfNode(node)}. ${CAPTURED}`,
      )
    return result
  }
  private goesOnTo(node: Node, live: Run, result: Value): string {
    try {
      const reached = this.runner.go(node.frame, live, node, result)
      return reached.done === true ? returnOf(reached.value) : labelOf(reached.value)
    } catch (error) {
      // It is said when the function truly gets there.
      if (error instanceof BrokeOff) return 'throw'
      throw error
    }
  }

  /** Follows calls, returns and loops until the thread stands before a step. */
  private settle(
    frame: Frame,
    history: readonly Value[],
    heads: readonly Head[],
    live: Run,
    reached: Reached,
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
      const further = this.runner.go(frame, live, point, this.runner.passed(action))
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
  private round(point: At, label: string, live: Run): Arrival {
    const { frame, history, heads } = point
    const known = heads.find((head) => head.label === label)
    if (known?.arrival === undefined && known !== undefined)
      throw this.runner.misuse(
        `the loop "${label}" of ${frame.name}() has a round without a step${this.runner.placeOfNode(point)} and never ends. Leave the loop when there is nothing left.`,
      )
    const reached = this.runner.go(frame, live, point, undefined)
    const first = reached.done === true ? returnOf(reached.value) : labelOf(reached.value)
    if (known?.arrival !== undefined) {
      if (known.first === first) return known.arrival
      throw this.runner.misuse(
        `the loop "${label}" of ${frame.name}() carries something from one round to the next${this.runner.placeOfNode(point)}: a round began with "${known.first}" and a later one with "${first}". What a round learnt is forgotten: keep it in a field, or bound the loop by the scope and leave again() out.`,
      )
    }
    const head: Head = { label, first, arrival: undefined }
    head.arrival = this.settle(frame, history, [...heads, head], live, reached)
    return head.arrival
  }

  private leave(frame: Frame, result: Value): Arrival {
    const left: Crossing = { fn: frame.name, args: frame.args, left: { result } }
    const call = frame.caller
    if (call === null) return this.crossing(left, { next: DONE, crossed: NOTHING_CROSSED })
    this.runner.refuseObject(frame.name, result)
    const known = call.returned.get(result) ?? this.resume(call, result)
    call.returned.set(result, known)
    return this.crossing(left, known)
  }
}
