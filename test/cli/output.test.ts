/** Where output goes and what becomes of it: closed pipes, full disks, files of results, colour, width, progress. */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explain } from '../../cli/about.ts'
import { liveLine } from '../../cli/live-line.ts'
import { columns, isScreen } from '../../cli/terminal.ts'
import { verbs } from '../../cli/verbs.ts'
import { reasonOf } from '../../model/design.ts'
import { designs } from '../../model/designs.ts'
import { properties } from '../../properties/index.ts'
import { DESIGN, original, PROPERTY } from '../support/edited.ts'
import { expectParagraph, poolproof, type Ended } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'dist/cli/main.js')
const folder = temporaryFolder()
const run = (...argv: readonly string[]): Promise<Ended> => poolproof(root, argv)
const underEnv = (env: NodeJS.ProcessEnv, ...argv: readonly string[]): Promise<Ended> =>
  poolproof(root, argv, undefined, { env })
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('standard output', () => {
  const FULL = '/dev/full'
  it.runIf(existsSync(FULL))('on a full disk: one paragraph and exit code 3', async () => {
    const file = openSync(FULL, 'w')
    const { code, stderr } = await poolproof(root, ['list'], undefined, { stdout: file })
    closeSync(file)
    expectParagraph(stderr)
    expect(stderr).toContain('the output could not be written')
    expect(code).toBe(3)
  })
  it('that is closed early changes no exit code: the rest is done, unheard', () => {
    const files = readdirSync(join(root, 'test/logs/data')).filter((it) => it.endsWith('.txt'))
    const logs = files.map((it) => `'${join(root, 'test/logs/data', it)}'`).join(' ')
    const whole = spawnSync(
      'bash',
      ['-c', `'${process.execPath}' '${main}' log ${logs} >/dev/null; echo $?`],
      { encoding: 'utf8' },
    )
    const cut = spawnSync(
      'bash',
      [
        '-c',
        `'${process.execPath}' '${main}' log ${logs} | head -1 >/dev/null; echo \${PIPESTATUS[0]}`,
      ],
      { encoding: 'utf8' },
    )
    expect(Number(whole.stdout)).toBe(1)
    expect(cut.stdout).toBe(whole.stdout)
  })
})

describe('--json', () => {
  it('is taken by every verb', () => {
    expect(verbs.filter(({ options }) => !('json' in options))).toEqual([])
  })
  const quick: readonly (readonly [string, ...string[]])[] = [
    ['search', DESIGN, '--scope', 'small'],
    ['liveness', 'linux-6.1', '--scope', 'small'],
    ['replay', `${DESIGN}/${PROPERTY}`],
    ['conform', 'test/conformance/data/extra-612.jsonl.gz'],
    ['log', 'test/logs/data/cpumap-5.2-rc1.txt'],
    ['list'],
    ['explain', PROPERTY],
    ['mutants', '--list'],
  ]
  it.each(quick)(
    'of %s replaces the file as a whole, and leaves nothing beside it',
    async (...argv) => {
      const place = join(folder, String(argv[0]))
      mkdirSync(place)
      const path = join(place, 'out.json')
      writeFileSync(path, 'something older')
      const { code } = await run(...argv, '--json', path)
      expect([0, 2]).toContain(code)
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ schema: 1 })
      expect(readdirSync(place)).toEqual(['out.json'])
    },
  )
  it('keeps the older file when the work is interrupted for good', async () => {
    const path = join(folder, 'kept.json')
    writeFileSync(path, 'something older')
    await poolproof(
      root,
      ['search', 'deferred-release', '--scope', 'large', '--json', path],
      (kill, stderr) => stderr.once('data', () => kill('SIGKILL')),
    )
    expect(readFileSync(path, 'utf8')).toBe('something older')
  })
  it('writes through a link, and does not replace it', async () => {
    const [path, link] = [join(folder, 'target.json'), join(folder, 'link.json')]
    writeFileSync(path, '')
    symlinkSync(path, link)
    await run('list', 'scopes', '--json', link)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ schema: 1 })
  })
  it.each(verbs)(
    'of $name is refused before the work where it cannot be written',
    async ({ name, examples }) => {
      const argv = examples[1]![0].split(' ').slice(1)
      const files = argv.map((it) =>
        /\.(jsonl|txt)$/.test(it) ? join(root, 'test/logs/data/cpumap-5.2-rc1.txt') : it,
      )
      const path = join(folder, 'nowhere', 'out.json')
      const { code, stdout, stderr } = await run(name, ...files, '--json', path)
      expectParagraph(stderr)
      expect(stderr).toContain(`--json ${path} cannot be written`)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    },
  )
  it('is written to a device as it is, and refused for a folder', async () => {
    const { code, stdout } = await run('mutants', '--list', 'unmap-lost', '--json', '/dev/null')
    expect(code).toBe(0)
    expect(stdout).toContain('unmap-lost')
    const refused = await run('list', '--json', folder)
    expectParagraph(refused.stderr)
    expect(refused.stderr).toContain(`--json ${folder} cannot be written: it is a folder`)
    expect(refused.code).toBe(3)
  })
  it('never replaces the file that is read', async () => {
    const path = join(folder, 'log.txt')
    writeFileSync(path, original)
    for (const option of ['--json', '--svg']) {
      const { code, stderr } = await run('log', path, option, path)
      expectParagraph(stderr)
      expect(code).toBe(3)
      expect(readFileSync(path, 'utf8')).toBe(original)
    }
  })
})

describe('colour', () => {
  const search = ['search', DESIGN, '--scope', 'small'] as const
  // oxlint-disable-next-line no-control-regex
  const escapes = /\u001b\[/
  it('is left out in a pipe, and on request', async () => {
    expect((await run(...search)).stdout).not.toMatch(escapes)
    const both = await underEnv({ FORCE_COLOR: '1', NO_COLOR: '1' }, ...search)
    expect(both.stdout).not.toMatch(escapes)
    const off = await underEnv({ FORCE_COLOR: '0' }, ...search)
    expect(off.stdout).not.toMatch(escapes)
  })
  it('is there in a pipe when FORCE_COLOR asks for it, but not in a terminal that has none', async () => {
    expect((await underEnv({ FORCE_COLOR: '1', TERM: 'xterm' }, ...search)).stdout).toMatch(escapes)
    const dumb = await underEnv({ FORCE_COLOR: '1', TERM: 'dumb' }, ...search)
    expect(dumb.stdout + dumb.stderr).not.toMatch(escapes)
  })
  it('moves no column of the table', async () => {
    const verify = ['verify', DESIGN, '--runs', '0', '--store', join(folder, 'coloured')] as const
    const plain = await run(...verify)
    const coloured = await underEnv({ FORCE_COLOR: '1', TERM: 'xterm' }, ...verify)
    const tableOf = (text: string): string => text.slice(text.indexOf('\nproperty'))
    // oxlint-disable-next-line no-control-regex
    const bare = coloured.stdout.replaceAll(/\u001b\[[\d;]*m/g, '')
    expect(coloured.stdout).toMatch(escapes)
    expect(tableOf(bare)).toBe(tableOf(plain.stdout))
  })
})

describe('lines', () => {
  it.each([
    ['list'],
    ['list', 'scopes'],
    ['explain', PROPERTY],
    ['explain', 'unbind-never-waits-for-a-packet'],
    ['mutants', '--list'],
    ['search', DESIGN, '--scope', 'small'],
    ['convergence', 'numa-check-on-put'],
  ])('of %s %s are at most 80 columns long in a pipe', async (...argv) => {
    const { stdout } = await run(...argv)
    expect(widest(stdout)).toBeLessThanOrEqual(80)
  })
  it('are as long as COLUMNS says, and no word is broken', async () => {
    const { stdout } = await underEnv({ COLUMNS: '60' }, 'list', 'properties')
    const wide = await underEnv({ COLUMNS: '200' }, 'list', 'properties')
    const words = (text: string): string[] => text.split(/\s+/)
    expect(widest(stdout)).toBeLessThanOrEqual(60)
    expect(widest(wide.stdout)).toBeGreaterThan(100)
    expect(words(stdout)).toEqual(words(wide.stdout))
  })
  it('are those of the terminal, 80 where it does not know', () => {
    vi.stubEnv('COLUMNS', undefined)
    expect(columns({ isTTY: true, columns: 132 })).toBe(132)
    expect(columns({ isTTY: true, columns: 0 })).toBe(80)
    expect(columns({ columns: 132 })).toBe(80)
  })
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

describe('explain', () => {
  it.each(properties)(
    '$id says what it is about, and who breaks it with which file',
    async (it) => {
      const written: string[] = []
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
      const values = { store: join(root, 'counterexamples'), json: undefined }
      const { signal } = new AbortController()
      const code = await explain({ names: [it.id], values, signal })
      vi.restoreAllMocks()
      expect(code).toBe(0)
      const text = written.join('')
      expect(text.replaceAll(/\s+/g, ' ')).toContain(it.says)
      const broken = designs.filter(
        ({ breaks, scopes }) => it.id in breaks && scopes?.searched.length !== 0,
      )
      for (const { id, breaks } of broken)
        expect(text.replaceAll(/\s+/g, ' ')).toContain(
          `${id} ${reasonOf(breaks, it.id)!.replaceAll(/ +/g, ' ')}`,
        )
      const files = [...text.matchAll(/ (\/\S+\.json)$/gm)]
      expect(files.length).toBeGreaterThanOrEqual(broken.length)
      for (const [, path] of files) expect(existsSync(path!)).toBe(true)
    },
  )
  it('gives a command that shows the counterexample', async () => {
    const { stdout } = await run('explain', PROPERTY, DESIGN)
    const [, argv] = /npx poolproof (replay \S+)/.exec(stdout)!
    const shown = await run(...argv!.split(' '))
    expect(shown.stdout).toContain(`${PROPERTY}: still violates`)
    expect(shown.code).toBe(0)
  })
})

describe('replay takes', () => {
  const replayed = async (...argv: readonly string[]): Promise<string[]> => {
    const { stdout } = await run('replay', ...argv)
    return stdout.split('\n').filter((line) => /^\S+\.json$/.test(line))
  }
  const saved = 'counterexamples/producer-barrier'
  const below = readdirSync(join(root, saved), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(saved, name))
    .sort()

  it('a design: all that is saved of it, also of its other worlds', async () => {
    expect(await replayed('producer-barrier')).toEqual(below)
  })
  it('a folder, and a design with a property', async () => {
    expect(await replayed(saved)).toEqual(below)
    const [first] = below
    const name = first!.slice('counterexamples/'.length, -'.json'.length)
    expect(await replayed(name)).toEqual([first])
  })
  const others = [
    {
      what: 'a file that is no JSON',
      argv: ['README.md'],
      says: 'README.md is not a counterexample',
    },
    { what: 'JSON of another kind', argv: ['package.json'], says: 'is not a counterexample' },
    { what: 'a folder without any', argv: ['docs'], says: 'no counterexamples in the folder docs' },
    { what: 'a device', argv: ['/dev/zero'], says: 'is not a counterexample' },
    {
      what: 'a design that has none',
      argv: ['mem-id-insert-fixed'],
      says: 'No counterexample of mem-id-insert-fixed is saved',
    },
    {
      what: 'a property that is misspelt',
      argv: [`${DESIGN}/${PROPERTY}s`],
      says: `Did you mean "${DESIGN}/${PROPERTY}"?`,
    },
    {
      what: 'nothing there is',
      argv: ['nowhere.json'],
      says: 'no file, folder or design "nowhere.json"',
    },
  ]
  it.each(others)('not $what, and tells nobody to delete it', async ({ argv, says }) => {
    const { code, stdout, stderr } = await run('replay', ...argv)
    expectParagraph(stderr)
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/delete/i)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })
})

describe('progress', () => {
  const written: string[] = []
  const stream = (more: object) => ({
    ...more,
    write: (text: string) => written.push(text) > 0,
  })
  afterEach(() => written.splice(0))

  it('in a log: a line every 10 s, one for everything that ended, and no escape codes', () => {
    vi.useFakeTimers()
    const live = liveLine({ of: 3, what: 'designs', budget: 60 }, stream({}))
    live.show('a', 'search corner')
    live.show('b', 'search corner')
    vi.advanceTimersByTime(9000)
    expect(written).toEqual([])
    vi.advanceTimersByTime(2000)
    live.done('a', '25 hold')
    vi.advanceTimersByTime(10_000)
    live.clear()
    vi.advanceTimersByTime(60_000)
    expect(written).toEqual([
      '10 s, 50 s of the budget left, 0 of 3 designs done; a: search corner; b: search corner\n',
      '[1 of 3] a: 25 hold\n',
      '20 s, 40 s of the budget left, 1 of 3 designs done; b: search corner\n',
    ])
  })
  it('in a terminal: lines that fit and are rewritten, and one that stays for everything that ended', () => {
    vi.stubEnv('TERM', 'xterm')
    vi.stubEnv('COLUMNS', undefined)
    vi.useFakeTimers()
    const live = liveLine(
      { of: 2, what: 'designs' },
      stream({ isTTY: true, columns: 50, rows: 24 }),
    )
    live.show('a', 'x'.repeat(100))
    live.done('a', '25 hold')
    live.clear()
    const lines = written.join('').split('\n')
    expect(lines.filter((line) => line.endsWith('[1 of 2] a: 25 hold'))).toHaveLength(1)
    // oxlint-disable-next-line no-control-regex
    expect(widest(written.join('').replaceAll(/\u001b\[\d*[A-Z]/g, ''))).toBeLessThan(50)
    expect(written.at(-1)).toBe('\u001b[1F\u001b[J')
  })
  it('in a terminal without escape codes: as in a log', () => {
    vi.stubEnv('TERM', 'dumb')
    expect(isScreen({ isTTY: true })).toBe(false)
    const live = liveLine({ of: 2 }, stream({ isTTY: true, columns: 80, rows: 24 }))
    live.show('a', 'search corner')
    live.done('a', '25 hold')
    live.clear()
    expect(written).toEqual(['[1 of 2] a: 25 hold\n'])
  })
})
