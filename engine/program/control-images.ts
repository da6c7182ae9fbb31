/**
 * How the permutations of the members of a scalarset act on control states. A function treats members alike,
 * so the image of a place in it is where the exchanged arguments and results lead.
 */
import { DONE, type Automaton, type Node } from './automaton.ts'
import { isMember, scalarsetOf, indexOf } from '../state/layout.ts'
import type { Value } from '../step.ts'
import { exchanged } from '../symmetry/canonical.ts'
import type { Exchange } from '../symmetry/control.ts'

/** Members a control state may mention: 5 bits of a key for each, within 2^53. */
const MENTIONS = 10
interface Known {
  readonly mentions: readonly number[]
  /** By what the mentioned members become. */
  readonly images: Map<number, Node>
}

export class ControlImages {
  private readonly automaton: Automaton
  /** The first step of a start in which the members are exchanged. */
  private readonly rootImage: (start: number, exchange: Exchange) => Node | typeof DONE
  private readonly known: (Known | undefined)[] = []

  constructor(
    automaton: Automaton,
    rootImage: (start: number, exchange: Exchange) => Node | typeof DONE,
  ) {
    this.automaton = automaton
    this.rootImage = rootImage
  }

  mentions(id: number): readonly number[] {
    return this.of(id).mentions
  }
  image(id: number, exchange: Exchange): number {
    return this.nodeImage(this.automaton.node(id), exchange).id
  }

  private of(id: number): Known {
    return (this.known[id] ??= {
      mentions: mentionsOf(this.automaton.node(id)),
      images: new Map(),
    })
  }
  private nodeImage(node: Node, exchange: Exchange): Node {
    const { mentions, images } = this.of(node.id)
    if (mentions.length > MENTIONS)
      throw new Error(
        `engine: ${node.frame.name} holds ${mentions.length} members at once, ${MENTIONS} at most with symmetry.`,
      )
    let key = 0
    let same = true
    for (let i = 0; i < mentions.length; i += 1) {
      const member = mentions[i]!
      const to = exchange[scalarsetOf(member)]![indexOf(member)]!
      same &&= to === indexOf(member)
      key = key * 32 + to
    }
    if (same) return node
    const known = images.get(key)
    if (known !== undefined) return known
    const { origin } = node
    if (origin === undefined) throw new Error(`engine: control state ${node.id} has no origin.`)
    const image =
      'start' in origin
        ? this.rootImage(origin.start, exchange)
        : this.automaton.advance(
            this.nodeImage(origin.before, exchange),
            exchanged(origin.result, exchange),
          )
    if (image === DONE || image.action.label !== node.action.label)
      throw new Error(
        `engine: ${node.frame.name} treats interchangeable members differently: with two of them exchanged it reaches ${image === DONE ? 'its end' : `"${image.action.label}"`} where it had reached "${node.action.label}".`,
      )
    images.set(key, image)
    return image
  }
}

/** Each member once, in the order in which the function and its callers met them. */
function mentionsOf(node: Node): readonly number[] {
  const found = new Set<number>()
  const note = (value: Value): void => {
    if (isMember(value)) found.add(value)
  }
  let at: { frame: Node['frame']; history: Node['history'] } | null = node
  for (; at !== null; at = at.frame.caller) {
    at.frame.args.forEach(note)
    at.history.forEach(note)
  }
  return [...found]
}
