/** Files that options name for results. They are written at the end and at once: an old one stays until then. */
import {
  accessSync,
  constants,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

export interface OutputFile {
  /** @throws UsageError when the file cannot be written after all. */
  write(text: string): void
}

/**
 * Refuses a file that cannot be written before any work is done.
 * @param inputs files that are read, which it must not replace
 */
export function outputFile(
  option: string,
  path: string,
  inputs: readonly string[] = [],
): OutputFile {
  const refuse = (why: string): UsageError =>
    new UsageError(`--${option} ${path} cannot be written: ${why}.`)
  const target = existsSync(path) ? realpathSync(path) : resolve(path)
  if (inputs.some((it) => existsSync(it) && realpathSync(it) === target))
    throw refuse('it is the file that is read, and would be lost')
  // A link to a device or a pipe (/dev/stdout) is written to, not replaced.
  const direct = existsSync(target) && !statSync(target).isFile()
  try {
    if (direct && statSync(target).isDirectory()) throw new Error('it is a folder')
    accessSync(existsSync(target) ? target : dirname(target), constants.W_OK)
    if (!direct) accessSync(dirname(target), constants.W_OK)
    if (!statSync(dirname(target)).isDirectory())
      throw new Error(`${dirname(target)} is not a folder`)
  } catch (error) {
    throw refuse((error as Error).message)
  }
  return {
    write: (text) => {
      const temporary = direct ? target : `${target}.${process.pid}.tmp`
      try {
        writeFileSync(temporary, text)
        if (!direct) renameSync(temporary, target)
      } catch (error) {
        if (!direct) rmSync(temporary, { force: true })
        throw refuse((error as Error).message)
      }
    },
  }
}
/** `--json FILE`: checked now, written when `write` is called. Without the option it does nothing. */
export function jsonFile(
  path: string | undefined,
  inputs: readonly string[] = [],
): { write(data: object): void } {
  if (path === undefined) return { write: () => {} }
  const file = outputFile('json', path, inputs)
  return { write: (data) => file.write(`${JSON.stringify(data, null, 2)}\n`) }
}
