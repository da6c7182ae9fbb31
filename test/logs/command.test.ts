/** `poolproof log` as it is called: what it refuses, what it writes, and how it ends. */
import { spawn } from 'node:child_process'
import { linkSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { expectParagraph, poolproof } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { HEADER, story, threePools } from './trace.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const folder = temporaryFolder()
const warning =
  '[ 1549.000000] page_pool_release_retry() stalled pool shutdown: id 949, 98 inflight 1449 sec\n'
const good = `${threePools().join('\n')}\n`
const wrong = good.replace('release=9 ', 'release=8 ')
const path = (name: string): string => join(folder, name)
const text = (name: string): string => readFileSync(path(name), 'utf8')

beforeAll(() => {
  writeFileSync(path('stalled.txt'), warning)
  writeFileSync(path('good.txt'), good)
})

it.each([
  ['stalled', 1],
  ['leak', 1],
  ['impossible', 0],
  ['impossible,stalled', 1],
])('--fail-on %s of a stalled pool ends with %i', async (concern, code) => {
  const ended = await poolproof(folder, ['log', 'stalled.txt', '--fail-on', concern])
  expect([ended.code, ended.stderr]).toEqual([code, ''])
})
it('--fail-on may be given more than once, and changes nothing where nothing is met', async () => {
  const argv = ['log', 'good.txt', '--fail-on', 'stalled', '--fail-on', 'leak']
  expect((await poolproof(folder, argv)).code).toBe(0)
})
it('--fail-on takes three words', async () => {
  const { code, stderr } = await poolproof(folder, ['log', 'good.txt', '--fail-on', 'stall'])
  expectParagraph(stderr)
  expect([code, stderr]).toEqual([3, expect.stringMatching(/stalled, leak or impossible.*"stall"/)])
})

it.each([
  ['--json', 'stalled.txt'],
  ['--svg', 'stalled.txt'],
  ['--json', 'hard.txt'],
  ['--svg', 'link.txt'],
])('%s never replaces a log that is read: %s', async (option, target) => {
  if (target === 'hard.txt') linkSync(path('stalled.txt'), path('hard.txt'))
  if (target === 'link.txt') symlinkSync('stalled.txt', path('link.txt'))
  const { code, stderr, stdout } = await poolproof(folder, ['log', 'stalled.txt', option, target])
  expectParagraph(stderr)
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/would overwrite stalled\.txt/)
  expect(text('stalled.txt')).toBe(warning)
})
it('a place that cannot be written to is refused before anything is read', async () => {
  const argv = ['log', 'stalled.txt', '--json', 'nowhere/out.json']
  const { code, stderr, stdout } = await poolproof(folder, argv)
  expectParagraph(stderr)
  expect([code, stdout]).toEqual([3, ''])
})
it('what is written is whole, and nothing else is left', async () => {
  writeFileSync(path('old.json'), 'old')
  await poolproof(folder, ['log', 'stalled.txt', '--json', 'old.json'])
  expect(JSON.parse(text('old.json')).logs[0].shutdowns[0].name).toBe('id 949')
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})
it('a file that is missing is refused before the others are read, and nothing is written', async () => {
  const argv = ['log', 'good.txt', 'missing.txt', 'stalled.txt', '--json', 'none.json']
  const { code, stderr, stdout } = await poolproof(folder, argv)
  expectParagraph(stderr)
  expect([code, stdout]).toEqual([3, ''])
  expect(readdirSync(folder)).not.toContain('none.json')
})

it('a line of 10 MB is one line', async () => {
  const at = wrong.split('\n').findIndex((line) => line.includes('release=8 ')) + 1
  writeFileSync(path('long.txt'), `# ${'x'.repeat(10_000_000)}\n${wrong}`)
  writeFileSync(path('short.txt'), `# x\n${wrong}`)
  const lineOf = (said: string): string | undefined => /line (\d+) is refused/.exec(said)?.[1]
  const [long, short] = await Promise.all(
    ['long.txt', 'short.txt'].map((name) => poolproof(folder, ['log', name])),
  )
  expect(lineOf(long!.stdout)).toBe(lineOf(short!.stdout))
  expect(Number(lineOf(long!.stdout))).toBeGreaterThanOrEqual(at)
  expect(long!.stdout).toMatch(/longer than 1 MB/)
})

it('netlink and dmesg in two files are joined by the id', async () => {
  writeFileSync(
    path('pools.json'),
    '[{"id": 949, "inflight": 98, "inflight-mem": 401408, "detach-time": 100}, {"id": 950, "ifindex": 2, "inflight": 5}]\n',
  )
  const { stdout, code } = await poolproof(folder, ['log', 'stalled.txt', 'pools.json'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /kernel log, id 949[^]*netlink, pool id 949: no device \(left behind\), 98 pages in flight[^]*destroyed 100 s/,
  )
  // It is known already.
  expect(stdout).not.toMatch(/page-pool-get --json/)
})

it('--explain is cut short by Ctrl-C, and says so', async () => {
  const lines = [...HEADER, ...story({ pages: 12, late: 5, attempts: 6, stalled: true })]
  writeFileSync(path('trace.txt'), `${lines.join('\n')}\n`)
  // Destroy takes every page out of the count there: the search goes through all three scopes.
  const child = spawn(
    process.execPath,
    [main, 'log', 'trace.txt', '--explain', 'destroy-count-only'],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (said: string) => {
    // The report is there, and the search has begun.
    if (stdout === '') child.kill('SIGINT')
    stdout += said
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(stdout).toMatch(/explain: interrupted/)
  expect(code).toBe(2)
}, 60_000)
it('a reader that has seen enough leaves the exit code as it is', async () => {
  writeFileSync(path('wrong.txt'), wrong)
  const child = spawn(
    process.execPath,
    [main, 'log', ...Array.from({ length: 40 }, () => 'stalled.txt'), 'wrong.txt'],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  child.stdout.once('data', () => child.stdout.destroy())
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
}, 60_000)
