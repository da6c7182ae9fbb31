/** A file that an option names: never one that is read, and never half written. */
import { accessSync, constants, realpathSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeWhole } from '../files/write.ts'
import { UsageError } from './usage-error.ts'

export interface OutputFile {
  write(text: string): void
}

/** Refused here, before anything is read, if it cannot be written or would replace one of `others`. */
export function outputFile(
  option: string,
  path: string | undefined,
  others: readonly string[],
): OutputFile | undefined {
  if (path === undefined) return undefined
  const same = others.find((other) => other !== '-' && isSame(path, other))
  if (same !== undefined)
    throw new UsageError(
      `--${option} ${path} would overwrite ${same}, which is given as well. Name another file.`,
    )
  if (path === '') throw new UsageError(`--${option} takes the name of a file.`)
  try {
    if (isFolder(path)) throw new Error('it is a folder')
    // A device is written to where it is; its folder need not be writable.
    accessSync(isSpecial(path) ? path : dirname(real(path) ?? path), constants.W_OK)
  } catch (error) {
    throw cannot(option, path, error)
  }
  return { write: (text) => write(option, path, text) }
}
const cannot = (option: string, path: string, error: unknown): UsageError =>
  new UsageError(`--${option} ${path} cannot be written: ${(error as Error).message}.`)

/** The whole file or none: a reader, or a kill in between, sees the old one or the new one. */
function write(option: string, path: string, text: string): void {
  try {
    // A pipe or a device is written to as it is, and a link is followed.
    if (isSpecial(path)) writeFileSync(path, text)
    else writeWhole(real(path) ?? path, text)
  } catch (error) {
    throw cannot(option, path, error)
  }
}
const real = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
const isSame = (a: string, b: string): boolean => {
  const one = real(a)
  if (one === undefined) return false
  if (one === real(b)) return true
  const [first, second] = [statSync(one), statSync(b, { throwIfNoEntry: false })]
  return (
    second !== undefined && first.isFile() && first.ino === second.ino && first.dev === second.dev
  )
}
const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
const isSpecial = (path: string): boolean => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && !found.isFile()
}
