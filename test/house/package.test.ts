/** What the program needs or points to is in the package that npm makes of it. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packed = (): ReadonlySet<string> => {
  const argv = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [it] = JSON.parse(execFileSync('npm', argv, { cwd: root, encoding: 'utf8' })) as [
    { files: { path: string }[] },
  ]
  return new Set(it.files.map(({ path }) => path))
}
const sources = [
  'cli',
  'conformance',
  'engine',
  'files',
  'logs',
  'properties',
  'costs',
  'mutants',
  'verify',
  'views',
]
const named = sources
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.name.endsWith('.ts'))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .flatMap((text) => text.match(/\bdocs\/[\w/-]+\.md/g) ?? [])

it('the package has the documents that messages name, the recordings, the counterexamples and the verdicts', () => {
  const files = packed()
  expect(named).toContain('docs/logs.md')
  expect(named.filter((path) => !files.has(path))).toEqual([])
  for (const path of [
    'test/conformance/data/random-61.jsonl.gz',
    'test/conformance/data/random-612.jsonl.gz',
    'counterexamples/deferred-release/no-unmap-after-unbind.json',
    'verdicts.json',
  ])
    expect(files).toContain(path)
})
