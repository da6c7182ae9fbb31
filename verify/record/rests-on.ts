/**
 * What the verdicts of a design rest on, as a digest: every compiled module that verifying it loads, the
 * packages among them, and the options. The list of all designs is left out, and with it every other design.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Design } from '../../model/design.ts'
import type { VerifyOptions } from '../options.ts'
import { Modules, type Loaded } from './modules.ts'

const LIST = 'model/designs.js'
const VERIFIES = 'verify/worker.js'
const withoutList: ReadonlySet<string> = new Set([LIST])

export type Options = Pick<VerifyOptions, 'seed' | 'runs' | 'commands' | 'search'>

/**
 * @param dist the folder of the compiled files, from which the designs were loaded
 * @param manifest package.json, whose dependencies have one version each
 */
export async function restsOn(
  designs: readonly Design[],
  { seed, runs, commands, search }: Options,
  dist: string,
  manifest: string,
): Promise<ReadonlyMap<string, string>> {
  const modules = new Modules(dist)
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  const common = modules.loadedBy(VERIFIES, withoutList)
  const digest = (its: Loaded): string => {
    const hash = createHash('sha256').update(JSON.stringify({ seed, runs, commands, search }))
    const paths = new Set([...common.modules, ...its.modules])
    for (const path of [...paths].sort()) hash.update(`\n${path}\n${modules.text(path)}`)
    const packages = new Set([...common.packages, ...its.packages])
    for (const name of [...packages].sort())
      if (!name.startsWith('node:')) hash.update(`\n${name} ${dependencies[name]}`)
    return hash.digest('hex')
  }
  const homes = await homesOf(designs, modules)
  return new Map(
    designs.map((design) => [design.id, digest(homes.get(design) ?? modules.loadedBy(LIST))]),
  )
}

/** Of each design what the module it stands in loads: of those that export it the one that loads least. */
async function homesOf(
  designs: readonly Design[],
  modules: Modules,
): Promise<ReadonlyMap<Design, Loaded>> {
  const homes = new Map<Design, Loaded>()
  const wanted = new Set<unknown>(designs)
  for (const path of modules.loadedBy(LIST).modules) {
    const exported = (await import(pathToFileURL(modules.file(path)).href)) as object
    for (const it of Object.values(exported).filter((one) => wanted.has(one)) as Design[]) {
      const loaded = modules.loadedBy(path, withoutList)
      const known = homes.get(it)
      if (known === undefined || loaded.modules.size < known.modules.size) homes.set(it, loaded)
    }
  }
  return homes
}
