/** What poolproof says of itself: help for every verb, the version, completion in a shell. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { dashed } from '../../cli/option.ts'
import { verbs } from '../../cli/verbs.ts'
import { designs } from '../../model/designs.ts'
import { namedScopes } from '../../model/scope/parse.ts'
import { properties } from '../../properties/index.ts'
import { poolproof, type Ended } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const run = (...argv: readonly string[]): Promise<Ended> => poolproof(root, argv)
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

/** A value that each option takes; switches take none. */
const valueOf = (placeholder: string, key: string): string =>
  ({
    N: '1',
    'on|off': 'on',
    SCOPE: 'small',
    ID: 'no-deadlock',
    DESIGN: 'deferred-release',
    WHAT: 'leak',
  })[placeholder] ?? join(folder, key)

describe('help', () => {
  it('is printed without a verb, with help, --help and -h: every verb with what it does', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    for (const { name, says } of verbs) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(says)
    }
    for (const argv of ['help', '--help', '-h']) expect((await run(argv)).stdout).toBe(stdout)
    expect(widest(stdout)).toBeLessThanOrEqual(80)
  })
  describe.each(verbs)('of $name', ({ name, says, options, examples, exits }) => {
    it('fits into 80 columns and names every option, examples and exit codes', async () => {
      const { code, stdout, stderr } = await run(name, '--help')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(widest(stdout)).toBeLessThanOrEqual(80)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(says)
      for (const key of Object.keys(options)) expect(stdout).toContain(dashed(key))
      expect(examples.length).toBeGreaterThanOrEqual(2)
      for (const [command] of examples) expect(stdout).toContain(`poolproof ${command}`)
      for (const [exit, meaning] of exits.entries())
        if (meaning !== '') expect(stdout).toContain(`  ${exit} ${meaning.slice(0, 20)}`)
      expect((await run('help', name)).stdout).toBe(stdout)
      expect((await run(name, '-h')).stdout).toBe(stdout)
    })
    it('names options that are accepted', async () => {
      const typed = (form: (key: string) => string | undefined): string[] =>
        Object.entries(options).flatMap(([key, { placeholder }]) => {
          const option = form(key)
          if (option === undefined) return []
          return placeholder === undefined ? [option] : [option, valueOf(placeholder, key)]
        })
      const other = (key: string): string | undefined => {
        const { short, formerly } = options[key]!
        if (formerly !== undefined) return dashed(formerly)
        return short === undefined ? undefined : `-${short}`
      }
      // With a name that nothing has, so that the verb is reached and does no work.
      for (const form of [dashed, other]) {
        const { stderr } = await run(name, ...typed(form), 'nothing-is-called-so')
        expect(stderr).toContain('nothing-is-called-so')
      }
    })
    it('has examples whose options are accepted', () => {
      const known = [
        ...Object.keys(options).map(dashed),
        ...Object.values(options).flatMap(({ short }) =>
          short === undefined ? [] : [`-${short}`],
        ),
      ]
      for (const [command] of examples)
        for (const word of command.split(' ').filter((it) => it.startsWith('-')))
          expect(known).toContain(word)
    })
  })
  it('is as wide as COLUMNS says', async () => {
    const { stdout } = await poolproof(root, ['verify', '--help'], undefined, {
      env: { COLUMNS: '60' },
    })
    expect(widest(stdout)).toBeLessThanOrEqual(60)
    const wide = await poolproof(root, ['verify', '--help'], undefined, { env: { COLUMNS: '120' } })
    expect(widest(wide.stdout)).toBeGreaterThan(90)
  })
})

it('--version and -V print the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  for (const option of ['--version', '-V'])
    expect(await run(option)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

describe('complete', () => {
  const offered = async (...words: readonly string[]): Promise<string[]> => {
    const { code, stdout } = await run('complete', '--', ...words)
    expect(code).toBe(0)
    return stdout.trimEnd().split('\n')
  }
  const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id)

  it('offers verbs, options, and the names that arguments and options take', async () => {
    expect(await offered('ver')).toEqual(['verify'])
    expect(await offered('verify', '--s')).toEqual(['--seed', '--store'])
    expect(await offered('verify', '')).toEqual(ids(designs))
    expect(await offered('verify', '-p', '')).toEqual(expect.arrayContaining(ids(properties)))
    expect(await offered('search', 'linux-6.12', '--scope', 'corner')).toEqual(
      [...namedScopes.keys()].filter((name) => name.startsWith('corner')),
    )
    expect(await offered('search', '--symmetry', '')).toEqual(['on', 'off'])
  })
  it('leaves the value of --scope=... and files to what they are', async () => {
    expect(await offered('search', '--scope', '=', 'sma')).toEqual(['small'])
    expect(await offered('conform', '')).toEqual([''])
    expect(await offered('verify', '--json', '')).toEqual([''])
  })
  it('bash prints a script that completes in bash', async () => {
    const { stdout } = await run('complete', 'bash')
    const script = join(folder, 'completion.bash')
    const bin = join(folder, 'poolproof')
    writeFileSync(
      bin,
      `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/cli/main.js')}' "$@"\n`,
      {
        mode: 0o755,
      },
    )
    writeFileSync(
      script,
      `${stdout}\nCOMP_WORDS=(poolproof explain no-unm)\nCOMP_CWORD=2\n_poolproof\necho "\${COMPREPLY[@]}"\ncomplete -p poolproof\n`,
    )
    const path = [folder, process.env['PATH']].join(delimiter)
    const said = execFileSync('bash', [script], { encoding: 'utf8', env: { PATH: path } })
    expect(said).toBe('no-unmap-after-unbind\ncomplete -o default -F _poolproof poolproof\n')
  })
  it('refuses a shell it knows nothing of', async () => {
    const { code, stderr } = await run('complete', 'tcsh')
    expect(code).toBe(3)
    expect(stderr).toContain('bash or zsh')
  })
})
