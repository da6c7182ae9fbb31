/** Writing a file as a whole: whoever looks finds the old text or the new one, also after a power cut. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

const host = hostname().replace(/[^\w-]/g, '-')
/** The host is named because another one that shares the folder has processes of its own. */
const TEMPORARY = /\.json\.(?:([\w-]+)\.)?(\d+)\.tmp$/

/** Writes a temporary file beside it, then renames. Throws what the file system says; nothing is left then. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${host}.${process.pid}.tmp`
  try {
    writeThrough(temporary, text)
    renameSync(temporary, path)
  } catch (error) {
    remove(temporary)
    throw error
  }
}
function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It is not ours, or was never made.
  }
}
function writeThrough(path: string, text: string): void {
  const file = openSync(path, 'w')
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Removes temporary files in a folder whose process was killed before it could rename them. Those of other
 * hosts stay: whether their process lives cannot be known. A folder that cannot be read or changed is left be.
 */
export function removeLeftovers(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const [, of = host, pid] = TEMPORARY.exec(name) ?? []
      if (pid !== undefined && of === host && !isRunning(Number(pid)))
        rmSync(join(folder, name), { force: true })
    }
  } catch {
    // Nothing depends on it.
  }
}
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
