/** The pages of docs/findings, their index, and the links of every document. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readText, updating, writeText } from '../support/updating.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort()
const INDEX = /<!-- pages -->[^]*<!-- \/pages -->/

function entryOf(page: string): string {
  const text = readText(page)
  const [, title] = /^# (.*)/.exec(text)!
  const sections = [...text.matchAll(/^## (.*)/gm)].map(([, it]) => it)
  const link = `[${title}](${page.slice('docs/'.length)})`
  return page.includes('/for-the-list/') || sections.length === 0
    ? `- ${link}`
    : `- ${link}: ${sections.join('; ')}`
}

it('docs/findings.md lists every page and what is in it', () => {
  const all = pages('docs/findings').sort(
    (a, b) => Number(a.includes('/for-the-list/')) - Number(b.includes('/for-the-list/')),
  )
  const index = `<!-- pages -->\n\n${all.map(entryOf).join('\n')}\n\n<!-- /pages -->`
  const before = readText('docs/findings.md')
  expect(before).toMatch(INDEX)
  if (updating)
    writeText(
      'docs/findings.md',
      before.replace(INDEX, () => index),
    )
  expect(readText('docs/findings.md')).toContain(index)
})
it('every link of a document leads to a file that is there', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', ...pages('docs')].filter((it) =>
    existsSync(join(root, it)),
  )
  const dead = documents.flatMap((page) =>
    [...readText(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(documents.length).toBeGreaterThan(20)
  expect(dead).toEqual([])
})
