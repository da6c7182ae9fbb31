/** `npm test -- --seed N`: what the script that runs these tests says to a seed that is none. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { seed } from '../support/seed.ts'

const script = fileURLToPath(new URL('../run.mjs', import.meta.url))

it.each([
  { argv: ['--seed'] },
  { argv: ['--seed', 'x'] },
  { argv: ['--seed', '-1'] },
  { argv: ['--seed', '1.5'] },
  { argv: ['--seed='] },
  { argv: ['--seed=2147483648'] },
  { argv: ['--seed', '--reporter=dot'] },
])('npm test -- $argv ends with exit code 3 and one paragraph, before anything is built', (it) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...it.argv], {
    encoding: 'utf8',
  })
  expect(stderr).toMatch(/^test: --seed takes a whole number[^\n]+\n$/)
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
})
it('the seed of the tests is a whole number', () => {
  expect(Number.isInteger(seed)).toBe(true)
})
