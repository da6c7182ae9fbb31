/** Reading a file that somebody else wrote: only regular ones, and no more than is agreed. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

/** Why a file cannot be read, as the end of a sentence that begins with its name. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

const MB = 2 ** 20

/**
 * The bytes of a regular file, also through symbolic links. Does not wait for a pipe to be written to.
 * @param limit in bytes; a file that is larger, or grows beyond it meanwhile, is refused.
 * @throws UnreadableFile
 */
export function readBounded(path: string, limit: number): Buffer {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new UnreadableFile(`is ${kindOf(stats)}, not a file`)
    if (stats.size > limit) throw tooLarge(`has ${Math.ceil(stats.size / MB)} MB`, limit)
    return readAll(file, limit)
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    throw new UnreadableFile(`cannot be read: ${(error as Error).message}`)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
/** The same as text: UTF-8, with or without a byte order mark. */
export const readText = (path: string, limit: number): string => textOf(readBounded(path, limit))
export const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\ufeff/, '')

const tooLarge = (what: string, limit: number): UnreadableFile =>
  new UnreadableFile(`${what}; at most ${Math.floor(limit / MB)} MB are read`)

/** The size a file says it has need not be true: it may grow, and those of /proc say 0. */
function readAll(file: number, limit: number): Buffer {
  const chunks: Buffer[] = []
  let length = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(MB, limit + 1 - length))
    const read = readSync(file, chunk)
    if (read === 0) return Buffer.concat(chunks)
    length += read
    if (length > limit) throw tooLarge('does not end', limit)
    chunks.push(chunk.subarray(0, read))
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}
