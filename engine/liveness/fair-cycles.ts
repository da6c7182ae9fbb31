/**
 * Where a fair run can stay for ever: the strongly connected parts of a region in which nobody who is
 * treated fairly is left out. A strongly fair actor that some state enables and no edge inside serves
 * can only be left out by keeping away from those states, so they are removed and the rest is looked
 * at again (Emerson and Lei 1987).
 */
import { Components } from './components.ts'
import type { Fairness } from './fairness.ts'
import type { StateGraph } from './graph.ts'

/** What a component offers each actor. */
interface Tally {
  /** In how many of its states the actor can move. */
  readonly enabled: Int32Array
  /** On how many of its edges it does. */
  readonly taken: Int32Array
}

/**
 * The maximal sets of states that a fair run can visit again and again without leaving the region.
 * @param region 1 for each state of the region
 * @param fairness of each actor of the graph
 * @param wanted when given, only sets with an edge of such an actor
 */
export function fairCycles(
  graph: StateGraph,
  region: Uint8Array,
  fairness: readonly Fairness[],
  wanted?: readonly boolean[],
): Int32Array[] {
  const part = new Int32Array(graph.states)
  const components = new Components(graph)
  const found: Int32Array[] = []
  const todo = [Int32Array.from(statesOf(region))]
  let id = 0
  for (let members = todo.pop(); members !== undefined; members = todo.pop()) {
    id += 1
    for (const state of members) part[state] = id
    for (const component of components.of(members, part, id)) {
      if (component.length === 1 && !loops(graph, component[0]!)) continue
      id += 1
      for (const state of component) part[state] = id
      const tally = tallyOf(graph, component, part, id)
      if (wanted?.some((it, actor) => it && tally.taken[actor]! > 0) === false) continue
      const starved = fairness.map((kind, actor) => starves(kind, tally, actor, component.length))
      const hopeless = starved.some((it, actor) => it && fairness[actor] === 'weak')
      if (!starved.includes(true)) found.push(component)
      else if (!hopeless) todo.push(component.filter((state) => !enables(graph, state, starved)))
    }
  }
  return found
}

function* statesOf(region: Uint8Array): Generator<number> {
  for (let state = 0; state < region.length; state += 1) if (region[state] === 1) yield state
}

/** Does an edge lead from this state to itself? */
const loops = (graph: StateGraph, state: number): boolean =>
  graph.to.subarray(graph.first[state]!, graph.first[state + 1]!).includes(state)

const starves = (kind: Fairness, tally: Tally, actor: number, states: number): boolean =>
  tally.taken[actor] === 0 &&
  ((kind === 'strong' && tally.enabled[actor]! > 0) ||
    (kind === 'weak' && tally.enabled[actor] === states))

function tallyOf(graph: StateGraph, states: Int32Array, part: Int32Array, id: number): Tally {
  const { first, to, by, actors } = graph
  const enabled = new Int32Array(actors.length)
  const taken = new Int32Array(actors.length)
  const last = new Int32Array(actors.length).fill(-1)
  for (const state of states)
    for (let edge = first[state]!; edge < first[state + 1]!; edge += 1) {
      const actor = by[edge]!
      if (last[actor] !== state) enabled[actor]! += 1
      last[actor] = state
      if (to[edge]! >= 0 && part[to[edge]!] === id) taken[actor]! += 1
    }
  return { enabled, taken }
}

/** Can one of these actors move here? */
export function enables(graph: StateGraph, state: number, actors: readonly boolean[]): boolean {
  for (let edge = graph.first[state]!; edge < graph.first[state + 1]!; edge += 1)
    if (actors[graph.by[edge]!] === true) return true
  return false
}
