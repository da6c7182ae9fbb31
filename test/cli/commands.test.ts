/** The command line, spawned: what it says to mistakes, and what it leaves behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mistake, program } from '../../cli/program.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { namedScopes } from '../../model/scope/parse.ts'
import { parseCounterexample } from '../../verify/counterexample.ts'
import { DESIGN, edited, original, PROPERTY } from '../support/edited.ts'
import { expectParagraph, poolproof, withoutProgress, type Ended } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const poolproofIn = (...argv: readonly string[]): Promise<Ended> => poolproof(folder, argv)
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

describe('what every object has is a name like any other:', () => {
  const { signal } = new AbortController()
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']
  describe.each(names)('%s', (name) => {
    it.each([
      { what: 'verb', argv: [name] },
      { what: 'scope', argv: ['search', DESIGN, '--scope', name] },
      { what: 'bound of a scope', argv: ['search', DESIGN, '--scope', `corner,${name}=1`] },
      { what: 'design', argv: ['verify', name] },
      { what: 'property', argv: ['verify', '-p', name] },
      { what: 'mutant', argv: ['mutants', name] },
      { what: 'thing to explain', argv: ['explain', name] },
      { what: 'thing to list', argv: ['list', name] },
      { what: 'counterexample', argv: ['replay', name] },
    ])('is no $what', async ({ argv }) => {
      const root = program('0', signal, () => {})
      const said = await root.parseAsync(argv, { from: 'user' }).then(
        () => undefined,
        (error: Error) => (error instanceof CommanderError ? mistake(root, argv, error) : error),
      )
      expect(said).toBeInstanceOf(UsageError)
      expect(said!.message).toContain(`"${name}"`)
    })
  })
})

describe('a mistake on the command line ends with exit code 3 and one paragraph', () => {
  const mistakes: readonly { name: string; argv: readonly string[]; says: readonly string[] }[] = [
    {
      name: 'an unknown verb',
      argv: ['verfy'],
      says: ['verb "verfy"', 'Did you mean "verify"?', 'poolproof help'],
    },
    {
      name: 'an unknown design',
      argv: ['verify', 'deferred-relaese'],
      says: ['"deferred-relaese"', 'Did you mean "deferred-release"?', 'poolproof list'],
    },
    {
      name: 'an unknown property',
      argv: ['verify', '--property', 'no-unmap-after-unbnd'],
      says: ['"no-unmap-after-unbnd"', 'Did you mean "no-unmap-after-unbind"?', 'poolproof list'],
    },
    {
      name: 'a name that resembles none',
      argv: ['verify', 'a-quite-different-thing'],
      says: ['"a-quite-different-thing"', 'poolproof list'],
    },
    { name: 'no budget', argv: ['verify', '--budget', '0'], says: ['--budget', 'from 1', '"0"'] },
    { name: 'a budget in words', argv: ['verify', '--budget', 'abc'], says: ['--budget', '"abc"'] },
    { name: 'a seed in words', argv: ['verify', '--seed', 'x'], says: ['--seed', '"x"'] },
    { name: 'a seed below zero', argv: ['verify', '--seed', '-1'], says: ['--seed'] },
    { name: 'half a thread', argv: ['verify', '--threads', '0.5'], says: ['--threads', '"0.5"'] },
    { name: 'an option without a value', argv: ['verify', '--runs'], says: ['--runs'] },
    {
      name: 'an unknown option',
      argv: ['verify', '--fast'],
      says: ['--fast', 'poolproof verify --help'],
    },
    {
      name: 'an option that is misspelt',
      argv: ['verify', '--propery', PROPERTY],
      says: ['--propery', 'Did you mean "--property"?', 'poolproof verify --help'],
    },
    {
      name: 'an option in the place of a value',
      argv: ['verify', '--json', '--runs', '1'],
      says: ['--json needs a value', '"--runs"'],
    },
    {
      name: 'on or off in other words',
      argv: ['search', DESIGN, '--symmetry', 'yes'],
      says: ['--symmetry', 'on or off', '"yes"'],
    },
    {
      name: 'a scope that is misspelt',
      argv: ['search', DESIGN, '--scope', 'corner-nma'],
      says: ['"corner-nma"', 'Did you mean "corner-numa"?', ...namedScopes.keys()],
    },
    {
      name: 'an unknown key of a scope',
      argv: ['search', DESIGN, '--scope', 'small,page=2'],
      says: ['"page"', 'pages'],
    },
    {
      name: 'an unknown mutant',
      argv: ['mutants', 'unmap-lots'],
      says: ['"unmap-lots"', 'Did you mean "unmap-lost"?', 'poolproof mutants --list'],
    },
    {
      name: 'an unknown verb to be helped with',
      argv: ['help', 'serach'],
      says: ['"serach"', 'Did you mean "search"?'],
    },
    {
      name: 'something unknown to explain',
      argv: ['explain', 'no-unmap-after-unbnd'],
      says: ['Did you mean "no-unmap-after-unbind"?', 'poolproof list'],
    },
    {
      name: 'something else to list',
      argv: ['list', 'propertys'],
      says: ['"propertys"', 'Did you mean "properties"?'],
    },
    {
      name: 'a property that does not apply to the design',
      argv: ['verify', 'deferred-release', '--property', PROPERTY],
      says: ['deferred-release', 'poolproof list'],
    },
    { name: 'nothing to replay', argv: ['replay'], says: ['replay takes', 'counterexamples/'] },
  ]
  for (const { name, argv, says } of mistakes)
    it(name, async () => {
      const { code, stdout, stderr } = await poolproofIn(...argv)
      expectParagraph(stderr)
      for (const part of says) expect(stderr).toContain(part)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    })

  const anywhere = join(folder, 'nowhere')
  writeFileSync(anywhere, 'a file, not a folder')
  it('a file for --json that cannot be written', async () => {
    const path = join(anywhere, 'out.json')
    const argv = ['--runs', '0', '--store', join(folder, 'unwritable'), '--json', path]
    const { code, stderr } = await poolproofIn('verify', DESIGN, ...argv)
    expectParagraph(stderr)
    expect(stderr).toContain(`--json ${path}`)
    expect(code).toBe(3)
  })
  it('a folder for --store that cannot be written', async () => {
    const { code, stderr } = await poolproofIn('verify', DESIGN, '--runs', '0', '--store', anywhere)
    expectParagraph(stderr)
    expect(stderr).toContain(anywhere)
    expect(code).toBe(3)
  })
})

describe('verify, with a store in which some files cannot be used', () => {
  const store = join(folder, 'spoilt')
  const at = (name: string): string => join(store, DESIGN, name)
  const files = {
    [`${PROPERTY}.json`]: original.slice(0, 300),
    'no-deadlock.json': original,
    'locks-are-balanced.json': edited((it) => (it['found'] = {})),
  }
  let ended: Promise<Ended> | undefined
  const verified = (): Promise<Ended> => {
    mkdirSync(at('no-other-report.json'), { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content)
    mkdirSync(join(store, 'a-design-of-old'))
    writeFileSync(at('a-property-of-old.json'), original)
    return poolproofIn('verify', DESIGN, '--runs', '0', '--store', store)
  }
  const once = (): Promise<Ended> => (ended ??= verified())

  it('names each of them once, with field and way out, and ends with exit code 3', async () => {
    const { code, stderr } = await once()
    const paragraphs = withoutProgress(stderr).trimEnd().split('\n')
    for (const paragraph of paragraphs) expectParagraph(paragraph)
    for (const says of [
      `${at(`${PROPERTY}.json`)} is not JSON`,
      `${at('no-deadlock.json')}: field "property"`,
      `${at('locks-are-balanced.json')}: field "found`,
      `${at('no-other-report.json')} is a folder`,
    ])
      expect(paragraphs.filter((it) => it.includes(says))).toHaveLength(1)
    expect(code).toBe(3)
  })
  it('has a verdict on every property nevertheless, and does not call them all well', async () => {
    const { stdout } = await once()
    expect(stdout).toMatch(new RegExp(`${PROPERTY} +broken`))
    for (const id of ['no-deadlock', 'locks-are-balanced', 'no-other-report'])
      expect(stdout).toMatch(new RegExp(`${id} +holds`))
    expect(stdout).not.toContain('Every verdict is as')
  })
  it('tells what it found, and saves nothing over a file it cannot read', async () => {
    const { stdout, stderr } = await once()
    expect(stdout).toContain('is taken and cannot be looked up')
    expect(stdout).toContain(`NOT SAVED in ${at(`${PROPERTY}.json`)}`)
    expect(stderr).toContain(`not saved: ${at(`${PROPERTY}.json`)}`)
    for (const [name, content] of Object.entries(files))
      expect(readFileSync(at(name), 'utf8')).toBe(content)
  })
  it('says once what nothing asks for, and leaves it be', async () => {
    const { stdout } = await once()
    expect(stdout.match(/not replayed/g)).toHaveLength(1)
    expect(stdout.split(join(store, 'a-design-of-old'))).toHaveLength(2)
    expect(stdout.split(at('a-property-of-old.json'))).toHaveLength(2)
    expect(existsSync(at('a-property-of-old.json'))).toBe(true)
  })
})

/** What --json writes. Fields may be added; these are promised. */
const written = z.object({
  schema: z.literal(1),
  verdicts: z
    .array(
      z.object({
        design: z.literal(DESIGN),
        property: z.string(),
        outcome: z.enum(['holds', 'holds so far', 'violated', 'vacuous', 'unknown']),
        expected: z.boolean(),
        from: z.enum(['search', 'record']),
        complete: z.boolean(),
        untaken: z.array(z.string()),
        searched: z.array(
          z.object({
            scope: z.string(),
            states: z.int(),
            standsFor: z.int(),
            depth: z.int(),
            from: z.enum(['search', 'record']),
          }),
        ),
        runs: z.int(),
        steps: z.int(),
        seed: z.int(),
        exercised: z.boolean(),
        ways: z.array(
          z.object({
            way: z.string(),
            isDeclared: z.boolean(),
            path: z.string(),
            length: z.int(),
            fresh: z.boolean(),
          }),
        ),
        everywhere: z.array(z.string()),
        gone: z.array(z.string()),
      }),
    )
    .min(1),
})

describe('verify, run twice', () => {
  const store = join(folder, 'twice')
  const json = join(folder, 'verdicts.json')
  const path = join(store, DESIGN, `${PROPERTY}.json`)
  const argv = ['verify', DESIGN, '--store', store, '--runs', '50', '--seed', '3', '--json', json]
  const tableOf = (stdout: string): string =>
    stdout.slice(stdout.indexOf('\nproperty'), stdout.indexOf('\nholds: '))

  let runs: Promise<{ first: Ended; saved: string; second: Ended }> | undefined
  const twice = async () => {
    const first = await poolproofIn(...argv)
    const saved = readFileSync(path, 'utf8')
    return { first, saved, second: await poolproofIn(...argv) }
  }
  const both = () => (runs ??= twice())

  it('saves what it finds once, and prints the same table again', async () => {
    const { first, saved, second } = await both()
    expect(first.code).toBe(0)
    expect(withoutProgress(first.stderr)).toBe('')
    expect(first.stdout).toMatch(/^seed 3, 50 random runs/)
    expect(first.stdout).toContain(`saved    ${path}`)
    expect(first.stdout).toContain(`replay   npx poolproof replay ${path}`)
    expect(second.code).toBe(0)
    expect(second.stdout).not.toContain('saved  ')
    expect(tableOf(second.stdout)).toBe(tableOf(first.stdout))
    expect(tableOf(second.stdout)).toMatch(new RegExp(`${PROPERTY} +broken`))
    expect(filesIn(store)).toEqual([path])
    expect(readFileSync(path, 'utf8')).toBe(saved)
  })
  it('writes the verdicts of the last run with --json', async () => {
    await both()
    const { verdicts } = written.parse(JSON.parse(readFileSync(json, 'utf8')))
    const broken = verdicts.find(({ property }) => property === PROPERTY)
    expect(broken).toMatchObject({
      outcome: 'violated',
      expected: true,
      runs: 50,
      seed: 3,
      exercised: true,
      ways: [{ path, length: 14, fresh: false, isDeclared: true }],
    })
    for (const verdict of verdicts) {
      expect(verdict.expected).toBe(true)
      expect(verdict.ways.length > 0).toBe(verdict.outcome === 'violated')
      expect(verdict.searched.length).toBeGreaterThan(0)
    }
  })
})

describe.each(['SIGINT', 'SIGTERM'] as const)('%s while verify runs', (signal) => {
  const store = join(folder, `interrupted by ${signal}`)
  mkdirSync(store)
  const savedNow = (): string[] => filesIn(store).filter((path) => path.endsWith('.json'))
  let ended: Promise<Ended> | undefined
  /** It comes as soon as the first file is there: others may be being written. */
  const interrupted = () =>
    (ended ??= poolproof(
      folder,
      ['verify', 'deferred-release', '--store', store, '--runs', '10000000', '--budget', '60'],
      (interrupt) => {
        const asking = setInterval(() => {
          if (savedNow().length === 0) return
          clearInterval(asking)
          interrupt(signal)
        }, 20)
        asking.unref()
      },
    ))

  it('ends it with exit code 2 and complete files', async () => {
    const { code, stdout, stderr } = await interrupted()
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toContain('Interrupted: no verdict on deferred-release.')
    expect(stdout).not.toContain('--budget')
    expect(savedNow()).not.toEqual([])
    for (const path of savedNow()) parseCounterexample(readFileSync(path, 'utf8'), path)
  })
  it('prints what was found and saved so far', async () => {
    const { stdout } = await interrupted()
    for (const path of savedNow()) expect(stdout).toContain(path)
  })
})

describe.each(['SIGINT', 'SIGTERM'] as const)(
  '%s prints what there is, with exit code 2',
  (signal) => {
    /** It comes with the first line that says how far the work is. */
    const interrupted = async (...argv: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await poolproof(root, argv, (interrupt, progress) => {
        progress.once('data', () => interrupt(signal))
      })
      expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 2, stderr: '' })
      return stdout
    }
    it('of search: the states visited, and what became of each property', async () => {
      const stdout = await interrupted('search', 'deferred-release', '--scope', 'large')
      expect(stdout).toMatch(/ended by interrupt: \d+ states/)
      expect(stdout).toMatch(/page-in-one-place +(unknown|vacuous)/)
    })
    it('of liveness: which designs are not decided', async () => {
      const stdout = await interrupted('liveness', 'deferred-release', '--scope', 'medium')
      expect(stdout).toContain('deferred-release: interrupted, not decided')
    })
    it('of conform: the tally of what was compared', async () => {
      const stdout = await interrupted('conform', ...Array(50).fill('test/conformance/data'))
      expect(stdout).toContain('Interrupted')
      expect(stdout).toMatch(/agree \(\d+ of \d+\)/)
    })
    it('of mutants: those that were run', async () => {
      const stdout = await interrupted('mutants')
      expect(stdout).toMatch(/\d+ mutants: /)
      expect(stdout).toContain('Interrupted')
    })
  },
)
