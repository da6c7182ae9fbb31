/** `verdicts.json`: what a run takes from it, what it searches nevertheless, and what it writes down. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { spawnSync } from 'node:child_process'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, parseRecord, type RecordedDesign } from '../../verify/record/record.ts'
import type * as RestsOn from '../../verify/record/rests-on.ts'
import { Modules } from '../../verify/record/modules.ts'
import type { Verdict } from '../../verify/verdict.ts'
import { defaults } from '../../verify/options.ts'
import { expectParagraph, withoutProgress } from '../support/poolproof.ts'
import { product } from '../support/product.ts'

const BOTH = ['tiny', 'percpu-cpuid-kept']
const RECORD = 'verdicts.json'
const { run, read, write, edit, folder } = product()

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly verdicts: readonly Verdict[]
  /** Designs by where their verdicts are from. */
  readonly from: Readonly<Record<string, string>>
}
function verify(...argv: readonly string[]): Ran {
  rmSync(join(folder, 'out.json'), { force: true })
  const { status, stdout, stderr } = run('verify', '--json', 'out.json', ...argv)
  const { verdicts = [] } =
    status === 3 ? {} : (JSON.parse(read('out.json')) as { verdicts: readonly Verdict[] })
  const from = Object.fromEntries(verdicts.map((one) => [one.design, one.from]))
  return { status, stdout, stderr, verdicts, from }
}
const recorded = 'record'
const searched = 'search'
const withoutOrigin = (verdicts: readonly Verdict[]): unknown =>
  verdicts.map((one) => ({
    ...one,
    from: '',
    searched: one.searched.map((scope) => ({ ...scope, from: '' })),
    ways: one.ways.map(({ way, path, length }) => ({ way, path, length })),
  }))

let first: Ran
/** As the first run left them. */
let record: string
const files = new Map<string, string>()
const kept = [
  RECORD,
  'dist/model/tiny.js',
  'dist/model/designs.js',
  'dist/model/kernels/percpu-recycling.js',
  'dist/engine/search/breadth-first.js',
  'dist/properties/no-deadlock.js',
]
beforeAll(() => {
  first = verify()
  record = read(RECORD)
  for (const path of kept) files.set(path, read(path))
})
beforeEach(() => {
  for (const [path, text] of files) write(path, text)
})

describe('a run that finds no record', () => {
  it('searches everything, and writes down what is as declared', () => {
    expect(first.status).toBe(0)
    expect(first.from).toEqual({ tiny: searched, 'percpu-cpuid-kept': searched })
    expect(first.stdout).toContain('verdicts.json was written: tiny, percpu-cpuid-kept.')
    expect(Object.keys(parseRecord(record, RECORD).designs)).toEqual(BOTH)
  })
})

describe('a run whose record fits', () => {
  it('has the same verdicts, searches the first scope of each design again, and says so', () => {
    const again = verify()
    expect(again.status).toBe(0)
    expect(withoutOrigin(again.verdicts)).toEqual(withoutOrigin(first.verdicts))
    expect(again.from).toEqual({ tiny: recorded, 'percpu-cpuid-kept': recorded })
    const scopes = again.verdicts.find(({ design }) => design === 'tiny')!.searched
    expect(scopes.map((one) => one.from)).toEqual([searched, recorded])
    expect(again.stdout).toContain('verdicts.json has the verdicts of all 2 designs')
    expect(again.stdout).toMatch(/^ +recorded$/m)
    expect(again.stdout).toMatch(/percpu-cpuid-kept +\S+ +broken, recorded$/m)
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'recorded: 2 designs, other worlds included, from verdicts.json, whose digests fit; of each the first scope was searched again now (small,rxqs=1,ids=1,faults=1; percpu-pool)',
    )
  })
  it('leaves every file as it is, --all too', () => {
    const before = statSync(join(folder, RECORD))
    verify()
    expect(verify('--all').from).toEqual({ tiny: searched, 'percpu-cpuid-kept': searched })
    const after = statSync(join(folder, RECORD))
    expect([after.mtimeMs, after.ino]).toEqual([before.mtimeMs, before.ino])
    expect(readdirSync(folder).sort()).toEqual(
      [RECORD, 'counterexamples', 'dist', 'node_modules', 'out.json', 'package.json'].sort(),
    )
  })
  it('searches a design in full that is named', () => {
    expect(verify('tiny').from).toEqual({ tiny: searched })
  })
  it.each([
    ['other random runs are asked for', ['--seed', '2']],
    ['only some properties are', ['--property', 'no-deadlock']],
  ])('is not used and not written where %s', (_, argv) => {
    expect(new Set(Object.values(verify(...argv).from))).toEqual(new Set([searched]))
    expect(read(RECORD)).toBe(record)
  })
  it('is not used and not written where another store is', () => {
    const store = mkdtempSync(join(folder, 'store-'))
    try {
      expect(verify('--store', store).from).toEqual({
        tiny: searched,
        'percpu-cpuid-kept': searched,
      })
      expect(read(RECORD)).toBe(record)
    } finally {
      rmSync(store, { recursive: true })
    }
  })
})

describe('a change', () => {
  it('of one design lets its own record count for nothing, and no other', () => {
    edit('dist/model/kernels/percpu-recycling.js', (text) => `${text}\nconst more = 1\n`)
    expect(verify().from).toEqual({ tiny: recorded, 'percpu-cpuid-kept': searched })
    expect(verify().from).toEqual({ tiny: recorded, 'percpu-cpuid-kept': recorded })
  })
  it('of the list of designs touches no record', () => {
    edit('dist/model/designs.js', (text) => `${text}\nexport const more = 1\n`)
    expect(verify().from).toEqual({ tiny: recorded, 'percpu-cpuid-kept': recorded })
  })
  it.each(['dist/engine/search/breadth-first.js', 'dist/properties/no-deadlock.js'])(
    'of %s touches all',
    (path) => {
      edit(path, (text) => `${text}\nconst more = 1\n`)
      expect(verify().from).toEqual({ tiny: searched, 'percpu-cpuid-kept': searched })
    },
  )
  it('that breaks what is declared is told, and nothing is recorded', () => {
    edit('dist/model/tiny.js', (text) => text.replace("id: 'tiny'", "id: 'tiny', breaks: {}"))
    const { status, from, stdout } = verify()
    expect(from).toEqual({ tiny: searched, 'percpu-cpuid-kept': recorded })
    expect([status, read(RECORD)]).toEqual([1, record])
    expect(stdout).toContain('UNEXPECTED')
    expect(stdout).not.toContain('verdicts.json was written')
  })
  it('that makes a design fail is told, and nothing is recorded', () => {
    edit('dist/model/tiny.js', (text) =>
      text.replace("id: 'tiny'", "id: 'tiny', functions: () => { throw new Error('at fault') }"),
    )
    expect([verify().status, read(RECORD)]).toEqual([3, record])
  })
})

describe('saved counterexamples that are not those of the record', () => {
  const saved = 'counterexamples/tiny/no-mem-id-leaked.json'
  it('let the design be searched in full, and are found again', () => {
    rmSync(join(folder, saved))
    const { status, from, stdout } = verify()
    expect(from).toEqual({ tiny: searched, 'percpu-cpuid-kept': recorded })
    expect(stdout).not.toContain('WRONG RECORD')
    expect([status, read(RECORD)]).toEqual([0, record])
    expect(read(saved)).toContain('"steps"')
  })
})

describe('a record that was edited', () => {
  type Edit = (it: RecordedDesign['worlds'][string]) => void
  const changed = (edit: Edit, forged: boolean): string => {
    const its = parseRecord(record, RECORD)
    const { tiny } = its.designs
    edit(tiny!.worlds['everywhere']!)
    if (forged) tiny!.digest = digestOf(rests.get('tiny')!, tiny!.worlds)
    return JSON.stringify(its)
  }
  let rests: ReadonlyMap<string, string>
  beforeAll(async () => {
    const at = (path: string): string => pathToFileURL(join(folder, 'dist', path)).href
    const { restsOn } = (await import(at('verify/record/rests-on.js'))) as typeof RestsOn
    const { designs } = (await import(at('model/designs.js'))) as { designs: never[] }
    rests = await restsOn(designs, defaults, join(folder, 'dist'), join(folder, 'package.json'))
  })

  it('counts for nothing', () => {
    write(
      RECORD,
      changed((one) => (one.searched[1]!.states += 1), false),
    )
    expect(verify().from).toEqual({ tiny: searched, 'percpu-cpuid-kept': recorded })
    expect(read(RECORD)).toBe(record)
  })
  it.each<[string, Edit, boolean]>([
    [
      'other states in the scope that is searched again',
      (one) => (one.searched[0]!.states += 1),
      true,
    ],
    ['less depth', (one) => (one.searched[0]!.depth -= 1), true],
    [
      'a situation that is said not to be reached',
      (one) => (one.verdicts['no-mem-id-leaked']!.exercised = false),
      true,
    ],
    [
      'a property that is said to hold and of which a counterexample is saved',
      (one) =>
        (one.verdicts['no-mem-id-leaked'] = {
          outcome: 'holds',
          exercised: true,
          ways: [],
          everywhere: [],
        }),
      true,
    ],
  ])('and its digest forged is wrong where it has %s: exit code 1', (_, edit, forged) => {
    write(RECORD, changed(edit, forged))
    const { status, from, stdout } = verify()
    expect(from).toEqual({ tiny: searched, 'percpu-cpuid-kept': recorded })
    expect(stdout).toContain('WRONG RECORD: verdicts.json')
    expect(stdout).not.toContain('Every verdict is as its design declares.')
    expect([status, read(RECORD)]).toEqual([1, record])
  })
  it('and its digest forged is found to be wrong by --all where nothing else searches', () => {
    write(
      RECORD,
      changed((one) => (one.searched[1]!.states += 1), true),
    )
    expect(verify().status).toBe(0)
    const { status, stdout } = verify('--all')
    expect(stdout).toContain('WRONG RECORD: verdicts.json has 159232 states')
    expect([status, read(RECORD)]).toEqual([1, record])
  })
})

describe('a malformed record', () => {
  it.each([
    ['is cut short', (text: string) => text.slice(0, 300)],
    ['has the marks of a merge', (text: string) => `<<<<<<< HEAD\n${text}`],
    ['is of another version', (text: string) => text.replace('"schema": 1', '"schema": 2')],
    ['has a field too many', (text: string) => text.replace('"schema"', '"more": 1, "schema"')],
    ['has a key twice', (text: string) => text.replace('"schema"', '"schema": 1, "schema"')],
    ['has no such outcome', (text: string) => text.replace('"holds"', '"fine"')],
    ['has states that are none', (text: string) => text.replace(/"states":\d+/, '"states":-1')],
    ['is broken in no way', (text: string) => text.replace('"holds"', '"violated"')],
  ])('that %s: one paragraph with the way out, exit code 3, and it stays', (_, edited) => {
    const text = edited(record)
    expect(text).not.toBe(record)
    write(RECORD, text)
    const { status, stderr } = verify()
    expectParagraph(withoutProgress(stderr))
    expect(stderr).toContain('verdicts.json')
    expect(stderr).toContain('verify --all')
    expect([status, read(RECORD)]).toEqual([3, text])
  })
})

describe('what the digest is of', () => {
  it('has every module that is loaded to verify a design', () => {
    const coverage = mkdtempSync(join(folder, 'coverage-'))
    const at = (path: string): string => JSON.stringify(join(folder, 'dist', path))
    const script = `
      import ${at('verify/worker.js')}
      import { designs } from ${at('model/designs.js')}
      import { properties } from ${at('properties/index.js')}
      import { verifyDesign } from ${at('verify/verify-design.js')}
      const options = ${JSON.stringify({ ...defaults, store: 'none' })}
      for (const design of designs) verifyDesign(design, properties, options)`
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
    })
    const dist = join(folder, 'dist')
    const loaded = readdirSync(coverage)
      .flatMap(
        (name) =>
          (JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] })
            .result,
      )
      .filter(({ url }) => url.startsWith('file:'))
      .map(({ url }) => relative(dist, fileURLToPath(url)))
      .filter((path) => !path.startsWith('..'))
    rmSync(coverage, { recursive: true })
    rmSync(join(folder, 'none'), { recursive: true })
    expect(loaded).toContain('engine/search/breadth-first.js')
    const { modules } = new Modules(dist).loadedBy('verify/worker.js')
    expect(loaded.filter((path) => !modules.has(path))).toEqual([])
  })
})
