/** `poolproof replay`, spawned: counterexamples as they were saved, edited by hand, cut short or damaged. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DESIGN, edited, original, PROPERTY, steps } from '../support/edited.ts'
import { expectParagraph, poolproof, type Ended } from '../support/poolproof.ts'
import type { Counterexample } from '../../verify/counterexample.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const poolproofIn = (...argv: readonly string[]): Promise<Ended> => poolproof(folder, argv)

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const unreadable: readonly {
  name: string
  content: string | Buffer
  says: readonly string[]
}[] = [
  { name: 'a truncated file', content: original.slice(0, 700), says: ['is not JSON'] },
  { name: 'an empty file', content: '', says: ['is not a counterexample', 'empty'] },
  { name: 'a blank file', content: '\n\n', says: ['is not a counterexample', 'empty'] },
  {
    name: 'a file of prose',
    content: 'Dear reader,\n\nthis is not JSON.\n',
    says: ['is not a counterexample', 'no JSON object'],
  },
  {
    name: 'a binary file',
    content: Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0x00, 0x0a, 0x0a, 0xff, 0xfe, 0x07]),
    says: ['is not a counterexample', 'no JSON object'],
  },
  { name: 'schema 0', content: edited((it) => (it['schema'] = 0)), says: ['"schema" is 0'] },
  {
    name: 'a schema of the future',
    content: edited((it) => (it['schema'] = 2)),
    says: ['"schema" is 2'],
  },
  { name: 'no schema', content: edited((it) => delete it['schema']), says: ['"schema"'] },
  { name: 'null', content: 'null', says: ['is not a counterexample'] },
  { name: 'an array', content: '[]', says: ['is not a counterexample'] },
  { name: 'no steps', content: edited((it) => (it.steps = [])), says: ['"steps"'] },
  { name: 'no digest', content: edited((it) => delete it['digest']), says: ['"digest"'] },
  {
    name: 'a date that is none',
    content: edited((it) => (it['date'] = 'yesterday')),
    says: ['"date"'],
  },
  {
    name: 'a field of the wrong type',
    content: edited((it) => (it.scope['pages'] = 'one')),
    says: ['"scope.pages"', 'number'],
  },
  {
    name: 'a step with a field of the wrong type',
    content: edited((it) => (it.steps[3] = { context: 'CPU 0 task', fn: 7, step: 'x' })),
    says: ['"steps.3.fn"'],
  },
  {
    name: 'a field too many',
    content: edited((it) => (it['colour'] = 'blue')),
    says: ['colour'],
  },
  {
    name: 'a scope larger than the model can be',
    content: edited((it) => (it.scope['ids'] = 33)),
    says: ['"scope.ids"'],
  },
  {
    name: 'a field that stands there twice',
    content: original.replace('"property"', '"property": "no-deadlock", "property"'),
    says: ['"property"', 'twice'],
  },
  {
    name: 'a file larger than any counterexample',
    content: ' '.repeat(5 * 2 ** 20),
    says: ['has 5 MB; at most 4 MB are read'],
  },
  {
    name: 'lists in lists in lists',
    content: edited((it) => (it['x'] = 0)).replace('"x": 0', `"x": ${nested(100_000)}`),
    says: ['"x"'],
  },
  {
    name: 'a number larger than numbers are',
    content: original.replace('"pages": 1', '"pages": 1e999'),
    says: ['"scope.pages"'],
  },
  {
    name: 'an unknown design',
    content: edited((it) => (it['design'] = `${DESIGN}s`)),
    says: ['"design"', `${DESIGN}s`, `Did you mean "${DESIGN}"?`],
  },
  {
    name: 'an unknown property',
    content: edited((it) => (it['property'] = `${PROPERTY}s`)),
    says: ['"property"', `${PROPERTY}s`, `Did you mean "${PROPERTY}"?`],
  },
  {
    name: 'a property that does not apply to the design',
    content: edited((it) => (it['design'] = 'deferred-release')),
    says: ['"property"', 'deferred-release'],
  },
]
describe('replay refuses a file it cannot use, names file, field and way out, and leaves it be', () => {
  for (const { name, content, says } of unreadable)
    it(name, async () => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.json`)
      writeFileSync(path, content)
      const { code, stdout, stderr } = await poolproofIn('replay', path)
      expectParagraph(stderr)
      for (const part of [path, 'untouched', 'poolproof', ...says]) expect(stderr).toContain(part)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(readFileSync(path).equals(Buffer.from(content))).toBe(true)
    })
})

describe('replay says what has become of a counterexample', () => {
  async function replay(name: string, content: string): Promise<Ended> {
    const path = join(folder, `${name}.json`)
    writeFileSync(path, content)
    const ended = await poolproofIn('replay', path)
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(ended.stdout).toContain(path)
    expect(ended.stderr).toBe('')
    return ended
  }
  it('still violates: exit code 0 and a ladder', async () => {
    const { code, stdout } = await replay('same', original)
    expect(stdout).toContain(`${PROPERTY}: still violates at step ${steps.length}`)
    expect(stdout).toContain('point of no return')
    expect(code).toBe(0)
  })
  it('still violates: a byte order mark is no fault', async () => {
    expect((await replay('marked', `\ufeff${original}`)).code).toBe(0)
  })
  it('still violates: every step, when asked for', async () => {
    const path = join(folder, 'steps.json')
    writeFileSync(path, original)
    const { code, stdout } = await poolproofIn('replay', '--steps', path)
    for (const { fn } of steps) expect(stdout).toContain(fn)
    expect(code).toBe(0)
  })
  it('blocked at a step that is there no more: exit code 1', async () => {
    const k = steps.findIndex(({ fn }) => fn === '__mem_id_cyclic_get')
    const content = edited((it) => (it.steps[k] = { ...steps[k], step: 'a step of old' }))
    const { code, stdout } = await replay('blocked-by-step', content)
    expect(stdout).toContain(`blocked at step ${k + 1} of ${steps.length} by CPU 0 task stands`)
    expect(stdout).toContain(`poolproof verify ${DESIGN} --property ${PROPERTY}`)
    expect(code).toBe(1)
  })
  it('blocked at a choice that is not offered: exit code 1', async () => {
    const k = steps.findIndex(({ choice }) => choice === 'fails')
    const content = edited((it) => (it.steps[k] = { ...steps[k], choice: 'explodes' }))
    const { code, stdout } = await replay('blocked-by-choice', content)
    expect(stdout).toContain(`blocked at step ${k + 1} of ${steps.length} by the choice "explodes"`)
    expect(code).toBe(1)
  })
  it('blocked in a context that does not exist: exit code 1', async () => {
    const content = edited((it) => (it.steps[0] = { ...steps[0], context: 'CPU 9 task' }))
    const { code, stdout } = await replay('blocked-by-context', content)
    expect(stdout).toContain('blocked at step 1')
    expect(stdout).toContain('"CPU 9 task"')
    expect(code).toBe(1)
  })
  it('passes now, when the last steps are missing: exit code 1', async () => {
    const content = edited((it) => it.steps.splice(-2))
    const { code, stdout } = await replay('passes', content)
    expect(stdout).toContain('passes now')
    expect(stdout).toContain(`All ${steps.length - 2} steps`)
    expect(code).toBe(1)
  })
  it('passes now, whatever the file is called: exit code 1', async () => {
    const content = edited((it) => it.steps.splice(-2))
    expect((await replay('still violates', content)).code).toBe(1)
  })
  it('still violates, and what comes after the violation is not possible', async () => {
    const content = edited((it) => it.steps.push({ context: 'x', fn: 'y', step: 'z' }))
    const { code, stdout } = await replay('longer', content)
    expect(stdout).toContain(`still violates at step ${steps.length}\n`)
    const note = stdout.replaceAll(/\s+/g, ' ')
    expect(note).toContain(`Step ${steps.length + 1} comes after the violation`)
    expect(note).toContain('is not possible there (there is no context "x" in this scope)')
    expect(stdout).toMatch(new RegExp(`step \\d+ of ${steps.length}`))
    expect(code).toBe(0)
  })
  it('still violates, and says what the file called it when it is something else', async () => {
    const content = edited((it) => (it['detail'] = 'nothing is wrong here'))
    const { code, stdout } = await replay('other-detail', content)
    expect(stdout.replaceAll('\n', ' ')).toContain('The file says "nothing is wrong here"')
    expect(stdout).toMatch(new RegExp(`\\*\\*\\* ${PROPERTY}: id 1 is taken`))
    expect(code).toBe(0)
  })
  it('not violated, when something else went wrong that leaves nothing to believe: exit code 1', async () => {
    const { text, length } = corrupted('no-page-freed-twice')
    const { code, stdout } = await replay('corrupted', text)
    expect(stdout).toContain(
      `not violated, and the replay stops at step ${length} of ${length + 1}`,
    )
    expect(stdout).toContain('use-of-freed-page')
    expect(stdout.replaceAll('\n', ' ')).toContain(`no-use-of-freed-page at step ${length}`)
    expect(stdout).not.toMatch(/still violates|passes/)
    expect(code).toBe(1)
  })
  it('one that passes and one that violates: exit code 1, both told', async () => {
    const paths = ['passes', 'same'].map((name) => join(folder, `${name}.json`))
    const { code, stdout } = await poolproofIn('replay', ...paths)
    expect(stdout).toMatch(/passes now[^]*still violates/)
    expect(code).toBe(1)
  })
})

/** A trace that ends in corrupt memory, said to violate another property, and a step more. */
function corrupted(property: string): { text: string; length: number } {
  const file = new URL(
    '../../counterexamples/destroy-count-only/no-use-of-freed-page.json',
    import.meta.url,
  )
  const it = JSON.parse(readFileSync(file, 'utf8')) as Counterexample
  const more = { context: 'x', fn: 'y', step: 'z' }
  return {
    text: JSON.stringify({ ...it, property, steps: [...it.steps, more] }),
    length: it.steps.length,
  }
}

describe('replay of several files', () => {
  it('tells those it can use, names the others, and ends with exit code 3', async () => {
    const good = join(folder, 'good.json')
    const bad = join(folder, 'bad.json')
    writeFileSync(good, original)
    writeFileSync(bad, original.slice(0, 99))
    const { code, stdout, stderr } = await poolproofIn('replay', bad, good)
    expectParagraph(stderr)
    expect(stderr).toContain(`${bad} is not JSON`)
    expect(stdout).toContain(`${good}\n`)
    expect(stdout).toContain('still violates')
    expect(code).toBe(3)
  })
})

describe('what a file says does not reach the terminal as it is', () => {
  const ESCAPE = '\u001b[2J\u001b]0;x\u0007\u009b\u202e\n'
  const hostile: Readonly<Record<string, Parameters<typeof edited>[0]>> = {
    detail: (it) => (it['detail'] = ESCAPE),
    property: (it) => (it['property'] = ESCAPE),
    design: (it) => (it['design'] = ESCAPE),
    context: (it) => (it.steps[0] = { ...steps[0], context: ESCAPE }),
    fn: (it) => (it.steps[0] = { ...steps[0], fn: ESCAPE }),
    step: (it) => (it.steps[0] = { ...steps[0], step: ESCAPE }),
    choice: (it) => (it.steps[0] = { ...steps[0], choice: ESCAPE }),
    field: (it) => (it[ESCAPE] = ESCAPE),
    scope: (it) => (it.scope['driver'] = ESCAPE),
    "the scope's name": (it) => (it.scope['name'] = ESCAPE),
    schema: (it) => (it['schema'] = ESCAPE),
  }
  it.each(Object.keys(hostile))('%s', async (name) => {
    const path = join(folder, 'hostile\u001b[2J.json')
    writeFileSync(path, edited(hostile[name]!))
    const { code, stdout, stderr } = await poolproofIn('replay', path)
    // oxlint-disable-next-line no-control-regex -- it is about them
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(stdout + stderr).toContain(String.raw`hostile\x1b[2J.json`)
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2)
    expect([0, 1, 3]).toContain(code)
  })
})
