/** `npm run verify`: the sources are compiled first, and what does not compile is no verdict. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const copy = temporaryFolder()
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', 'counterexamples'])
for (const name of readdirSync(root))
  if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

const design = join(copy, 'model/shutdown/deferred-release.ts')
const original = readFileSync(design, 'utf8')
const fromSource = (...argv: readonly string[]) => {
  const script = join(copy, 'cli/from-source.mjs')
  const ended = spawnSync(process.execPath, [script, ...argv], { cwd: copy, encoding: 'utf8' })
  writeFileSync(design, original)
  return ended
}

it('a design with a type error: what the compiler says, one sentence, exit code 4', () => {
  appendFileSync(design, '\nexport const wrong: number = "a string"\n')
  const { status, stdout, stderr } = fromSource('verify', 'deferred-release')
  expect(stdout).toContain('model/shutdown/deferred-release.ts')
  expect(stderr).toMatch(/^poolproof does not compile: [^\n]+; nothing was verified\.\n$/)
  expect(status).toBe(4)
})
it('a design with an import, a local and a parameter that nothing uses: it is compiled and run', () => {
  appendFileSync(
    design,
    "\nimport { rcu_read_lock } from '../world/sync/rcu.ts'\nfunction unused(page: number): void {\n  const local = 1\n}\n",
  )
  const { status, stdout } = fromSource('list', 'scopes')
  expect(status).toBe(0)
  expect(stdout).toContain('corner-numa')
})
it.each(['verify', 'mutants'])('%s of package.json is what these tests run', (script) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(scripts[script]).toBe(`node cli/from-source.mjs ${script}`)
})
