/** The words of a recorded command: `put p0 3,5 ring sync=100`. */
import { shortened } from '../files/printable.ts'

/** A command that is not of the protocol, said in one line. */
export class UnknownCommand extends Error {
  override readonly name = 'UnknownCommand'
}

export class CommandLine {
  readonly verb: string
  private readonly words: readonly string[]
  private readonly options = new Map<string, string>()
  private at = 0

  constructor(readonly text: string) {
    const [verb = '', ...rest] = text.trim().split(/\s+/)
    this.verb = verb
    this.words = rest.filter((word) => !word.includes('='))
    for (const word of rest) {
      const equals = word.indexOf('=')
      if (equals > 0) this.options.set(word.slice(0, equals), word.slice(equals + 1))
    }
  }

  /** The next word that is no option. */
  word(what: string): string {
    const word = this.words[this.at]
    if (word === undefined) throw this.refuse(`names no ${what}`)
    this.at += 1
    return word
  }
  optionalWord(): string | undefined {
    const word = this.words[this.at]
    if (word !== undefined) this.at += 1
    return word
  }
  number(what: string): number {
    return this.toNumber(this.word(what), what)
  }
  optionalNumber(otherwise: number): number {
    const word = this.optionalWord()
    return word === undefined ? otherwise : this.toNumber(word, 'number')
  }
  /** Is this word among those left? */
  has(word: string): boolean {
    return this.words.includes(word, this.at)
  }
  option(name: string): string | undefined {
    return this.options.get(name)
  }
  numberOption(name: string, otherwise: number): number {
    const value = this.options.get(name)
    return value === undefined ? otherwise : this.toNumber(value, name)
  }
  /** `5`, `5,7,9`, `0-63` or `63-0`, in the order they are written; asked for one by one, as a range is short to write. */
  *pages(): Generator<number> {
    for (const part of this.word('page').split(',')) {
      const [from, to] = part.split('-').map((it) => this.toNumber(it, 'page'))
      const step = to !== undefined && to < from! ? -1 : 1
      for (let page = from!; ; page += step) {
        yield page
        if (page === (to ?? from)) break
      }
    }
  }
  refuse(why: string): UnknownCommand {
    return new UnknownCommand(`command "${shortened(this.text)}" ${why}`)
  }
  private toNumber(word: string, what: string): number {
    const value = Number(word)
    if (!/^-?\d+$/.test(word) || !Number.isSafeInteger(value))
      throw this.refuse(`has "${shortened(word)}" where a ${what} should be`)
    return value
  }
}
