/** A family: designs of the same thing, held in the same worlds to the same properties. */
import type { Start } from '../engine/program/machine.ts'
import type { Observers } from '../engine/program/observers.ts'
import type { Fields } from '../engine/state/layout.ts'
import type { Driver } from './drivers/driver.ts'
import type { Scope } from './scope/bounds.ts'
import type { World } from './world/world.ts'

/** Methods, so that a family may name the functions of its own designs where this says `object`. */
export interface Family {
  /** Its name in lists and files; never changes. */
  readonly id: string
  /** What its designs are designs of. */
  readonly says: string
  /** Its designs are designs of a whole pool, with a driver that uses it and a device: a run of a driver makes sense. */
  readonly wholePools: boolean
  /** What a process is overtaken in may hang on CONFIG_PREEMPT. */
  readonly asksForPreemption: boolean
  /** Functions that every design has unless it brings its own. */
  base(): object
  /** Functions that a scope has in place of those, and events it adds: its driver. */
  driver?(scope: Scope): Driver
  /**
   * The parts of its worlds, each as its mechanism declares it.
   * @param own fields of the design
   */
  fields(scope: Scope, own: Fields): Fields
  /** How a world is before anything happens, where that is not all zeros. */
  initial(w: World): void
  /** What the environment may begin. */
  events(scope: Scope, kernel: object): readonly Start<World>[]
  /** What is held against what the functions it names did, which know nothing of it. */
  observers?(scope: Scope): Observers<World>
  /** A scope in short, in the bounds that matter here. */
  size(scope: Scope): string
  /** The smallest to tell designs apart by, what a design is searched in, and what random runs are made in. */
  readonly scopes: {
    readonly small: Scope
    readonly searched: readonly Scope[]
    readonly random?: Scope
  }
}
