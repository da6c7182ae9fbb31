/** The limits of files and functions (.oxlintrc.json): whoever is excepted needs it, so the list can only shrink. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  overrides: readonly { files: readonly string[]; rules: Record<string, unknown> }[]
}
const LIMITS = ['max-lines', 'max-lines-per-function', 'complexity']
const limited = config.overrides.find(({ rules }) => Array.isArray(rules['complexity']))!
const excepted = config.overrides
  .filter((it) => it !== limited)
  .flatMap(({ files, rules }) =>
    Object.keys(rules)
      .filter((rule) => LIMITS.includes(rule))
      .map((rule) => `${files.join()}: ${rule}`),
  )

it('are 300 lines a file, 40 a function, and a complexity of 15', () => {
  expect(limited.rules).toMatchObject({
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 40 }],
    complexity: ['error', 15],
  })
})
it('are kept by every file but those that are listed, and each of those needs it', () => {
  const path = join(temporaryFolder(), 'limits.json')
  writeFileSync(path, JSON.stringify({ categories: { correctness: 'off' }, rules: limited.rules }))
  const folders = limited.files.map((it) => it.split('/')[0]!)
  const { stdout } = spawnSync('node_modules/.bin/oxlint', ['-c', path, '-f', 'json', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { code: string; filename: string }[]
  }
  const over = new Set(
    diagnostics.map(({ code, filename }) => `${filename}: ${/\((.*)\)/.exec(code)![1]!}`),
  )
  expect(over.size).toBeGreaterThan(0)
  expect([...over].sort()).toEqual([...excepted].sort())
})
