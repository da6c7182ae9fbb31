/** The saved counterexamples of one design in one world: what cannot be used is told and stays as it is. */
import { rmSync } from 'node:fs'
import { removeLeftovers } from '../files/write.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import { MalformedCounterexample, type Counterexample } from './counterexample.ts'
import { folderOf, load, pathOf, propertyOf, save, saved } from './store.ts'

export interface Kept {
  readonly path: string
  /** Why it is not in that file, as the end of a sentence. */
  readonly unsaved?: string
}

export class Shelf {
  /** Files that cannot be used: each is not overwritten, it may be worth mending. */
  private readonly untouched = new Set<string>()
  /** Why these files could not be saved. */
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
  each(wanted: ReadonlySet<string>, use: (it: Counterexample, file: string) => void): void {
    removeLeftovers(folderOf(this.store, this.design, this.world))
    for (const file of this.attempt(() => saved(this.store, this.design, this.world)) ?? []) {
      if (!wanted.has(propertyOf(file))) continue
      this.attempt(() => {
        const it = load(this.store, this.design, file, this.world)
        if (it !== undefined) use(it, file)
      }, file)
    }
  }
  private attempt<T>(read: () => T, file?: string): T | undefined {
    try {
      return read()
    } catch (error) {
      if (file !== undefined) this.untouched.add(file)
      const { message } = error as Error
      this.refuse(
        error instanceof MalformedCounterexample || file === undefined
          ? message
          : `${this.path(file)} cannot be replayed: ${message} Delete the file, or mend the design if it changed under it.`,
      )
      return undefined
    }
  }

  /** @param file the name without its ending */
  put(it: Counterexample, file: string): Kept {
    const why = this.refusal(it, file)
    if (why === undefined) this.unsaved.delete(file)
    else this.unsaved.set(file, why)
    return this.whereIs(file)
  }
  private refusal(it: Counterexample, file: string): string | undefined {
    if (this.untouched.has(file))
      return 'the file that is there cannot be used, and was left as it is'
    try {
      save(this.store, it, this.world, file)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  /** A file that this run has written is there no more. Returns its path. */
  remove(file: string): string {
    const path = this.path(file)
    if (!this.unsaved.has(file)) rmSync(path, { force: true })
    return path
  }

  whereIs(file: string): Kept {
    const unsaved = this.unsaved.get(file)
    return { path: this.path(file), ...(unsaved === undefined ? {} : { unsaved }) }
  }
  private path(file: string): string {
    return pathOf(this.store, this.design, file, this.world)
  }
}
