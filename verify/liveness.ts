/** One design against its promises about the end, on one graph of all its states. */
import type { Eventually } from '../engine/liveness/fairness.ts'
import { buildGraph, type GraphBounds } from '../engine/liveness/build-graph.ts'
import type { Lasso } from '../engine/liveness/lasso.ts'
import { checkEventually, type LivenessResult } from '../engine/liveness/liveness.ts'
import type { Design } from '../model/design.ts'
import { machineOf, type ModelMachine } from '../model/machine.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { livenessProperties, type LivenessProperty } from '../properties/liveness/index.ts'
import { factsOf } from '../properties/property.ts'

export interface LivenessVerdict {
  readonly design: string
  readonly property: string
  /** As of any promise; `vacuous` when its situation was not reached, `unknown` when bounds ended it. */
  readonly outcome: 'holds' | 'violated' | 'vacuous' | 'unknown'
  /** Who is taken to go on; the verdict is about runs in which they do. */
  readonly assumes: string
  readonly lasso?: Lasso
  /** What is owed for ever, for a violation. */
  readonly owes?: string
  readonly exercised: boolean
  /** States in which the promise is open. */
  readonly open: number
}
export interface LivenessReport {
  readonly scope: string
  readonly states: number
  readonly transitions: number
  /** Moves that corrupt memory (a fatal report): what runs do after one is not judged. */
  readonly cut: number
  readonly complete: boolean
  /** What ended the building of the graph when it is not complete. */
  readonly ended?: 'states' | 'memory' | 'time'
  /** Bytes of the graph; checking needs about 50 more per state for a short time. */
  readonly bytes: number
  readonly verdicts: readonly LivenessVerdict[]
}
/** What the scopes `small` and `corner` need many times over. */
export const livenessBounds = {
  states: 20_000_000,
  bytes: 2 ** 31,
  milliseconds: 120_000,
} as const satisfies GraphBounds

/** A promise bound to one machine. */
export function eventually(machine: ModelMachine, property: LivenessProperty): Eventually {
  const facts = factsOf(machine.world)
  const { id, fair, endless, from, until, exercisedBy } = property
  return {
    id,
    fair,
    from: () => from(facts),
    until: () => until(facts),
    exercised: () => exercisedBy.when(facts),
    ...(endless === undefined ? {} : { endless }),
  }
}

/**
 * Builds the graph of a scope within the bounds and decides each promise of the design's family on it.
 * Throws an Error when a lasso it found does not replay: the engine is wrong then, not the design.
 */
export function checkLiveness(
  design: Design,
  scope: Scope,
  bounds: GraphBounds = livenessBounds,
  properties: readonly LivenessProperty[] = livenessProperties,
): LivenessReport {
  const machine = machineOf(design, scope)
  const graph = buildGraph(machine, bounds)
  const verdicts = properties
    .filter(({ families }) => families.includes(design.family))
    .map((property) => {
      const result = checkEventually(machine, graph, eventually(machine, property))
      return verdictOf(machine, design, property, result)
    })
  return {
    scope: scope.name,
    states: graph.states,
    transitions: graph.edges,
    cut: graph.cut,
    complete: graph.ended === undefined,
    ...(graph.ended === undefined ? {} : { ended: graph.ended }),
    bytes: graph.bytes,
    verdicts,
  }
}

/** For a violation the machine's work space still holds the state in which the lasso's loop begins. */
function verdictOf(
  machine: ModelMachine,
  design: Design,
  property: LivenessProperty,
  { outcome, lasso, exercised, open }: LivenessResult,
): LivenessVerdict {
  return {
    design: design.id,
    property: property.id,
    assumes: property.assumes,
    outcome: outcome === 'holds' && !exercised ? 'vacuous' : outcome,
    exercised,
    open,
    ...(lasso === undefined ? {} : { lasso, owes: property.owes(factsOf(machine.world)) }),
  }
}
