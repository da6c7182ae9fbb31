/**
 * Where a rule is violated: the function and step that did it, what it reported, and the functions the
 * other contexts stood in. A search keeps the shortest trace to each spot, so that what is known to go
 * wrong in one function does not hide what goes wrong in another, or without anybody in the middle.
 */
import type { Violation } from './judge.ts'
import type { Describe, Explore } from '../system.ts'

export interface Spot {
  /** The function and step that do it; undefined: it is found wrong at rest, or to begin with. */
  readonly by?: { readonly fn: string; readonly step: string }
  /** Tells it from every other spot. */
  readonly key: string
}

export class Spots {
  private readonly known = new Map<string, Spot>()
  private readonly system: Pick<Explore, 'words'> & Describe
  /** Is the rule violated in the state in the work space? */
  private readonly before: (rule: string) => boolean

  constructor(system: Pick<Explore, 'words'> & Describe, before: (rule: string) => boolean) {
    this.system = system
    this.before = before
  }

  /**
   * The spot of a violation by `move` (-1: at rest) from the state `source`; undefined when the state
   * before it violates the rule as well. Leaves the work space as it was.
   */
  of(violation: Violation, move: number, source: Uint32Array): Spot | undefined {
    const { system } = this
    const key = `${violation.kind}|${move}|${system.controls(source)}`
    const known = this.known.get(key)
    if (known !== undefined && violation.reported) return known
    const after = system.words.slice()
    system.words.set(source)
    const isOld = !violation.reported && move !== -1 && this.before(violation.rule)
    const spot = known ?? this.tell(violation, move)
    system.words.set(after)
    this.known.set(key, spot)
    return isOld ? undefined : spot
  }

  private tell({ kind }: Violation, move: number): Spot {
    const { system } = this
    const name = move === -1 ? undefined : system.name(move)
    const others = system.contexts.flatMap((context, index) =>
      context === name?.context ? [] : (system.stack(index)[0]?.name ?? []),
    )
    const { fn, step } = name ?? {}
    const key = JSON.stringify([kind, fn, step, ...new Set(others.sort())])
    return fn === undefined || step === undefined ? { key } : { by: { fn, step }, key }
  }
}
