/** The compiled files of the model, and which function in them a call or a value is. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { originalOf } from '../../engine/authoring/made.ts'
import { isStep } from '../c-code/calls.ts'
import { filesBelow, ownText, sourceOf, type SourceFile } from '../c-code/sources.ts'
import type { Source } from '../c-code/frame.ts'

/** Where other rooms than the design's are: their functions are printed when they are named. */
const ELSEWHERE = /^model\/(world|skb|drivers)\//
export const isElsewhere = ({ file }: Source): boolean => ELSEWHERE.test(file)

export interface Library {
  /** The source of a function that is there, with the class it was written in. */
  of(fn: Callable, owner?: string): Source | undefined
  /** A function of a file, or one that the file takes from another. */
  seenFrom(from: Source, name: string): Source | undefined
  /** Functions of steps that belong to no class, by name. */
  free(name: string): readonly Source[]
  /** Of all functions of steps that belong to no class. */
  readonly names: readonly string[]
  /** The file in which a design is declared. */
  fileOf(design: string): string | undefined
}
export type Callable = { readonly name: string; toString(): string }

const isFreeOfSteps = (it: Source): boolean =>
  it.owner === undefined && (it.node.generator || isStep(it))

/** Made at run time, or changed on the way from its file: then its text is all there is. */
function withoutFile(fn: Callable, owner: string | undefined): Source | undefined {
  const source = sourceOf(fn)
  return source === undefined || owner === undefined ? source : { ...source, owner }
}

let read: Library | undefined
/** Read once, when it is first asked for. */
export function library(): Library {
  read ??= madeOf(files())
  return read
}
function files(): readonly SourceFile[] {
  const folder = fileURLToPath(new URL('../../model/', import.meta.url))
  return existsSync(folder) ? filesBelow(folder, 'model/') : []
}
function madeOf(all: readonly SourceFile[]): Library {
  const byPath = new Map(all.map((file) => [file.path, file]))
  const known = new WeakMap<Callable, Source>()
  const sources = all.flatMap((file) => file.sources)
  const byName = new Map<string, Source[]>()
  for (const it of sources) byName.set(it.name, [...(byName.get(it.name) ?? []), it])
  const unowned = (path: string, name: string): Source | undefined =>
    byPath.get(path)?.sources.find((it) => it.name === name && it.owner === undefined)
  return {
    of: (fn, owner) => {
      const original = originalOf(fn)
      const found = known.get(original)
      if (found !== undefined && found.owner === owner) return found
      const text = original.toString()
      const source =
        byName.get(original.name)?.find((it) => it.owner === owner && text.endsWith(ownText(it))) ??
        withoutFile(original, owner)
      if (source !== undefined) known.set(original, source)
      return source
    },
    seenFrom: (from, name) => {
      const path = from.file.replace(/\.ts$/, '.js')
      const imported = byPath.get(path)?.imports.find(({ local }) => local === name)
      if (imported === undefined) return unowned(path, name)
      const base = new URL(imported.from, `file:///${path}`).pathname.slice(1)
      return unowned(base, imported.name)
    },
    free: (name) => (byName.get(name) ?? []).filter(isFreeOfSteps),
    names: [...new Set(sources.filter(isFreeOfSteps).map(({ name }) => name))],
    fileOf: (design) =>
      all.find(({ text }) => text.includes(`\n    id: '${design}',`))?.path.replace(/\.js$/, '.ts'),
  }
}
