/** The same from the command line: a copy of the sources with such designs in it, compiled as a user would. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { withoutProgress } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const COPIED = [
  'engine',
  'model',
  'properties',
  'files',
  'verify',
  'conformance',
  'logs',
  'views',
  'cli',
  'bench',
  'costs',
  'mutants',
]

beforeAll(() => {
  for (const name of [...COPIED, 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const edit = (from: string, to: string, change: (text: string) => string): void =>
    writeFileSync(join(folder, to), change(readFileSync(join(root, from), 'utf8')))
  edit('test/mistakes/designs.ts', 'model/mistakes.ts', (text) =>
    text.replaceAll("'../../model/", "'./").replaceAll("'../../engine/", "'../engine/"),
  )
  edit(
    'model/designs.ts',
    'model/designs.ts',
    (text) =>
      `import { endless, mistakes } from './mistakes.ts'\n${text.replace(
        /(export const designs[^=]*= \[)/,
        '$1\n  ...mistakes,\n  ...endless,',
      )}`,
  )
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: folder })
})

function poolproof(...argv: readonly string[]) {
  const main = join(folder, 'dist/cli/main.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, stdout: stdout.replaceAll(/\n +/g, ' '), stderr: withoutProgress(stderr) }
}
const small = ['--scope', 'small'] as const

describe('search', () => {
  it('tells a step that throws beside everything else, in lines of the TypeScript', () => {
    const { code, stdout, stderr } = poolproof('search', 'throws', ...small)
    expect(stderr).toBe('')
    expect(code).toBe(1)
    const text = readFileSync(join(folder, 'model/mistakes.ts'), 'utf8').split('\n')
    const [, line] = /no-other-report .*BUG_ON.*\(model\/mistakes\.ts:(\d+)/.exec(stdout)!
    expect(text[Number(line) - 1]).toContain('the driver is gone')
    expect(stdout).toMatch(/no-sync-after-unbind +violated/)
  })
  it('says one paragraph about a variable that a step leaves something in, and ends with 3', () => {
    const { code, stdout, stderr } = poolproof('search', 'captured', ...small)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^poolproof: captured: page_pool_release is not deterministic.*\n$/)
    expect(stderr).toMatch(/\(model\/mistakes\.ts:\d+\)/)
    expect(stdout).not.toContain('holds')
  })
  it('says the same with several threads', () => {
    const { code, stderr } = poolproof('search', 'captured', ...small, '--workers', '2')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^poolproof: captured: page_pool_release is not deterministic.*\n$/)
  })
  it.each([
    ['a step', 'spins', 'before_defer() in its step "while (inflight)"'],
    ['a function', 'spins-between', 'before_defer() after "inflight"'],
  ])('ends %s that never comes to its end, and names it', (_, id, says) => {
    const { code, stderr } = poolproof('search', id, ...small)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^poolproof: .*\n$/)
    expect(stderr).toContain(`${id}: ${says} has been running for 10 s and was ended.`)
  })
})

describe('verify', () => {
  it('gives the other designs their verdicts, and says what is wrong with these', () => {
    const { code, stdout, stderr } = poolproof(
      'verify',
      'mem-id-insert-leak',
      'untaken',
      'random',
      '--store',
      join(folder, 'store'),
      '--runs',
      '20',
    )
    expect(code).toBe(3)
    expect(stdout).toMatch(/no-mem-id-leaked +broken/)
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^poolproof: untaken: page_pool_init\(\) makes step/),
      expect.stringMatching(/^poolproof: random: before_defer\(\).*Math\.random\(\)/),
      '',
    ])
  })
})
