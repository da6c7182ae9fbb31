/** Designs as C: all their functions can be read, in the words of the kernel, and compared. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { designs, type Design } from '../../model/designs.ts'
import { namedScopes } from '../../model/scope/parse.ts'
import type * as Patches from '../../views/design-code/patch.ts'
import type * as Programs from '../../views/design-code/program.ts'
import type * as Texts from '../../views/design-code/text.ts'
import type * as Indexed from '../../model/designs.ts'
import { compiled } from '../support/compiled.ts'
import { expectParagraph, poolproof, type Ended } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const built = compiled()
let programs: typeof Programs
let patches: typeof Patches
let texts: typeof Texts
let indexed: typeof Indexed
beforeAll(() => {
  // As it is installed, and not as a test runner compiles it: functions are known again by their texts.
  const load = createRequire(import.meta.url)
  const product = <T>(path: string): T => load(fileURLToPath(built.url(path))) as T
  programs = product<typeof Programs>('views/design-code/program.js')
  patches = product<typeof Patches>('views/design-code/patch.js')
  texts = product<typeof Texts>('views/design-code/text.js')
  indexed = product<typeof Indexed>('model/designs.js')
})

const scopeOf = (name: string) => namedScopes.get(name)!
const shown = (
  id: string,
  names: readonly string[] = [],
  scope = 'corner',
  origins = true,
): Programs.Program =>
  programs.programOf(
    indexed.designs.find((it) => it.id === id)!,
    scopeOf(scope),
    { names, origins },
  )
const code = (id: string, name: string, scope = 'corner'): string =>
  shown(id, [name], scope).functions[0]!.lines.join('\n')
const patch = (from: string, to: string, scope = 'corner'): Patches.Patch =>
  patches.patchOf(shown(from, [], scope, false), shown(to, [], scope, false))

/** What TypeScript, JavaScript or a decision that was made would leave behind. */
const LEFT_OVER =
  /\byield\b|=>|\b(?:const|let|this|super|undefined|typeof)\b|===|!==|\$\{|`|\?\.|\bfunction\*|\[object|(?:&&|\|\|) (?:true|false)\b|\bif \((?:true|false)\)/

describe('every function', () => {
  const scopesOf = ({ scopes, worlds = {} }: Design): readonly string[] => [
    ...new Set([
      'corner',
      ...(scopes?.searched ?? []).map(({ name }) => name),
      ...Object.keys(worlds),
    ]),
  ]
  it.each(designs)('of $id that is printed is C, in every scope it is held in', (design) => {
    for (const scope of scopesOf(design).filter((it) => namedScopes.has(it))) {
      const { functions } = shown(design.id, [], scope)
      expect(functions.length).toBeGreaterThan(design.family.wholePools ? 4 : 0)
      for (const { name, lines } of functions)
        expect(
          lines.filter((line) => LEFT_OVER.test(line)),
          `${name} in ${scope}`,
        ).toEqual([])
    }
  })
  it.each(designs)('of $id and of the world around it can be asked for by name', ({ id }) => {
    const design = indexed.designs.find((it) => it.id === id)!
    const names = programs.namesIn(design, scopeOf('corner'))
    expect(names).toEqual(expect.arrayContaining(['spin_lock', 'synchronize_rcu']))
    for (const { name, lines } of shown(id, names).functions)
      expect(
        lines.filter((line) => LEFT_OVER.test(line)),
        name,
      ).toEqual([])
  })
  it('has the file it stands in, and what its author says of it', () => {
    const { functions } = shown('linux-6.12')
    for (const { name, file, doc } of functions) {
      const source = readFileSync(join(root, file), 'utf8')
      expect(source).toMatch(new RegExp(`\\b${name}\\(`))
      const words = (text: string): string => text.replaceAll(/[\s*]+/g, ' ')
      if (doc !== undefined) expect(words(source)).toContain(words(doc))
    }
    expect(functions.filter(({ doc }) => doc !== undefined).length).toBeGreaterThan(10)
  })
})

describe('a design', () => {
  it('reads like net/core/page_pool.c', () => {
    expect(code('linux-6.12', 'page_pool_release')).toBe(
      [
        's32 page_pool_release(struct page_pool *pool)',
        '{',
        '\tpage_pool_scrub(pool);',
        '\tinflight = page_pool_inflight(pool);',
        '\tsoftirq = page_pool_producer_lock(pool);',
        '\tpage_pool_producer_unlock(pool, softirq);',
        '\tif (!inflight)',
        '\t\t__page_pool_destroy(pool);',
        '\treturn inflight;',
        '}',
      ].join('\n'),
    )
  })
  it('has its functions in the order of page_pool.c, each from the class that has it last', () => {
    const { functions } = shown('linux-6.12')
    const names = functions.map(({ name }) => name)
    const order = [
      'page_pool_create',
      'page_pool_return_page',
      'page_pool_release',
      'page_pool_destroy',
    ]
    expect(names.filter((it) => order.includes(it))).toEqual(order)
    expect(new Set(names).size).toBe(names.length)
    const fileOf = (name: string): string => functions.find((it) => it.name === name)!.file
    expect(fileOf('page_pool_napi_local')).toContain('linux-6-12')
    expect(fileOf('__page_pool_unmap_netmem_dma')).toContain('xarray-address-first')
    expect(fileOf('page_pool_return_page')).toMatch(/^model\/pool\//)
  })
  it('is that of its scope', () => {
    expect(code('linux-6.12', 'page_pool_napi_local')).not.toContain('cpuid) ==')
    expect(code('linux-6.12', 'page_pool_napi_local', 'percpu-pool')).toContain(
      'READ_ONCE(pool->cpuid) == smp_processor_id()',
    )
    const whole = code('linux-6.1', 'page_pool_put_page', 'fragments')
    expect(whole).toContain('if (!page_pool_is_last_frag(pool, page))')
    expect(code('linux-6.1', 'page_pool_put_page')).not.toContain('frag')
  })
  it('says what it is', () => {
    const header = texts.headerOf(shown('xarray-tracking')).join('\n')
    for (const said of [
      'xarray-tracking: pages tracked in an xarray',
      'ee62ce7a1d90',
      'xarray-tracking.ts',
      'struct page_pool adds: dma_mapped',
      'no-unmap-after-unbind',
      'scope corner: with',
      'without',
    ])
      expect(header).toContain(said)
  })
})

describe('the difference', () => {
  it('of xarray-tracking and xarray-address-first is the read that moved, and who clears the page', () => {
    const { functions, equal } = patch('xarray-tracking', 'xarray-address-first')
    const marked = (mark: string): string[] =>
      functions.flatMap(({ lines }) =>
        lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1).trim()),
      )
    const placeIn = (of: string[], what: string): number =>
      of.findIndex((line) => line.includes(what))
    const [before, after] = [marked('-'), marked('+')]
    const [read, claim] = ['dma = page_pool_get_dma_addr(page);', 'xa_cmpxchg(&pool->dma_mapped']
    for (const lines of [before, after]) {
      expect(placeIn(lines, read)).toBeGreaterThanOrEqual(0)
      expect(placeIn(lines, claim)).toBeGreaterThanOrEqual(0)
    }
    expect(placeIn(before, read)).toBeGreaterThan(placeIn(before, claim))
    expect(placeIn(after, read)).toBeLessThan(placeIn(after, claim))
    expect(functions.length).toBeLessThan(5)
    expect(equal).toBeGreaterThan(25)
  })
  it('of xarray-tracking-waits and linux-6.12 are its three changes', () => {
    const text = patches.patchText(patch('linux-6.12', 'xarray-tracking-waits')).join('\n')
    expect(text.match(/^@@ \w+\(\)/gm)).toEqual([
      '@@ page_pool_dma_sync_for_device()',
      '@@ __page_pool_unmap_netmem_dma()',
      '@@ page_pool_destroy()',
    ])
    for (const line of ['+\trcu_read_lock();', '+\trcu_read_unlock();', '+\tsynchronize_rcu();'])
      expect(text).toContain(line)
  })
  it('marks functions that only one of them has', () => {
    const { functions } = patch('deferred-release', 'page-scan-destroy-lock')
    const only = Object.fromEntries(functions.map(({ name, only }) => [name, only]))
    expect(only['page_pool_inflight_unmap']).toBe('page-scan-destroy-lock')
    expect(only['page_pool_uninit']).toBe('deferred-release')
    expect(only['page_pool_return_page']).toBeUndefined()
  })
  it('of a design and itself is none', () => {
    const { functions, equal } = patch('linux-6.12', 'linux-6.12')
    expect(functions).toEqual([])
    expect(equal).toBeGreaterThan(25)
  })
})

describe('poolproof show', () => {
  const run = (...argv: readonly string[]): Promise<Ended> => poolproof(root, ['show', ...argv])

  it('prints what was asked for, and writes it as JSON', async () => {
    const path = join(folder, 'show.json')
    const { code, stdout, stderr } = await run('linux-6.12', 'page_pool_release', '--json', path)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const data = JSON.parse(readFileSync(path, 'utf8')) as {
      design: string
      functions: { name: string; file: string; docstring: string; lines: string[] }[]
    }
    expect(data.design).toBe('linux-6.12')
    const [only] = data.functions
    expect(data.functions).toHaveLength(1)
    expect(only).toMatchObject({ name: 'page_pool_release' })
    expect(stdout).toContain(only!.lines.join('\n'))
    expect(only!.docstring).toContain('in flight')
    expect(stdout).toContain(only!.file)
  })
  it('prints a difference as a patch', async () => {
    const { code, stdout } = await run('xarray-address-first', '--diff', 'xarray-tracking')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^--- xarray-tracking\n\+\+\+ xarray-address-first\n/)
    expect(stdout).toMatch(/\d+ functions differ; \d+ functions are the same in both/)
  })
  it.each([
    { argv: [], says: ['takes a design', 'poolproof list designs'] },
    { argv: ['linux-6.13'], says: ['"linux-6.13"', 'Did you mean "linux-6.1'] },
    {
      argv: ['linux-6.12', 'page_pool_relase'],
      says: ['"page_pool_relase"', 'Did you mean "page_pool_release"?'],
    },
    { argv: ['linux-6.12', 'my_scrub'], says: ['"my_scrub"', 'page_pool_scrub'] },
    { argv: ['linux-6.12', 'toString'], says: ['"toString"'] },
    { argv: ['linux-6.12', '--diff', 'linux-6.11'], says: ['"linux-6.11"', 'Did you mean'] },
    { argv: ['linux-6.12', '--scope', 'cornr'], says: ['"cornr"', 'corner'] },
  ])('$argv is a mistake that says the way out', async ({ argv, says }) => {
    const { code, stdout, stderr } = await run(...argv)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expectParagraph(stderr)
    for (const text of says) expect(stderr).toContain(text)
  })
})

describe('docs/architecture.md', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `\w+\(\)` \| \d+ \| `(\w+)` \|/gm)].map(([, name]) => name!)
  /** Functions of page_pool.c or its headers that 6.12.117 has elsewhere, inline, or not yet. */
  const NOT_LISTED = new Set([
    'netmem_set_dma_index',
    'page_pool_enable_direct_recycling',
    'page_pool_nid_changed',
    'page_pool_put_page',
    'page_pool_recycle_ring_bulk',
  ])
  it('has every function of page_pool.c that is printed, and no other', () => {
    const printed = shown('linux-6.12')
      .functions.map(({ name }) => name)
      .filter((name) => /^_*page_pool_|^netmem_/.test(name) && !NOT_LISTED.has(name))
    expect(listed.length).toBeGreaterThan(30)
    expect([...listed].sort()).toEqual([...printed].sort())
  })
})
