/** What replay was asked for: files, folders, designs, or DESIGN/PROPERTY, as the files that are meant. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { designs } from '../model/designs.ts'
import { LARGEST } from '../verify/store.ts'
import { didYouMean, UsageError } from './usage-error.ts'

/**
 * Files in the order they were asked for, those of a folder by name.
 * @param store folder of saved counterexamples, for names of designs
 */
export function counterexampleFiles(names: readonly string[], store: string): readonly string[] {
  if (names.length === 0)
    throw new UsageError(
      'replay takes counterexamples: a design (deferred-release), a design with a property (deferred-release/no-unmap-after-unbind), files such as counterexamples/<design>/<property>.json, or folders of them.',
    )
  return names.flatMap((name) => filesOf(name, store))
}

function filesOf(name: string, store: string): readonly string[] {
  // A design may be called as a folder that lies about is.
  if (designs.some(({ id }) => id === name)) return ofDesign(name, store)
  if (existsSync(name)) return statSync(name).isDirectory() ? ofFolder(name) : [checked(name)]
  const saved = join(store, `${name}.json`)
  if (existsSync(saved)) return [checked(saved)]
  if (existsSync(join(store, name))) return ofFolder(join(store, name))
  throw nothingCalled(name, store)
}

function ofDesign(id: string, store: string): readonly string[] {
  const found = existsSync(join(store, id)) ? jsonIn(join(store, id)) : []
  if (found.length > 0) return found.map(checked)
  throw new UsageError(
    `No counterexample of ${id} is saved in ${store}. "poolproof verify ${id}" looks for some; --store names another folder.`,
  )
}
function ofFolder(folder: string): readonly string[] {
  const found = jsonIn(folder)
  if (found.length > 0) return found.map(checked)
  throw new UsageError(
    `There are no counterexamples in the folder ${folder}: no file in it ends in .json.`,
  )
}
const jsonIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Other files are not damaged counterexamples: nobody is to be told to mend or delete them. */
function checked(path: string): string {
  const stat = statSync(path)
  const is = (what: string): UsageError =>
    new UsageError(
      `${path} is not a counterexample: ${what}. It was left untouched. Counterexamples are files such as counterexamples/<design>/<property>.json, written by "poolproof verify".`,
    )
  if (!stat.isFile()) throw is('it is a device or a pipe')
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20)
  if (stat.size > LARGEST)
    throw is(`it has ${megabytes(stat.size)} MB; at most ${megabytes(LARGEST)} MB are read`)
  const start = startOf(path)
  if (start.trimStart() === '') throw is('it is empty')
  if (!start.trimStart().startsWith('{')) throw is('it is no JSON object')
  if (!/"(schema|steps|design|property)"/.test(start)) throw is('it is JSON of another kind')
  return path
}
/** Enough to see what kind of file it is. */
function startOf(path: string): string {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const bytes = Buffer.alloc(4096)
    return bytes.toString('utf8', 0, readSync(file, bytes)).replace(/^\uFEFF/, '')
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read: ${(error as Error).message}. Name a counterexample file, such as counterexamples/<design>/<property>.json.`,
    )
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function nothingCalled(name: string, store: string): UsageError {
  const [design = '', ...rest] = name.split('/')
  if (!existsSync(store))
    return new UsageError(
      `There is no file, folder or design "${name}", and no folder ${store} of saved counterexamples. Give its place with --store.`,
    )
  if (designs.some(({ id }) => id === design) && rest.length > 0) {
    const known = existsSync(join(store, design))
      ? jsonIn(join(store, design)).map((it) => it.slice(store.length + 1, -'.json'.length))
      : []
    return new UsageError(
      `No counterexample ${name} is saved in ${store}.${didYouMean(name, known)} "poolproof replay ${design}" replays all of that design, "poolproof explain ${design}" says what it breaks.`,
    )
  }
  const ids = designs.map(({ id }) => id)
  const near = didYouMean(design, ids)
  return new UsageError(
    `There is no file, folder or design "${name}".${near} "poolproof list designs" names the designs; files are such as counterexamples/<design>/<property>.json.`,
  )
}
