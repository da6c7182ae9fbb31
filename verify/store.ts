/**
 * The folder of saved counterexamples: <design>/<property>.json, and <design>/<scope>/<property>.json of other
 * worlds, and of what a search of one scope was told to save. verify looks at the former and at the worlds of the
 * design; any other folder it leaves alone.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import {
  formatCounterexample,
  MalformedCounterexample,
  parseCounterexample,
  type Counterexample,
} from './counterexample.ts'

export const pathOf = (folder: string, design: string, property: string, scope?: string): string =>
  join(folder, design, ...(scope === undefined ? [] : [scope]), `${property}.json`)

/** The saved counterexample, or undefined when there is none. Throws MalformedCounterexample. */
export function load(
  folder: string,
  design: string,
  property: string,
  scope?: string,
): Counterexample | undefined {
  const path = pathOf(folder, design, property, scope)
  if (!existsSync(path)) return undefined
  const it = read(path)
  if (it.design !== design || it.property !== property)
    throw new MalformedCounterexample(
      `${path}: field "${it.design === design ? 'property' : 'design'}" says ${it.design}/${it.property}, the path says ${design}/${property}. Move the file where it belongs or mend the field.`,
    )
  return it
}
/** Any counterexample file. Throws MalformedCounterexample, also when it cannot be read. */
export function read(path: string): Counterexample {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new MalformedCounterexample(
      `${path} cannot be read: ${(error as Error).message}. Name a counterexample file, such as counterexamples/<design>/<property>.json.`,
    )
  }
  return parseCounterexample(text, path)
}
/** Properties with a saved counterexample for this design, in alphabetical order. */
export function saved(folder: string, design: string, scope?: string): readonly string[] {
  const at = join(folder, design, ...(scope === undefined ? [] : [scope]))
  if (!existsSync(at)) return []
  return readdirSync(at)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
}
/** Writes at once (temporary file, then rename). The caller decides whether an older file may go. */
export function save(folder: string, it: Counterexample, scope?: string): string {
  const path = pathOf(folder, it.design, it.property, scope)
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, formatCounterexample(it))
  renameSync(temporary, path)
  return path
}
