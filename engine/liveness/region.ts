/**
 * The states a run can be in after a state with `from` while it has not reached `until`, and the
 * shortest way into each.
 */
import type { Eventually } from './fairness.ts'
import type { StateGraph } from './graph.ts'

export interface Region {
  /** 1 for each of its states. States that were not expanded are left out. */
  readonly inside: Uint8Array
  /** Its states, nearest first. */
  readonly nearest: readonly number[]
  /** Moves from the initial state to each of them, at least, by way of `from`. */
  readonly distance: Int32Array
  readonly exercised: boolean
  /** The edges of a run of that many moves. */
  path(state: number): number[]
}

/** Only `from`, and not `until`, holds. */
const FROM = 1
const UNTIL = 2

export function regionOf(graph: StateGraph, property: Eventually): Region {
  const { marks, exercised } = mark(graph, property)
  const { first, to, depth, expanded } = graph
  const inside = new Uint8Array(graph.states)
  const distance = new Int32Array(graph.states)
  const entered = new Int32Array(graph.states).fill(-1)
  const parent = new Int32Array(graph.states).fill(-1)
  const nearest: number[] = []
  let level: number[] = []
  let source = 0
  const enter = (state: number, at: number, into: number[]): void => {
    inside[state] = 1
    distance[state] = at
    nearest.push(state)
    into.push(state)
  }
  for (let at = 0; source < expanded || level.length > 0; at += 1) {
    for (; source < expanded && depth[source] === at; source += 1)
      if (marks[source] === FROM && inside[source] === 0) enter(source, at, level)
    const next: number[] = []
    for (const state of level)
      for (let edge = first[state]!; edge < first[state + 1]!; edge += 1) {
        const target = to[edge]!
        if (target < 0 || target >= expanded || inside[target] === 1) continue
        if ((marks[target]! & UNTIL) !== 0) continue
        entered[target] = edge
        parent[target] = state
        enter(target, at + 1, next)
      }
    level = next
  }
  return { inside, nearest, distance, exercised, path: pathIn(graph, parent, entered) }
}

function mark(graph: StateGraph, property: Eventually): { marks: Uint8Array; exercised: boolean } {
  const marks = new Uint8Array(graph.states)
  let exercised = false
  for (let state = 0; state < graph.states; state += 1) {
    graph.load(state)
    marks[state] = property.until() ? UNTIL : property.from() ? FROM : 0
    exercised ||= property.exercised()
  }
  return { marks, exercised }
}

/** Back along the region to where it was entered, and from there along the graph to the start. */
const pathIn =
  (graph: StateGraph, parent: Int32Array, entered: Int32Array) =>
  (state: number): number[] => {
    const edges: number[] = []
    let at = state
    for (; parent[at]! >= 0; at = parent[at]!) edges.push(entered[at]!)
    for (; graph.parent[at]! >= 0; at = graph.parent[at]!) edges.push(graph.via[at]!)
    return edges.toReversed()
  }
