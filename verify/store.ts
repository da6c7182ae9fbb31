/**
 * The folder of saved counterexamples: <design>/<property>.json, and <design>/<property>.<way>.json for
 * further ways to break the same; of other worlds <design>/<world>/...
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
import type { WorldName } from '../model/scope.ts'
import {
  formatCounterexample,
  MalformedCounterexample,
  parseCounterexample,
  type Counterexample,
} from './counterexample.ts'

/** @param file the name without its ending: a property, or property.way */
export const pathOf = (folder: string, design: string, file: string, world?: WorldName): string =>
  join(folder, design, ...(world === undefined ? [] : [world]), `${file}.json`)
export const propertyOf = (file: string): string => file.split('.')[0]!

/** The saved counterexample, or undefined when there is none. Throws MalformedCounterexample. */
export function load(
  folder: string,
  design: string,
  file: string,
  world?: WorldName,
): Counterexample | undefined {
  const path = pathOf(folder, design, file, world)
  const property = propertyOf(file)
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
/** The files saved for this design, without their ending, in alphabetical order. */
export function saved(folder: string, design: string, world?: WorldName): readonly string[] {
  const at = join(folder, design, ...(world === undefined ? [] : [world]))
  if (!existsSync(at)) return []
  return readdirSync(at)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
}
/** Writes at once (temporary file, then rename). The caller decides whether an older file may go. */
export function save(
  folder: string,
  it: Counterexample,
  world?: WorldName,
  file: string = it.property,
): string {
  const path = pathOf(folder, it.design, file, world)
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, formatCounterexample(it))
  renameSync(temporary, path)
  return path
}
