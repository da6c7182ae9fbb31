/** Compiles the sources into dist/ for the scripts of package.json. A failure has an exit code of its own. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Not 1 to 3, which say something about a design or a command. */
const DOES_NOT_COMPILE = 4
const root = fileURLToPath(new URL('..', import.meta.url))

/** Ends the process when it fails, after what the compiler says. */
export function build(instead) {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status === 0) return
  const why = error === undefined ? 'the errors are named above' : error.message
  process.stderr.write(`poolproof does not compile: ${why}; ${instead}.\n`)
  process.exit(DOES_NOT_COMPILE)
}
