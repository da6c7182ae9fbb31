/** Files of a store that nothing asks for: their design, world or property is gone, or was never there. */
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { designs as allDesigns } from '../model/designs.ts'
import { scopesOf, worldsOf, type Design } from '../model/design.ts'
import { parseScope } from '../model/scope/parse.ts'
import { scopes } from '../model/scope/named.ts'
import { worlds as allWorlds } from '../model/scope/worlds.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { properties } from '../properties/index.ts'
import { asked } from '../properties/property.ts'
import { folderOf, propertyOf } from './store.ts'

/** Paths, sorted. What cannot be listed is not looked into here. */
export function strangers(store: string, designs: readonly Design[]): readonly string[] {
  const known = allDesigns.map(({ id }) => id)
  const found = entries(store).filter((it) => !(it.isDirectory() && known.includes(it.name)))
  return [
    ...found.filter(matters).map(({ name }) => join(store, name)),
    ...designs.flatMap((design) => strangersOf(store, design)),
  ].sort()
}

function strangersOf(store: string, design: Design): readonly string[] {
  const worlds = worldsOf(design)
  const here = scopesOf(design).searched
  const inWorlds = worlds.flatMap((world) => {
    const at = folderOf(store, design.id, world)
    return odd(at, design, [scopes[world]], [])
  })
  return [...odd(folderOf(store, design.id), design, here, worlds), ...inWorlds]
}
/**
 * What lies in a folder and is neither of a property asked in these scopes nor one of these folders. Folders of
 * other scopes were saved by a search.
 */
function odd(
  at: string,
  design: Design,
  its: readonly Scope[],
  folders: readonly string[],
): readonly string[] {
  const ids = its.flatMap((scope) => asked(properties, design.family, scope).map(({ id }) => id))
  const isAsked = (name: string): boolean =>
    name.endsWith('.json') && ids.includes(propertyOf(name))
  return entries(at)
    .filter((it) => !isAsked(it.name) && !folders.includes(it.name))
    .filter((it) => !(it.isDirectory() && isSearched(it.name)))
    .filter(matters)
    .map(({ name }) => join(at, name))
}
/** A scope that is no other world: a search of it was told to save what it finds. */
function isSearched(name: string): boolean {
  try {
    return parseScope(name) !== undefined && !Object.hasOwn(allWorlds, name)
  } catch {
    return false
  }
}
/** A note beside the counterexamples is nobody's business. */
const matters = (it: Dirent): boolean =>
  !it.name.startsWith('.') && (it.isDirectory() || it.name.endsWith('.json'))

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
