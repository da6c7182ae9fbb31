/**
 * Does every fair run get where it was promised to? A counterexample is a lasso: a stem, and a loop
 * that goes round for ever although everybody who must have a turn has one; or a run that stops, its
 * loop empty, because nobody who must go on can.
 */
import { fairCycles, enables } from './fair-cycles.ts'
import { fairLoop } from './fair-loop.ts'
import { fairnessOf, type Eventually, type Fairness } from './fairness.ts'
import type { StateGraph } from './graph.ts'
import { checkLasso, type Lasso } from './lasso.ts'
import { regionOf, type Region } from './region.ts'
import type { Describe, Explore } from '../system.ts'

export interface LivenessResult {
  readonly id: string
  /**
   * `holds`: every state was looked at. `violated`: `lasso` shows it. `unknown`: the graph is not
   * complete, and what there is of it shows no violation.
   */
  readonly outcome: 'holds' | 'violated' | 'unknown'
  readonly lasso?: Lasso
  readonly exercised: boolean
  /** States in which the promise is open: `from` was met and `until` was not yet. */
  readonly open: number
}

/** Entries into fair components from which a loop is built; the shortest lasso is kept. */
const TRIES = 32

/**
 * Decides one promise on a graph built from the same system. What the graph does not reach is taken
 * to keep the promise, so a violation is one of the whole system even when the graph is not complete.
 */
export function checkEventually(
  system: Explore & Describe,
  graph: StateGraph,
  property: Eventually,
): LivenessResult {
  const region = regionOf(graph, property)
  const edges = shortest(graph, region, property)
  const { exercised, nearest } = region
  const rest = { id: property.id, exercised, open: nearest.length }
  if (edges === undefined)
    return { ...rest, outcome: graph.ended === undefined ? 'holds' : 'unknown' }
  const { stem, loop, at } = edges
  const lasso = { stem: graph.names(stem, 0), loop: graph.names(loop, at) }
  const wrong = checkLasso(system, property, lasso)
  if (wrong !== undefined) throw new Error(`engine: the lasso of ${property.id} is wrong: ${wrong}`)
  return { ...rest, outcome: 'violated', lasso }
}

interface Edges {
  readonly stem: number[]
  readonly loop: number[]
  /** The state where the loop begins and ends. */
  readonly at: number
}

function shortest(graph: StateGraph, region: Region, property: Eventually): Edges | undefined {
  const fairness = graph.actors.map((actor) => fairnessOf(property, actor))
  const wanted = property.endless && graph.actors.map((actor) => property.endless!(actor))
  const stop = wanted === undefined ? stopsAt(graph, region, fairness) : undefined
  let best: Edges | undefined
  if (stop !== undefined) best = { stem: region.path(stop), loop: [], at: stop }
  const components = fairCycles(graph, region.inside, fairness, wanted)
  for (const { component, entry } of entries(region, components)) {
    if (best !== undefined && lengthOf(best) <= region.distance[entry]!) break
    const loop = fairLoop(graph, component, entry, fairness, wanted)
    const one = { stem: region.path(entry), loop, at: entry }
    if (best === undefined || lengthOf(one) < lengthOf(best)) best = one
  }
  return best
}
const lengthOf = ({ stem, loop }: Edges): number => stem.length + loop.length

/** The nearest state in which nobody who must go on can. */
function stopsAt(
  graph: StateGraph,
  region: Region,
  fairness: readonly Fairness[],
): number | undefined {
  const fair = fairness.map((kind) => kind !== 'none')
  return region.nearest.find((state) => !enables(graph, state, fair))
}

/** The nearest states of the components. */
function* entries(
  region: Region,
  components: readonly Int32Array[],
): Generator<{ component: Int32Array; entry: number }> {
  const of = new Map<number, Int32Array>()
  for (const component of components) for (const state of component) of.set(state, component)
  if (of.size === 0) return
  let left = TRIES
  for (const entry of region.nearest) {
    const component = of.get(entry)
    if (component === undefined) continue
    yield { component, entry }
    left -= 1
    if (left === 0) return
  }
}
