/** The symmetry of a machine: which of its starts and control states are images of each other. */
import { DONE, type Automaton, type Node } from './automaton.ts'
import { ControlImages } from './control-images.ts'
import type { Fields, Layout, Slot } from '../state/layout.ts'
import type { Value } from '../step.ts'
import { memberAt } from '../symmetry/scalarset.ts'
import { exchanged, Symmetry } from '../symmetry/canonical.ts'
import type { Exchange } from '../symmetry/control.ts'

interface Begin {
  readonly context: number
  readonly name: string
  readonly args: readonly Value[]
  readonly says?: string
}
export interface Exchanged {
  readonly layout: Layout<Fields>
  /** Where each context keeps its control state. */
  readonly slots: readonly (Slot | undefined)[]
  readonly starts: readonly Begin[]
  readonly automaton: Automaton
  /** Where the function of a start begins. */
  first(start: number): Node | typeof DONE
}

/** Undefined when no two members of anything are interchangeable. */
export function symmetryOf(machine: Exchanged): Symmetry | undefined {
  const { layout, slots, automaton } = machine
  if ([...layout.scalarsets.keys()].every((it) => layout.members(it).length < 2)) return undefined
  const images = new ControlImages(automaton, (start, exchange) =>
    machine.first(startImage(machine, start, exchange)),
  )
  return new Symmetry(layout, {
    slots,
    mentions: (id) => images.mentions(id),
    image: (id, exchange) => images.image(id, exchange),
  })
}

/** The start of the same name with the members exchanged, its context among them. */
function startImage(machine: Exchanged, index: number, exchange: Exchange): number {
  const { name, args, context, says } = machine.starts[index]!
  const wanted = args.map((value) => exchanged(value, exchange))
  const where = contextImage(machine, context, exchange)
  const image = machine.starts.findIndex(
    (start) =>
      start.name === name &&
      start.context === where &&
      start.args.length === wanted.length &&
      start.args.every((value, i) => value === wanted[i]),
  )
  if (image === -1)
    throw new Error(
      `engine: there is no event "${name}" for every member: with two of them exchanged, ${JSON.stringify(says)} has no counterpart. Offer it for each, or do not call them interchangeable.`,
    )
  return image
}

/** A context whose control state lies in the record of a member goes where the member goes. */
function contextImage({ layout, slots }: Exchanged, context: number, exchange: Exchange): number {
  const slot = slots[context]
  if (slot === undefined) return context
  for (const [at, domain] of [...layout.scalarsets.keys()].entries()) {
    const of = slots.map((it) => (it === undefined ? undefined : memberAt(layout, domain, it)))
    const member = of[context]
    if (member === undefined) continue
    // A member may have several contexts: the first goes to the first, and so on.
    const nth = of.slice(0, context).filter((it) => it === member).length
    const there = [...of.keys()].filter((other) => of[other] === exchange[at]![member])
    return there[nth]!
  }
  return context
}
