/**
 * The folder of saved counterexamples: <design>/<property>.json, and <design>/<property>.<way>.json for
 * further ways to break the same; of other worlds, and of what a search of one scope was told to save,
 * <design>/<scope>/... verify looks at the former and at the worlds of the design; any other folder it
 * leaves alone.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readText, UnreadableFile } from '../files/read.ts'
import { writeWhole } from '../files/write.ts'
import {
  formatCounterexample,
  MalformedCounterexample,
  parseCounterexample,
  type Counterexample,
} from './counterexample.ts'

/** Bytes of a counterexample file that are read: a hundred times the longest there is. */
export const LARGEST = 4 * 2 ** 20

export const folderOf = (folder: string, design: string, scope?: string): string =>
  join(folder, design, ...(scope === undefined ? [] : [scope]))
/** @param file the name without its ending: a property, or property.way */
export const pathOf = (folder: string, design: string, file: string, scope?: string): string =>
  join(folderOf(folder, design, scope), `${file}.json`)
export const propertyOf = (file: string): string => file.split('.')[0]!

/** The saved counterexample, or undefined when there is none. Throws MalformedCounterexample. */
export function load(
  folder: string,
  design: string,
  file: string,
  scope?: string,
): Counterexample | undefined {
  const path = pathOf(folder, design, file, scope)
  const property = propertyOf(file)
  // A link to nowhere is there, and cannot be read.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
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
    text = readText(path, LARGEST)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    throw new MalformedCounterexample(
      `${path} ${error.message}. It was left untouched. A counterexample is a file, such as counterexamples/<design>/<property>.json: name one, or move this away.`,
    )
  }
  return parseCounterexample(text, path)
}
/**
 * The files saved for this design, without their ending, in alphabetical order. Throws
 * MalformedCounterexample when their folder cannot be read.
 */
export function saved(folder: string, design: string, scope?: string): readonly string[] {
  const at = folderOf(folder, design, scope)
  try {
    if (!existsSync(at)) return []
    return readdirSync(at)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .sort()
  } catch (error) {
    throw new MalformedCounterexample(
      `${at} should be the folder of the counterexamples of ${design} and cannot be read: ${(error as Error).message}. Make it readable, or move it away.`,
    )
  }
}
/** Writes at once. The caller decides whether an older file may go. Throws what the file system says. */
export function save(
  folder: string,
  it: Counterexample,
  scope?: string,
  file: string = it.property,
): string {
  const path = pathOf(folder, it.design, file, scope)
  mkdirSync(dirname(path), { recursive: true })
  writeWhole(path, formatCounterexample(it))
  return path
}
