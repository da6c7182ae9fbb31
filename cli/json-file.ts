/** `--json FILE`: refused before the work where it cannot be written, written when the work is done. */
import { outputFile } from './output-file.ts'

/** @param inputs files that are read, which it must not replace. Without a path nothing is written. */
export function jsonFile(
  path: string | undefined,
  inputs: readonly string[] = [],
): { write(data: object): void } {
  const file = outputFile('json', path, inputs)
  return { write: (data) => file?.write(`${JSON.stringify(data, null, 2)}\n`) }
}
