/**
 * Random small graphs with named actors, as systems, and a checker of promises on them that knows no
 * algorithm: it tries every set of edges a run could take again and again.
 */
import fc from 'fast-check'
import type { Eventually, Fairness } from '../../engine/liveness/fairness.ts'
import { uint } from '../../engine/state/layout.ts'
import { again, choose, type Steps } from '../../engine/step.ts'
import { event, toy, type Toy, type ToyWorld } from './toy.ts'

const ACTORS = ['a', 'b', 'c']

interface Edge {
  readonly from: number
  readonly to: number
  readonly by: number
}
export interface SmallGraph {
  readonly edges: readonly Edge[]
  readonly fair: readonly Fairness[]
  /** What holds in each state. */
  readonly from: readonly boolean[]
  readonly until: readonly boolean[]
  /** Actors that must not act for ever; none: every run must get to `until`. */
  readonly endless: readonly boolean[] | undefined
}

export const smallGraphs = (states: number, edges: number): fc.Arbitrary<SmallGraph> => {
  const state = fc.nat(states - 1)
  const mostly = (yes: number): fc.Arbitrary<boolean[]> =>
    fc.array(
      fc.nat(99).map((n) => n < yes),
      { minLength: states, maxLength: states },
    )
  return fc.noBias(
    fc.record({
      edges: fc.array(fc.record({ from: state, to: state, by: fc.nat(ACTORS.length - 1) }), {
        minLength: 3,
        maxLength: edges,
        size: 'max',
      }),
      fair: fc.tuple(...ACTORS.map(() => fc.constantFrom<Fairness>('strong', 'weak', 'none'))),
      from: mostly(40),
      until: mostly(15),
      endless: fc.option(fc.tuple(...ACTORS.map(() => fc.boolean())), { nil: undefined, freq: 2 }),
    }),
  )
}

const fields = { at: uint(15) }
type W = ToyWorld<typeof fields>

/** Each actor is a context that has begun to move about for ever; the others wait until all have. */
export function systemOf({ edges }: SmallGraph): Toy<typeof fields> {
  const targets = (from: number, by: number): number[] => [
    ...new Set(edges.filter((edge) => edge.from === from && edge.by === by).map(({ to }) => to)),
  ]
  function* walk(by: number): Steps {
    for (;;) {
      yield* again('for (;;)')
      yield* choose(
        'move',
        (w: W) => (allWalk(w) ? targets(w.s.at, by) : []),
        (w: W, to) => {
          w.s.at = to
        },
      )
    }
  }
  return toy({
    fields,
    contexts: ACTORS,
    starts: ACTORS.map((name, by) => event(by, `${name} comes`, walk, { args: [by] })),
  })
}
const allWalk = (w: W): boolean => ACTORS.every((_, by) => w.task(by).pc !== 0)

export function promiseOf(graph: SmallGraph, machine: Toy<typeof fields>): Eventually {
  const here = (): number => machine.world.s.at
  const { from, until, fair, endless } = graph
  const by = (name: string): number => ACTORS.indexOf(name)
  return {
    id: 'gets there',
    from: () => allWalk(machine.world) && from[here()]!,
    until: () => allWalk(machine.world) && until[here()]!,
    fair: ({ name }) => fair[by(name)]!,
    exercised: () => true,
    ...(endless === undefined ? {} : { endless: ({ name }) => endless[by(name)] ?? false }),
  }
}

/** Is there a fair run that never gets there? */
export function neverGetsThere(graph: SmallGraph): boolean {
  const { edges, endless } = graph
  const open = openStates(graph)
  const stops = [...open].some((state) =>
    edges.every((edge) => edge.from !== state || graph.fair[edge.by] === 'none'),
  )
  if (stops && endless === undefined) return true
  const inside = edges.filter((edge) => open.has(edge.from) && open.has(edge.to))
  for (let set = 1; set < 1 << inside.length; set += 1) {
    const taken = inside.filter((_, i) => ((set >>> i) & 1) === 1)
    const acted = endless === undefined || taken.some((edge) => endless[edge.by])
    if (acted && isRound(taken) && isFair(graph, taken)) return true
  }
  return false
}

function openStates({ edges, from, until }: SmallGraph): Set<number> {
  const reached = grow(edges, new Set([0]))
  const sources = [...reached].filter((state) => from[state] && !until[state])
  const open = edges.filter((edge) => !until[edge.to])
  return grow(open, new Set(sources))
}
function grow(edges: readonly Edge[], states: Set<number>): Set<number> {
  for (let before = -1; before !== states.size;) {
    before = states.size
    for (const edge of edges) if (states.has(edge.from)) states.add(edge.to)
  }
  return states
}
const touched = (edges: readonly Edge[]): Set<number> =>
  new Set(edges.flatMap(({ from, to }) => [from, to]))
/** Does each state that these edges touch lead to every other, along them? */
const isRound = (edges: readonly Edge[]): boolean => {
  const all = touched(edges)
  return [...all].every((state) => grow(edges, new Set([state])).size === all.size)
}
const isFair = ({ edges, fair }: SmallGraph, taken: readonly Edge[]): boolean =>
  fair.every((kind, actor) => {
    if (kind === 'none' || taken.some(({ by }) => by === actor)) return true
    const able = [...touched(taken)].map((state) =>
      edges.some(({ from, by }) => from === state && by === actor),
    )
    return kind === 'strong' ? !able.includes(true) : able.includes(false)
  })
