/** The sources compiled into a folder of their own: threads load no TypeScript. */
import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll } from 'vitest'
import type * as Parallel from '../../engine/search/parallel/parallel-search.ts'
import { temporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles before the first test of the file that calls it; not into `dist`, which the tests of the
 * command line use at the same time. `url` says where a module then is.
 */
export function compiled(): {
  url(path: string): string
  parallelSearch: typeof Parallel.parallelSearch
} {
  const folder = temporaryFolder()
  const url = (path: string): string => pathToFileURL(join(folder, path)).href
  let module: typeof Parallel
  beforeAll(async () => {
    const tsc = join(root, 'node_modules/.bin/tsc')
    execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', folder], { cwd: root })
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    module = (await import(url('engine/search/parallel/parallel-search.js'))) as typeof Parallel
  })
  return { url, parallelSearch: (...given) => module.parallelSearch(...given) }
}
