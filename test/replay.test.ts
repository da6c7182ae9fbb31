/** `poolproof replay`, spawned: counterexamples as they were saved, edited by hand, cut short or damaged. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DESIGN, edited, original, PROPERTY, steps } from './edited.ts'
import { expectParagraph, poolproof, type Ended } from './poolproof.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const poolproofIn = (...argv: readonly string[]): Promise<Ended> => poolproof(folder, argv)

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
      expect(readFileSync(path)).toEqual(Buffer.from(content))
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
  it('one that passes and one that violates: exit code 1, both told', async () => {
    const paths = ['passes', 'same'].map((name) => join(folder, `${name}.json`))
    const { code, stdout } = await poolproofIn('replay', ...paths)
    expect(stdout).toMatch(/passes now[^]*still violates/)
    expect(code).toBe(1)
  })
})
