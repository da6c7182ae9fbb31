/** The rooms of logs/: which may use which, and no two files that use each other. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../logs', import.meta.url))
/** From the ground up. A room may use itself and what is below its floor; '' is what stands above the rooms. */
const floors: readonly (readonly string[])[] = [
  ['report'],
  ['text'],
  ['holders'],
  ['accounts', 'messages/shutdowns', 'messages/notices'],
  ['messages'],
  [''],
]
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .sort()
const roomOf = (file: string): string => (dirname(file) === '.' ? '' : dirname(file))
const floorOf = (file: string): number => floors.findIndex((rooms) => rooms.includes(roomOf(file)))

/** What a file of logs/ imports or re-exports of logs/, types as well. */
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /(?:\bfrom\s+|\bimport\s+|\bimport\()'(\.[^']+)'/g,
    ),
  ]
    .map(([, target]) => normalize(join(dirname(file), target!)))
    .filter((target) => !target.startsWith('..'))
const edges = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })))
const shown = (found: typeof edges): string[] =>
  found.map(({ file, target }) => `${file} imports ${target}`)

describe('the rooms of logs/', () => {
  it('are these, and every import of theirs leads to a file', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(floors.flat().sort())
    expect(edges.length).toBeGreaterThan(files.length)
    expect(shown(edges.filter(({ target }) => !files.includes(target)))).toEqual([])
  })
  it('use themselves and what is below them', () => {
    const astray = edges.filter(
      ({ file, target }) => floorOf(target) >= floorOf(file) && roomOf(target) !== roomOf(file),
    )
    expect(shown(astray)).toEqual([])
  })
  it('have no circle of imports, of types or of anything else', () => {
    expect(circles(new Map(files.map((file) => [file, importsOf(file)])))).toEqual([])
  })
  it('would be found to have one', () => {
    const three = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
    ])
    expect(circles(three)).toEqual(['a', 'b', 'c'])
  })
  it('keep nothing from one call to the next but what an object of theirs keeps', () => {
    expect(files.flatMap((file) => keptBy(readFileSync(join(root, file), 'utf8')))).toEqual([])
    const old = 'export const met = { count: 0 }\nlet last = 1\nconst a = 1\n  met.count += a\n'
    expect(keptBy(old)).toEqual(['met', 'last'])
    expect(keptBy('const names = new Map<string, string>()\n')).toEqual(['names'])
  })
})

/** Files that reach themselves. */
function circles(uses: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = (from: string): Set<string> => {
    const seen = new Set<string>()
    const next = [...(uses.get(from) ?? [])]
    for (let file = next.pop(); file !== undefined; file = next.pop()) {
      if (seen.has(file)) continue
      seen.add(file)
      next.push(...(uses.get(file) ?? []))
    }
    return seen
  }
  return [...uses.keys()].filter((file) => reaches(file).has(file))
}

/** Variables of a module that change: declared so, written to, or collections that begin empty. */
const keptBy = (text: string): string[] =>
  [...text.matchAll(/^(?:export )?(let|var|const) (\w+)(.*)$/gm)].flatMap(([, how, name, rest]) => {
    const isWritten = new RegExp(String.raw`\b${name}(?:\.\w+|\[\w+\]) (?:[-+*|&]|\?\?)?= `).test(
      text,
    )
    const isEmpty = /= (?:new (?:Map|Set)(?:<.*>)?\(\)|\[\]|\{\})$/.test(rest!)
    return how !== 'const' || isWritten || isEmpty ? [name!] : []
  })
