/** Where a layout keeps what is said of the members of a scalarset, and how to exchange it. */
import type { Fields, Layout } from '../state/layout.ts'

export interface Mention {
  readonly word: number
  readonly shift: number
  readonly mask: number
  readonly set: boolean
}
export interface Elements {
  readonly words: Int32Array
  readonly shifts: Int32Array
  /** Bits of an element that lies inside a word; 0: it is `long` whole words. */
  readonly mask: number
  readonly long: number
}
export interface Scalarset {
  readonly domain: string
  /** Its place in an exchange. */
  readonly at: number
  readonly first: number
  readonly size: number
  readonly mentions: readonly Mention[]
  readonly elements: readonly Elements[]
}

export function scalarset(
  layout: Layout<Fields>,
  domain: string,
  at: number,
  first: number,
): Scalarset {
  const size = layout.members(domain).length
  if (size === 0) throw new Error(`engine: scalarset ${domain} has no array of records.`)
  return {
    domain,
    at,
    first,
    size,
    mentions: layout.slots
      .filter((slot) => slot.domain === domain)
      .map(({ word, shift, mask, set = false }) => ({ word, shift, mask, set })),
    elements: layout.blocks
      .filter((block) => block.domain === domain)
      .map(({ places, bits }) => ({
        words: Int32Array.from(places, (place) => place.word),
        shifts: Int32Array.from(places, (place) => place.shift),
        mask: bits >= 32 ? -1 : 2 ** bits - 1,
        long: bits > 32 ? bits / 32 : 0,
      })),
  }
}

/** Is this bit of the vector inside a record of the scalarset? If so, of which member. */
export function memberAt(
  layout: Layout<Fields>,
  domain: string,
  at: { word: number; shift: number },
): number | undefined {
  for (const { domain: its, places, bits } of layout.blocks) {
    if (its !== domain) continue
    const found = places.findIndex(({ word, shift }) =>
      bits > 32
        ? at.word >= word && at.word < word + bits / 32
        : at.word === word && at.shift >= shift && at.shift < shift + bits,
    )
    if (found !== -1) return found
  }
  return undefined
}

export function renameIn(
  words: Uint32Array,
  { word, shift, mask, set }: Mention,
  to: Uint8Array,
): void {
  const raw = (words[word]! >>> shift) & mask
  if (raw === 0) return
  let renamed = 0
  if (!set) renamed = to[raw - 1]! + 1
  else for (let i = 0; i < to.length; i += 1) if ((raw >>> i) & 1) renamed |= 1 << to[i]!
  if (renamed !== raw) words[word] = (words[word]! & ~(mask << shift)) | (renamed << shift)
}

const moved = new Uint32Array(64)
export function moveElements(words: Uint32Array, elements: Elements, to: Uint8Array): void {
  const { words: at, shifts, mask, long } = elements
  for (let n = 0; n < Math.max(1, long); n += 1) {
    for (let i = 0; i < at.length; i += 1)
      moved[to[i]!] = long === 0 ? (words[at[i]!]! >>> shifts[i]!) & mask : words[at[i]! + n]!
    for (let i = 0; i < at.length; i += 1)
      if (long === 0) {
        const word = at[i]!
        words[word] = (words[word]! & ~(mask << shifts[i]!)) | (moved[i]! << shifts[i]!)
      } else words[at[i]! + n] = moved[i]!
  }
}
