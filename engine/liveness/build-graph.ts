/** Explores a system breadth-first and keeps every move, for what must be asked of whole runs. */
import { actorOf, type Actor } from './fairness.ts'
import { NOWHERE, type StateGraph } from './graph.ts'
import { Integers } from '../state/integers.ts'
import { VisitedSet } from '../state/visited-set.ts'
import type { MoveName, System } from '../system.ts'

export interface GraphBounds {
  /** Stop after this many stored states. */
  readonly states: number
  /** Stop when the graph holds this many bytes. */
  readonly bytes?: number
  /** Wall-clock limit in milliseconds. */
  readonly milliseconds?: number
}
/** The reachable states within the bounds. A fatal report ends a path. */
export function buildGraph(system: System, bounds: GraphBounds): StateGraph {
  return new Builder(system).run(bounds)
}

class Builder {
  private readonly system: System
  private readonly visited: VisitedSet
  private readonly source: Uint32Array
  private readonly first = new Integers()
  private readonly to = new Integers()
  private readonly by = new Integers()
  private readonly parent = new Integers()
  private readonly via = new Integers()
  private readonly depth = new Integers()
  private readonly actors: Actor[] = []
  private readonly numbers = new Map<string, number>()
  private cut = 0
  private picks = new Int32Array(64)

  constructor(system: System) {
    this.system = system
    system.caching = true
    this.visited = new VisitedSet(system.words.length)
    this.source = new Uint32Array(system.words.length)
  }

  run(bounds: GraphBounds): StateGraph {
    this.system.reset()
    this.store(-1, -1, 0)
    const deadline = Date.now() + (bounds.milliseconds ?? Number.POSITIVE_INFINITY)
    let ended: StateGraph['ended']
    let expanded = 0
    for (; expanded < this.visited.size; expanded += 1) {
      if ((expanded & 63) === 0) ended = this.ended(bounds, deadline)
      if (ended !== undefined) break
      this.expand(expanded)
    }
    this.first.push(this.to.length)
    return this.graph(expanded, ended)
  }

  private ended(bounds: GraphBounds, deadline: number): StateGraph['ended'] {
    if (this.visited.size >= bounds.states) return 'states'
    if (bounds.bytes !== undefined && this.bytes > bounds.bytes) return 'memory'
    return Date.now() > deadline ? 'time' : undefined
  }
  private get bytes(): number {
    const { first, to, by, parent, via, depth } = this
    const arrays = [first, to, by, parent, via, depth]
    return this.visited.bytes + arrays.reduce((sum, array) => sum + array.bytes, 0)
  }

  private expand(state: number): void {
    const { system, source } = this
    this.visited.load(state, source)
    system.words.set(source)
    const count = system.enabled()
    if (count > this.picks.length) this.picks = new Int32Array(count * 2)
    for (let i = 0; i < count; i += 1) this.picks[i] = system.moves[i]!
    this.first.push(this.to.length)
    const depth = this.depth.at(state) + 1
    for (let i = 0; i < count; i += 1) {
      if (i > 0) system.words.set(source)
      this.by.push(this.actor(this.picks[i]!))
      system.fire(this.picks[i]!)
      const edge = this.to.length
      const fatal = system.reports.some((report) => report.fatal)
      if (fatal) this.cut += 1
      this.to.push(fatal ? NOWHERE : this.store(state, edge, depth))
    }
  }

  /** The number of the state in the work space. */
  private store(parent: number, via: number, depth: number): number {
    const number = this.visited.intern(this.system.words)
    if (this.visited.isNew) {
      this.parent.push(parent)
      this.via.push(via)
      this.depth.push(depth)
    }
    return number
  }

  private actor(move: number): number {
    const { key, actor } = actorOf(this.system, move)
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.actors.length)
    return this.actors.push(actor) - 1
  }

  private graph(expanded: number, ended: StateGraph['ended']): StateGraph {
    const { visited, system } = this
    const [first, to] = [this.first.values(), this.to.values()]
    const load = (state: number): void => visited.load(state, system.words)
    const names = (edges: readonly number[], from: number): MoveName[] => {
      let state = from
      return edges.map((edge) => {
        load(state)
        system.enabled()
        const name = system.name(system.moves[edge - first[state]!]!)
        state = to[edge]!
        return name
      })
    }
    return {
      states: visited.size,
      expanded,
      edges: to.length,
      cut: this.cut,
      ...(ended === undefined ? {} : { ended }),
      first,
      to,
      by: this.by.values(),
      actors: this.actors,
      parent: this.parent.values(),
      via: this.via.values(),
      depth: this.depth.values(),
      bytes: this.bytes,
      load,
      names,
    }
  }
}
