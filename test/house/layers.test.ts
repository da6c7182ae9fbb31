/** The plan of the house: which floor may use which, and what no file may contain. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** From the ground up. A file may use its own floor and those below. */
const floors = [
  ['engine', 'files'],
  ['model'],
  ['conformance', 'properties'],
  ['costs', 'mutants', 'verify'],
  ['logs'],
  ['bench', 'views'],
  ['cli'],
]
/** The floors inside a folder, by room or by file. Here a room may use itself and the floors below, not its neighbours. */
const inner: Readonly<Record<string, readonly (readonly string[])[]>> = {
  engine: [
    ['authoring'],
    ['state', 'step.ts', 'pulse.ts'],
    ['symmetry'],
    ['system.ts'],
    ['program', 'rules'],
    ['counterexample', 'mutation'],
    ['search', 'random', 'liveness'],
  ],
}
const folders = floors.flat()

const isFolder = (name: string): boolean =>
  readdirSync(root, { withFileTypes: true }).some((it) => it.name === name && it.isDirectory())
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const sources = folders.filter(isFolder).flatMap(filesIn)
const tracked = (): string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
const isCheckout = existsSync(join(root, '.git'))

const floorOf = (file: string): number =>
  floors.findIndex((names) => names.includes(file.split('/')[0]!))
/** What a file imports or re-exports: paths from the root, and the names of packages. */
const importsOf = (file: string): string[] =>
  [...text(file).matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)].map(([, target]) =>
    target!.startsWith('.') ? normalize(join(dirname(file), target!)) : target!,
  )
const edges = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })))
const isInside = (target: string): boolean => target.endsWith('.ts')
const shown = (found: readonly { file: string; target: string }[]): string[] =>
  found.map(({ file, target }) => `${file} imports ${target}`)

describe('imports', () => {
  it('are found at all', () => {
    expect(sources).toContain('engine/search/breadth-first.ts')
    expect(shown(edges)).toContain('cli/verify.ts imports verify/verify-all.ts')
  })
  it('point one way: cli, views, logs, verify, properties and conformance, model, engine', () => {
    const upward = edges.filter(
      ({ file, target }) => isInside(target) && floorOf(target) > floorOf(file),
    )
    expect(shown(upward)).toEqual([])
  })
  it('of logs reach the model from explain.ts only: a log is read without it', () => {
    const down = edges.filter(
      ({ file, target }) =>
        file.startsWith('logs/') && isInside(target) && !target.startsWith('logs/'),
    )
    expect(down.length).toBeGreaterThan(0)
    expect(down.filter(({ file }) => file !== 'logs/explain.ts')).toEqual([])
  })
  it.each(Object.entries(inner))('inside %s point one way, too', (folder, rooms) => {
    const roomOf = (file: string): string => file.split('/')[1]!
    const level = (file: string): number => rooms.findIndex((it) => it.includes(roomOf(file)))
    const inside = edges.filter(
      ({ file, target }) => file.startsWith(`${folder}/`) && target.startsWith(`${folder}/`),
    )
    expect(inside.filter(({ file }) => level(file) < 0).map(({ file }) => file)).toEqual([])
    const wrong = inside.filter(
      ({ file, target }) =>
        level(target) > level(file) ||
        (level(target) === level(file) && roomOf(target) !== roomOf(file)),
    )
    expect(shown(wrong)).toEqual([])
  })
  it('go round in no circle, those of types included', () => {
    const circles: string[] = []
    const over = new Set<string>()
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (over.has(file)) return
      over.add(file)
      for (const it of edges)
        if (it.file === file && isInside(it.target)) walk(it.target, [...path, file])
    }
    for (const file of sources) walk(file, [])
    expect(circles).toEqual([])
  })
  it('stay inside the house', () => {
    expect(shown(edges.filter(({ target }) => isInside(target) && floorOf(target) < 0))).toEqual([])
  })
  it('take from outside only what package.json declares', () => {
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: object }
    const declared = Object.keys(dependencies)
    const foreign = edges.filter(
      ({ target }) =>
        !isInside(target) && !target.startsWith('node:') && !declared.includes(target),
    )
    expect(shown(foreign)).toEqual([])
  })
})

describe('kernel code', () => {
  const rooms = ['pool', 'shutdown', 'kernels', 'numa', 'mem-id'].flatMap((room) =>
    filesIn(`model/${room}`),
  )
  const NOT_KERNEL = /\/(events|family|observers|registration|scopes|world)\.ts$/
  const kernel = rooms.filter((file) => !NOT_KERNEL.test(file))

  it('of the pool and of designs knows nothing of the ledger', () => {
    expect(kernel.length).toBeGreaterThan(20)
    expect(
      shown(edges.filter((it) => kernel.includes(it.file) && /ledger/.test(it.target))),
    ).toEqual([])
    expect(kernel.filter((file) => /\b(LEDGER|truth|inFlight)\b/.test(text(file)))).toEqual([])
  })
  it('asks no scope what it leaves out: detail() does', () => {
    // Sizes bound loops; everything else of a scope is a step that is there or not.
    const asks = /\b(?:this|w)\.scope\.(?!(?:pages|bulk|counterStarts)\b)\w+/g
    const found = kernel.flatMap((file) =>
      [...text(file).matchAll(asks)].map(([what]) => `${file}: ${what}`),
    )
    expect(found).toEqual([])
  })
})

describe('files', () => {
  it('have names in kebab case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/
    const odd = [...sources, ...filesIn('test')].filter(
      (file) => !file.split('/').every((part) => kebab.test(part) || /^[a-z0-9-]+$/.test(part)),
    )
    expect(odd).toEqual([])
  })
  it('of the engine know nothing of pools, pages or DMA', () => {
    const word = /(?<![a-z])(pools?|pages?|dma)(?![a-z])/i
    const hits = filesIn('engine').flatMap((file) =>
      text(file)
        .split('\n')
        .flatMap((line, i) => (word.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
    )
    expect(hits).toEqual([])
  })
  it.runIf(isCheckout)('under version control hold no path of the machine of their author', () => {
    const machine = ['', 'work', ''].join('/')
    const path = new RegExp(`(?<![\\w.~/-])${machine}[\\w.-]`)
    expect(tracked().filter((file) => path.test(text(file)))).toEqual([])
  })
  it('lock the dependencies without naming where they were downloaded from', () => {
    expect(text('package-lock.json')).not.toContain('"resolved"')
  })
})
