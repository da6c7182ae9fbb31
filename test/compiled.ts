/** The sources compiled into a folder of their own: threads load no TypeScript. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { temporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Not into `dist`: the tests of the command line run that at the same time. `compile` is for a
 * `beforeAll`; `url` is where a module then is.
 */
export function compiled(): { compile(): void; url(path: string): string } {
  const folder = temporaryFolder()
  return {
    compile: () => {
      const tsc = join(root, 'node_modules/.bin/tsc')
      execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', folder], { cwd: root })
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    },
    url: (path) => pathToFileURL(join(folder, path)).href,
  }
}
