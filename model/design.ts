/** A proposal: what it changes, where it was made, and what it is known to break. */
import type { Fields } from '../engine/state/layout.ts'
import type { Driver } from './drivers/driver.ts'
import type { Family } from './family.ts'
import type { Scope } from './scope/bounds.ts'
import type { WorldName } from './scope/worlds.ts'

/**
 * What a design is known to break, by property: why and who said so, for each way in which it does, as
 * `poolproof verify` names them; a way that is not named is reported as new. A reason alone stands for
 * any way: then no other is ever new.
 */
export type Breaks = Readonly<Record<string, string | Readonly<Record<string, string>>>>

export interface OtherWorld {
  readonly breaks?: Breaks
  readonly keeps?: Readonly<Record<string, string>>
}
export interface Design {
  /** Names the file, the counterexample folder and the row of the verdict table; never changes. */
  readonly id: string
  readonly title: string
  /** Mail subject and date, message id, or commit. */
  readonly source: string
  readonly family: Family
  /** Fields it adds to struct page_pool. */
  readonly fields: (scope: Scope) => Fields
  /**
   * What it is verified in, where that is not what its family is. Without a `random` scope no
   * random runs are made; where nothing is `searched` it is held in its other worlds only.
   */
  readonly scopes?: { readonly searched: readonly Scope[]; readonly random?: Scope }
  /** Makes the object whose methods are the kernel functions of this design. */
  readonly functions: (scope: Scope) => object
  /** Functions of driver, stack or driver core that it needs otherwise than they are, and events of its own. */
  readonly brings?: Partial<Driver>
  /**
   * Other worlds it is held in, by the name of their scope: a driver that restarts its queue, a device that
   * needs no sync, pages that are cut. What it breaks there on top of `breaks`, and what it keeps there
   * though `breaks` names it, each with why.
   */
  readonly worlds?: Readonly<Partial<Record<WorldName, OtherWorld>>>
  /** Properties it is expected to break, each with why and who said so. */
  readonly breaks: Breaks
  /** Promises about the end (properties/liveness) it is expected to break, each with why. */
  readonly neverEnds?: Readonly<Record<string, string>>
}

/** Why a property is broken, in all the ways it is; nothing when it is not declared. */
export const reasonOf = (breaks: Breaks | undefined, property: string): string | undefined => {
  const declared =
    breaks !== undefined && Object.hasOwn(breaks, property) ? breaks[property] : undefined
  return typeof declared === 'object' ? [...new Set(Object.values(declared))].join('; ') : declared
}
/** The same reason for several ways. */
export const ways = (
  reason: string,
  ...names: readonly string[]
): Readonly<Record<string, string>> => Object.fromEntries(names.map((name) => [name, reason]))

/** What a design is verified in: what it says itself, or its family. */
export const scopesOf = ({ scopes, family }: Design): NonNullable<Design['scopes']> =>
  scopes ?? family.scopes

/** The other worlds a design is held in, in its order. */
export const worldsOf = ({ worlds = {} }: Design): readonly WorldName[] =>
  Object.keys(worlds) as WorldName[]
/** `scopes` of a design that is another one, but for the worlds it names. */
export const onlyInOtherWorlds = { searched: [] } as const
