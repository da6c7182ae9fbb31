/** Strongly connected components of a part of a graph (Tarjan 1972), without recursion. */
import type { StateGraph } from './graph.ts'

export class Components {
  private readonly graph: StateGraph
  /** Order of discovery, from 1; 0 not met. */
  private readonly order: Int32Array
  private readonly low: Int32Array
  /** The next edge to follow from a state on the path. */
  private readonly cursor: Int32Array
  private readonly path: Int32Array
  private readonly stack: Int32Array
  private readonly waiting: Uint8Array
  private deep = 0
  private high = 0
  private clock = 0

  constructor(graph: StateGraph) {
    this.graph = graph
    this.order = new Int32Array(graph.states)
    this.low = new Int32Array(graph.states)
    this.cursor = new Int32Array(graph.states)
    this.path = new Int32Array(graph.states)
    this.stack = new Int32Array(graph.states)
    this.waiting = new Uint8Array(graph.states)
  }

  /**
   * The components of the states in `members`, all of which have `part[state] === id` and no others
   * have. Edges to other parts are not followed.
   */
  of(members: Int32Array, part: Int32Array, id: number): Int32Array[] {
    for (const state of members) this.order[state] = 0
    this.clock = 0
    const found: Int32Array[] = []
    for (const root of members) if (this.order[root] === 0) this.walk(root, part, id, found)
    return found
  }

  private walk(root: number, part: Int32Array, id: number, found: Int32Array[]): void {
    const { first, to } = this.graph
    const { order, low, cursor, path, waiting } = this
    this.enter(root)
    while (this.deep > 0) {
      const state = path[this.deep - 1]!
      const edge = cursor[state]!
      if (edge === first[state + 1]!) {
        this.leave(state, found)
        continue
      }
      cursor[state] = edge + 1
      const next = to[edge]!
      if (next < 0 || part[next] !== id) continue
      if (order[next] === 0) this.enter(next)
      else if (waiting[next] === 1 && order[next]! < low[state]!) low[state] = order[next]!
    }
  }

  private enter(state: number): void {
    this.clock += 1
    this.order[state] = this.clock
    this.low[state] = this.clock
    this.cursor[state] = this.graph.first[state]!
    this.waiting[state] = 1
    this.path[this.deep++] = state
    this.stack[this.high++] = state
  }

  private leave(state: number, found: Int32Array[]): void {
    const { order, low, path, stack, waiting } = this
    this.deep -= 1
    if (this.deep > 0) {
      const caller = path[this.deep - 1]!
      if (low[state]! < low[caller]!) low[caller] = low[state]!
    }
    if (low[state] !== order[state]) return
    let bottom = this.high
    do {
      bottom -= 1
      waiting[stack[bottom]!] = 0
    } while (stack[bottom] !== state)
    found.push(stack.slice(bottom, this.high))
    this.high = bottom
  }
}
