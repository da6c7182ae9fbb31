/** Text that outlives the chunk it was read in: a slice that is kept would keep all of that. */

/** The same text, apart from the chunk it was cut out of. */
export const ownText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** More texts than this and all are forgotten. */
const MOST = 10_000

/** Texts of which many are the same, as names and stacks: one copy of each. */
export class OwnTexts {
  private readonly known = new Map<string, string>()

  of(text: string): string {
    const known = this.known.get(text)
    if (known !== undefined) return known
    if (this.known.size > MOST) this.known.clear()
    const own = ownText(text)
    this.known.set(own, own)
    return own
  }
}
