/** A closed walk inside a fair component on which everybody who is treated fairly has a turn. */
import type { Fairness } from './fairness.ts'
import type { StateGraph } from './graph.ts'

/**
 * The edges of a short loop through `start`. The component must be one that `fairCycles` found: then
 * there is such a loop, because the walk can always go on to the next turn that is owed.
 * @param wanted when given, one of these actors must act on the loop
 */
export function fairLoop(
  graph: StateGraph,
  component: Int32Array,
  start: number,
  fairness: readonly Fairness[],
  wanted?: readonly boolean[],
): number[] {
  const walk = new Walk(graph, component, start, fairness, wanted)
  do walk.goOn()
  while (walk.owes() || walk.at !== start)
  return walk.edges
}

class Walk {
  readonly edges: number[] = []
  at: number
  private readonly graph: StateGraph
  private readonly start: number
  private readonly fairness: readonly Fairness[]
  private readonly wanted: readonly boolean[] | undefined
  private readonly inside: ReadonlySet<number>
  private readonly enabled = new Set<number>()
  private readonly disabled = new Set<number>()
  private readonly taken = new Set<number>()

  constructor(
    graph: StateGraph,
    component: Int32Array,
    start: number,
    fairness: readonly Fairness[],
    wanted: readonly boolean[] | undefined,
  ) {
    this.graph = graph
    this.start = start
    this.at = start
    this.fairness = fairness
    this.wanted = wanted
    this.inside = new Set(component)
    this.visit(start)
  }

  private visit(state: number): void {
    const here = this.actorsAt(state)
    for (const actor of this.fairness.keys())
      if (here.has(actor)) this.enabled.add(actor)
      else this.disabled.add(actor)
  }
  private actorsAt(state: number): Set<number> {
    const { first, by } = this.graph
    return new Set(by.subarray(first[state]!, first[state + 1]!))
  }

  /** Must this actor still have a turn (or, if weakly fair, be unable to have one for a moment)? */
  private owed(actor: number): boolean {
    if (this.taken.has(actor)) return false
    const kind = this.fairness[actor]
    return (
      (kind === 'strong' && this.enabled.has(actor)) ||
      (kind === 'weak' && !this.disabled.has(actor))
    )
  }
  owes(): boolean {
    return this.wantsMore() || this.fairness.some((_, actor) => this.owed(actor))
  }
  private wantsMore(): boolean {
    return this.wanted !== undefined && ![...this.taken].some((actor) => this.wanted![actor])
  }

  /** To the nearest edge that pays a debt; without debts, back to the start. */
  goOn(): void {
    const owes = this.owes()
    for (const edge of this.nearest((edge) => !owes || this.pays(edge))) {
      this.edges.push(edge)
      this.taken.add(this.graph.by[edge]!)
      this.at = this.graph.to[edge]!
      this.visit(this.at)
    }
  }
  private pays(edge: number): boolean {
    const actor = this.graph.by[edge]!
    if (this.owed(actor) || (this.wantsMore() && this.wanted![actor] === true)) return true
    const able = this.actorsAt(this.graph.to[edge]!)
    return this.fairness.some((kind, it) => kind === 'weak' && this.owed(it) && !able.has(it))
  }

  /** Shortest way along an edge that `ends` it; without debts the edge must also lead to the start. */
  private nearest(ends: (edge: number) => boolean): number[] {
    const { first, to } = this.graph
    const home = !this.owes()
    const cameBy = new Map<number, { edge: number; from: number }>()
    const queue = [this.at]
    const met = new Set(queue)
    for (const state of queue)
      for (let edge = first[state]!; edge < first[state + 1]!; edge += 1) {
        const target = to[edge]!
        if (!this.inside.has(target)) continue
        if (ends(edge) && (!home || target === this.start)) return [...back(cameBy, state), edge]
        if (met.has(target)) continue
        met.add(target)
        cameBy.set(target, { edge, from: state })
        queue.push(target)
      }
    throw new Error('engine: the component is not fair: somebody can never have a turn')
  }
}

function back(cameBy: ReadonlyMap<number, { edge: number; from: number }>, end: number): number[] {
  const edges: number[] = []
  for (let step = cameBy.get(end); step !== undefined; step = cameBy.get(step.from))
    edges.push(step.edge)
  return edges.toReversed()
}
