/** Where fields lie in a vector of words: no scalar straddles two of them. */

/** A place in a vector: a word and a bit in it. A record of several words always starts at bit 0. */
export interface Place {
  readonly word: number
  readonly shift: number
}
export const maskOf = (bits: number): number => (bits === 32 ? 0xffffffff : 2 ** bits - 1)
export const offset = (base: Place, at: Place): Place => ({
  word: base.word + at.word,
  shift: base.shift + at.shift,
})

/** Puts what fits in one word into the first word with room, and what does not into words of its own. */
export class Packer {
  private readonly used: number[] = []
  place(bits: number): Place {
    let word = this.used.findIndex((used) => used + bits <= 32)
    if (word === -1) word = this.used.push(0) - 1
    const shift = this.used[word]!
    this.used[word] = shift + bits
    return { word, shift }
  }
  block(words: number): Place {
    const word = this.used.length
    for (let i = 0; i < words; i += 1) this.used.push(32)
    return { word, shift: 0 }
  }
  room(it: { bits: number; words: number }): Place {
    return it.words > 1 ? this.block(it.words) : this.place(it.bits)
  }
  get words(): number {
    return this.used.length
  }
  get bits(): number {
    return this.used.length > 1 ? this.used.length * 32 : (this.used[0] ?? 0)
  }
}
