/** What a design declares of one of its worlds, held against what was found there. */
import type { Design, OtherWorld } from '../model/design.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import type { Outcome } from './verdict.ts'
import { waysDeclared, type DeclaredWays } from './ways.ts'

export class Declared {
  private readonly design: Design
  private readonly world: WorldName | undefined
  private readonly its: OtherWorld

  /** @param world none: the world of every design. */
  constructor(design: Design, world: WorldName | undefined) {
    this.design = design
    this.world = world
    this.its = world === undefined ? design : (design.worlds?.[world] ?? {})
  }

  /** The ways that are declared for this world. */
  here(property: string): DeclaredWays {
    return waysDeclared(this.its.breaks, property)
  }
  /** In another world: the ways that are declared for every world, unless it is said to be kept here. */
  everywhere(property: string): DeclaredWays {
    if (this.world === undefined || this.keeps(property)) return []
    return waysDeclared(this.design.breaks, property)
  }
  private breaks(property: string): boolean {
    return property in (this.its.breaks ?? {})
  }
  private keeps(property: string): boolean {
    return property in (this.its.keeps ?? {})
  }

  /** In another world a promise that is not about it is not reached: nothing to say, unless it was declared. */
  counts(property: string, outcome: Outcome): boolean {
    if (this.world === undefined || outcome !== 'vacuous') return true
    return this.breaks(property) || this.keeps(property)
  }
  /** Is there something to say of it that the world of every design does not say? */
  differs(property: string, isBrokenInOwnWay: boolean): boolean {
    return this.keeps(property) || this.breaks(property) || isBrokenInOwnWay
  }
  /** @param asEverywhere broken, and only in ways that are declared for every world. */
  expects(property: string, outcome: Outcome, asEverywhere: boolean): boolean {
    return asEverywhere
      ? !this.breaks(property)
      : this.breaks(property) === (outcome === 'violated')
  }
}
