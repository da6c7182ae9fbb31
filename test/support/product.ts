/** A copy of the built program with two small designs of its own, whose compiled files a test may edit. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `tiny` has the world of every design; `percpu-cpuid-kept` is held in another world only. */
const DESIGNS = `
import { idaLeak } from './mem-id/ida-leak.js'
import { parseScope } from './scope/parse.js'
export const tiny = {
  ...idaLeak,
  id: 'tiny',
  scopes: {
    searched: [parseScope('small,rxqs=1,ids=1,faults=1'), parseScope('small,rxqs=2')],
  },
}
`

export interface Product {
  readonly folder: string
  run(...argv: readonly string[]): { status: number | null; stdout: string; stderr: string }
  /** Of a file below the folder. */
  read(path: string): string
  write(path: string, text: string): void
  edit(path: string, edit: (text: string) => string): void
}

export function product(): Product {
  const folder = temporaryFolder()
  if (!existsSync(join(root, 'dist')))
    throw new Error('dist is missing: run "npm run build" first.')
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  cpSync(
    join(root, 'counterexamples/percpu-cpuid-kept'),
    join(folder, 'counterexamples/percpu-cpuid-kept'),
    { recursive: true },
  )
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text)
  write('dist/model/tiny.js', DESIGNS)
  write(
    'dist/model/designs.js',
    "import { tiny } from './tiny.js'\nimport { percpuCpuidKept } from './kernels/percpu-recycling.js'\nexport const designs = [tiny, percpuCpuidKept]\n",
  )
  return {
    folder,
    run: (...argv) =>
      spawnSync(process.execPath, [join(folder, 'dist/cli/main.js'), ...argv], {
        cwd: folder,
        encoding: 'utf8',
      }),
    read,
    write,
    edit: (path, edit) => write(path, edit(read(path))),
  }
}
