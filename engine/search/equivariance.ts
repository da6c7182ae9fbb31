/**
 * A symmetry may be used only if exchanging members changes nothing but names: what a state leads to,
 * exchanged, is what the exchanged state leads to. That is not believed but looked at, while a search
 * goes on: at every control state when it is first met, and at a sample of all states.
 */
import type { Rule } from '../rules/judge.ts'
import type { Symmetry } from '../symmetry/canonical.ts'
import type { Exchange } from '../symmetry/control.ts'
import type { Describe, Explore } from '../system.ts'

/** So many states are looked at in the beginning, and after that one of so many. */
const FIRST = 64
const SAMPLE = 1000

const REFUSED = 'not interchangeable: '
/**
 * Does this error say that members turned out not to be interchangeable? Told by its text: errors from
 * another thread lose their class.
 */
export const isAsymmetry = (error: unknown): error is Error =>
  error instanceof Error && error.message.startsWith(REFUSED)

interface Successor {
  /** What happens, as text: the vector, or what was reported when nothing after that can be believed. */
  readonly text: string
  readonly move: number
}

export class Equivariance {
  private readonly system: Explore & Describe
  private readonly symmetry: Symmetry
  private readonly rules: readonly Rule[]
  private asked = 0

  constructor(system: Explore & Describe, symmetry: Symmetry, rules: readonly Rule[]) {
    this.system = system
    this.symmetry = symmetry
    this.rules = rules.filter((rule) => rule.always !== undefined)
  }

  /** Looks at the state in the work space, if it is due; leaves it as it is. Throws what `isAsymmetry` knows. */
  check(): void {
    const { symmetry, system } = this
    this.asked += 1
    const fresh = symmetry.meetsNew(system.words)
    if (!fresh && this.asked > FIRST && this.asked % SAMPLE !== 0) return
    const state = system.words.slice()
    try {
      for (const exchange of symmetry.neighbours) this.compare(state, exchange)
    } finally {
      system.words.set(state)
    }
  }

  private compare(state: Uint32Array, exchange: Exchange): void {
    const { system, symmetry } = this
    const image = state.slice()
    symmetry.apply(image, exchange)
    this.compareRules(state, image, exchange)
    const there = new Map<string, number>()
    for (const { text } of this.successors(image)) there.set(text, (there.get(text) ?? 0) + 1)
    const here = this.successors(state, exchange)
    for (const { text, move } of here) {
      const left = there.get(text) ?? 0
      if (left === 0) this.refuse(state, move, exchange)
      there.set(text, left - 1)
    }
    if ([...there.values()].some((left) => left > 0)) {
      system.words.set(image)
      this.refuse(
        image,
        this.successors(image).find(({ text }) => there.get(text)! > 0)!.move,
        exchange,
      )
    }
  }

  private compareRules(state: Uint32Array, image: Uint32Array, exchange: Exchange): void {
    const { words } = this.system
    for (const { id, always } of this.rules) {
      words.set(state)
      const here = always!() === undefined
      words.set(image)
      if ((always!() === undefined) !== here)
        throw new Error(
          `${REFUSED}with ${this.pairs(exchange)} exchanged, rule ${id} has another answer. It names one by its number, or goes through them in order.`,
        )
    }
  }

  private successors(state: Uint32Array, exchange?: Exchange): Successor[] {
    const { system, symmetry } = this
    const { words } = system
    words.set(state)
    const moves = system.moves.slice(0, system.enabled())
    return Array.from(moves, (move) => {
      words.set(state)
      system.fire(move)
      const reported = system.reports.map(({ kind }) => kind).toSorted()
      if (system.reports.some(({ fatal }) => fatal)) return { text: reported.join(), move }
      if (exchange !== undefined) symmetry.apply(words, exchange)
      return { text: [...reported, ...words].join(), move }
    })
  }

  private refuse(state: Uint32Array, move: number, exchange: Exchange): never {
    const { system } = this
    system.words.set(state)
    const { context, fn, step } = system.name(move)
    throw new Error(
      `${REFUSED}with ${this.pairs(exchange)} exchanged, ${context}: ${fn} › ${step} leads elsewhere. It names one by its number, or goes through them in order.`,
    )
  }
  /** What an exchange of neighbours exchanges: `cup 0 and cup 1`. */
  private pairs(exchange: Exchange): string {
    return this.symmetry.sets
      .flatMap(({ domain, at }) => {
        const [a, b] = [...exchange[at]!.keys()].filter((i) => exchange[at]![i] !== i)
        return a === undefined ? [] : [`${domain} ${a} and ${domain} ${b}`]
      })
      .join(', ')
  }
}
