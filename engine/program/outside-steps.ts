/** State that is touched where it may not be: outside steps, in guards, or beside the fields. */
import type { Footprint } from '../state/layout.ts'
import { forgetMade, notePlaces, untaken } from '../authoring/made.ts'
import { Misuse } from '../authoring/misuse.ts'

export const GUARDS_ONLY_LOOK =
  'it writes to the world. It is asked whether the step can be taken, as often as anybody likes: move what it does into the effect.'

/** A write to an object that was closed because nothing may be kept there: the design, or the world. */
export const isKeeping = (error: unknown): error is TypeError =>
  error instanceof TypeError && /not extensible|read only property/.test(error.message)
export const keeps = ({ message, stack }: TypeError): Misuse =>
  Object.assign(
    new Misuse(
      `something is kept outside the fields (${message}). It would be in no state, and one run would see what another left: declare a field for it in "fields" of the design.`,
    ),
    { stack },
  )

/** A step has made another. @param again takes it once more, to learn where */
export function nestedStep(again: () => void): Misuse {
  const { says } = untaken()!
  forgetMade()
  notePlaces(true)
  try {
    again()
  } catch {
    // It is said without the place.
  }
  notePlaces(false)
  return new Misuse(
    `it makes ${says}, and a step is done at once: it cannot take another. Take that one in the function, with yield* in front of it.`,
    { cause: untaken()?.place },
  )
}

/** What is done to the state while the text of a function runs, between two steps. */
export class Watch {
  private readonly words: Uint32Array
  private readonly footprint: Footprint
  private readonly before: Uint32Array
  private readonly read: Uint32Array
  constructor(words: Uint32Array, footprint: Footprint) {
    this.words = words
    this.footprint = footprint
    this.before = words.slice()
    this.read = words.slice()
  }
  begin(): void {
    this.before.set(this.words)
    this.read.set(this.footprint.read)
  }
  /** What was done since: reads are seen only while views note them. */
  end(): string | undefined {
    const { words, before, read, footprint } = this
    for (let n = 0; n < words.length; n += 1) {
      if (words[n] !== before[n]) return 'writes to the world'
      if (footprint.read[n] !== read[n]) return 'reads the world'
    }
    return undefined
  }
}
