/** The ladders of the README and of docs/ are those that replay prints. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { poolproof } from '../support/poolproof.ts'
import { readText as text, updating, writeText } from '../support/updating.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Where a page shows what replay prints: the line it begins with names the file. */
const shown = ['README.md', ...findings()].flatMap((page) =>
  [...text(page).matchAll(/^(counterexamples\/\S+\.json)\n.*\n.*: still violates at step/gm)].map(
    ([, file]) => ({ page, file: file! }),
  ),
)
function findings(): string[] {
  return readdirSync(new URL('../../docs/findings', import.meta.url), { recursive: true })
    .map((name) => String(name))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/findings/${name}`)
    .sort()
}

describe('the ladders', () => {
  it('are in the README, in the findings on shutdown and in every page for the list', () => {
    expect(new Set(shown.map(({ page }) => page))).toEqual(
      new Set([
        'README.md',
        'docs/findings/shutdown.md',
        ...findings().filter((it) => it.includes('for-the-list')),
      ]),
    )
  })
  for (const { page, file } of shown)
    it(`of ${page} are what replay prints: ${file}`, async () => {
      const { stdout } = await poolproof(root, ['replay', file])
      const ladder = new RegExp(`^${file.replaceAll('.', '\\.')}\n[^]*?^steps .*(\n {8}.*)*$`, 'm')
      if (updating)
        writeText(
          page,
          text(page).replace(ladder, () => stdout.trim()),
        )
      expect(text(page)).toContain(stdout.trim())
    })
})
