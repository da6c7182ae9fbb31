/** Where every context stands: the number of its control state (0: idle), kept in bits of the state vector. */
import type { Footprint, Slot } from '../state/layout.ts'

export class ControlWords {
  /** Where each context keeps it; undefined: it has none. */
  readonly slots: readonly (Slot | undefined)[]
  private readonly words: Uint32Array
  private readonly written: Uint32Array
  private readonly contexts: readonly string[]
  /** The same, as numbers: word, shift and mask of each (mask 0: it has none). */
  private readonly places: Int32Array

  /** @param paths where each context keeps it, as a path of the layout; undefined: it has none */
  constructor(
    contexts: readonly string[],
    paths: readonly (string | undefined)[],
    layout: readonly Slot[],
    words: Uint32Array,
    footprint: Footprint,
  ) {
    this.contexts = contexts
    this.words = words
    this.written = footprint.written
    this.slots = paths.map((path) => {
      const slot = layout.find((it) => it.path === path)
      if (path !== undefined && slot === undefined)
        throw new Error(`engine: the layout has no ${path} for the control state of a context.`)
      return slot
    })
    this.places = Int32Array.from(
      this.slots.flatMap((slot) =>
        slot === undefined ? [0, 0, 0] : [slot.word, slot.shift, slot.mask],
      ),
    )
  }

  /** The control state of a context, read straight from its bits. */
  at(context: number): number {
    const { places } = this
    const at = context * 3
    return (this.words[places[at]!]! >>> places[at + 1]!) & places[at + 2]!
  }
  moveTo(context: number, id: number): void {
    const { places, words } = this
    const at = context * 3
    const word = places[at]!
    const shift = places[at + 1]!
    const mask = places[at + 2]!
    if (id > mask) this.refuse(context, id)
    this.written[word]! |= mask << shift
    words[word] = (words[word]! & ~(mask << shift)) | (id << shift)
  }
  private refuse(context: number, id: number): never {
    const slot = this.slots[context]
    throw new Error(
      slot === undefined
        ? `engine: ${this.contexts[context]} has no control state, and its function has steps.`
        : `engine: ${slot.path} cannot hold control state ${id} (0..${slot.mask}). Widen it in the layout.`,
    )
  }

  /** All of a vector, as text to tell one from another. */
  textOf(vector: Uint32Array): string {
    const { places } = this
    let text = ''
    for (let at = 0; at < places.length; at += 3)
      text += `${(vector[places[at]!]! >>> places[at + 1]!) & places[at + 2]!},`
    return text
  }
}
