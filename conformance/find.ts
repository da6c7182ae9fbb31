/** The recordings in a folder: what cannot be looked into is named, and costs no other its reading. */
import { readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface RecordingsFound {
  /** By name. */
  readonly files: readonly string[]
  /** A sentence for each folder that cannot be read. */
  readonly unusable: readonly string[]
}

/** The files called .jsonl or .jsonl.gz in a folder and those below it, or the file itself. */
export function recordingsIn(path: string): RecordingsFound {
  const files: string[] = []
  const unusable: string[] = []
  const seen = new Set<string>()
  const look = (folder: string): void => {
    try {
      // A link may lead back to a folder above it.
      const real = realpathSync(folder)
      if (seen.has(real)) return
      seen.add(real)
      for (const name of readdirSync(folder).sort()) {
        const inside = join(folder, name)
        if (isFolder(inside)) look(inside)
        else if (/\.jsonl(\.gz)?$/.test(name)) files.push(inside)
      }
    } catch (error) {
      unusable.push(`${folder} cannot be read: ${(error as Error).message}.`)
    }
  }
  if (isFolder(path)) look(path)
  else files.push(path)
  return { files, unusable }
}
/** A link to nowhere is none; reading it says so. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
