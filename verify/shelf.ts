/** The saved counterexamples of one design in one world: what cannot be used is told and stays as it is. */
import { removeLeftovers } from '../files/write.ts'
import type { WorldName } from '../model/scope.ts'
import { MalformedCounterexample, type Counterexample } from './counterexample.ts'
import { folderOf, load, pathOf, save, saved } from './store.ts'

export interface Kept {
  readonly path: string
  /** Why it is not in that file, as the end of a sentence. */
  readonly unsaved?: string
}

export class Shelf {
  /** Properties whose file cannot be used: it is not overwritten, it may be worth mending. */
  private readonly untouched = new Set<string>()
  /** Why the counterexamples of these properties could not be saved. */
  private readonly unsaved = new Map<string, string>()
  private readonly store: string
  private readonly design: string
  private readonly world: WorldName | undefined
  private readonly refuse: (why: string) => void

  /** @param refuse is told of each file that cannot be used, in a paragraph that names it. */
  constructor(
    store: string,
    design: string,
    world: WorldName | undefined,
    refuse: (why: string) => void,
  ) {
    this.store = store
    this.design = design
    this.world = world
    this.refuse = refuse
  }

  /** Calls `use` with each counterexample that is there; where that throws, the file cannot be used. */
  each(wanted: ReadonlySet<string>, use: (it: Counterexample) => void): void {
    removeLeftovers(folderOf(this.store, this.design, this.world))
    for (const property of this.attempt(() => saved(this.store, this.design, this.world)) ?? []) {
      if (!wanted.has(property)) continue
      this.attempt(() => {
        const it = load(this.store, this.design, property, this.world)
        if (it !== undefined) use(it)
      }, property)
    }
  }
  private attempt<T>(read: () => T, property?: string): T | undefined {
    try {
      return read()
    } catch (error) {
      if (property !== undefined) this.untouched.add(property)
      const { message } = error as Error
      this.refuse(
        error instanceof MalformedCounterexample || property === undefined
          ? message
          : `${this.path(property)} cannot be replayed: ${message} Delete the file, or mend the design if it changed under it.`,
      )
      return undefined
    }
  }

  put(it: Counterexample): Kept {
    const why = this.refusal(it)
    if (why === undefined) this.unsaved.delete(it.property)
    else this.unsaved.set(it.property, why)
    return this.whereIs(it.property)
  }
  private refusal(it: Counterexample): string | undefined {
    if (this.untouched.has(it.property))
      return 'the file that is there cannot be used, and was left as it is'
    try {
      save(this.store, it, this.world)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  whereIs(property: string): Kept {
    const unsaved = this.unsaved.get(property)
    return { path: this.path(property), ...(unsaved === undefined ? {} : { unsaved }) }
  }
  private path(property: string): string {
    return pathOf(this.store, this.design, property, this.world)
  }
}
