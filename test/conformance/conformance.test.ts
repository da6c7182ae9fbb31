/** The model does what the kernel was recorded doing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compare } from '../../conformance/compare.ts'
import { readRecording, type Sequence } from '../../conformance/recording.ts'
import { shorten } from '../../conformance/shorten.ts'
import { expectParagraph, poolproof, type Ended } from '../support/poolproof.ts'
import { said, told } from '../stories/told.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const data = fileURLToPath(new URL('./data', import.meta.url))
/** The whole collection, where a checkout has it beside it. */
const whole = fileURLToPath(new URL('../../../shared/oracle', import.meta.url))
const collection = (name: string): string => join(data, `${name}.jsonl.gz`)
const scenario = (name: string): string => join(data, 'scenarios', `${name}.jsonl.gz`)

const folder = temporaryFolder()
const conform = (...argv: readonly string[]): Promise<Ended> =>
  poolproof(folder, ['conform', ...argv])

describe('every sequence recorded agrees', () => {
  it.each([
    ['the own data', data],
    ['the whole collection', whole],
  ])('in %s', async (_, path) => {
    if (!existsSync(path)) return
    const { code, stdout } = await conform(path)
    expect(stdout).toContain('100 % of the sequences recorded agree')
    expect(code).toBe(0)
  })
  it('without anything being left out', () => {
    const sequences = ['random-61', 'random-612'].flatMap((name) => readRecording(collection(name)))
    expect(sequences.length).toBe(400)
    const kinds = new Set(sequences.map(({ kernel, kind }) => `${kernel} ${kind}`))
    expect(kinds.size).toBe(2 * 9)
    expect(sequences.filter(({ hasEvents }) => hasEvents).length).toBe(200)
  })
})

/** A sequence as it was recorded, with one thing changed. */
type Json = Record<string, never> & { cmds: string[]; obs: Record<string, unknown>[] }
function changed(name: string, seq: number, change: (it: Json) => void): Sequence {
  const lines = gunzipSync(readFileSync(collection(name)))
    .toString()
    .trim()
    .split('\n')
  const it = lines.map((line) => JSON.parse(line) as Json).find((it) => it['seq'] === seq)!
  change(it)
  const path = join(folder, `${name}-${seq}.jsonl`)
  writeFileSync(path, JSON.stringify(it))
  return readRecording(path)[0]!
}
const differenceIn = (sequence: Sequence) => {
  const result = compare(sequence)
  if (result.outcome !== 'differs') throw new Error(`it ${result.outcome}`)
  return result.difference
}

describe('a recording of another kernel', () => {
  it('differs where it was changed, in what was changed', () => {
    const sequence = changed('random-61', 0, ({ obs }) => {
      obs[3]!['r'] = [3, 4, 5]
    })
    expect(differenceIn(sequence)).toEqual({
      at: 3,
      mismatches: [{ what: 'ret', recorded: [3, 4, 5], model: [5, 4, 3] }],
    })
  })
  it('differs when something is missing, and when there is too much', () => {
    const missing = changed('random-61', 0, ({ obs }) => {
      delete (obs[4]!['pages'] as Record<string, unknown>)['5']
    })
    expect(differenceIn(missing).mismatches.map(({ what }) => what)).toContain('pages.5.refcount')
    const more = changed('random-61', 0, ({ obs }) => {
      obs[2] = { ...obs[2], log: ['WARN: nobody said this'] }
    })
    expect(differenceIn(more).mismatches).toEqual([
      { what: 'log', recorded: ['WARN: nobody said this'], model: [] },
    ])
  })
  it('is shortened to the commands the difference needs', () => {
    const sequence = changed('random-61', 0, ({ obs }) => {
      obs[18] = { ...obs[18], log: ['WARN: at the end'] }
    })
    const kept = shorten(sequence, differenceIn(sequence))
    expect(kept.length).toBeLessThan(19)
    expect(kept.at(-1)).toBe(18)
    for (const left of kept.slice(0, -1)) {
      const fewer = kept.filter((it) => it !== left)
      const commands = fewer.map((it) => sequence.commands[it]!)
      const observations = fewer.map((it) => sequence.observations[it]!)
      const { outcome } = compare({ ...sequence, commands, observations })
      expect(outcome, `without "${sequence.commands[left]}"`).not.toBe('agrees')
    }
  })
  it('ends with exit code 1, both values and the step of the model', async () => {
    changed('random-612', 5, ({ obs, cmds }) => {
      const at = cmds.findIndex((command) => command.startsWith('alloc'))
      obs[at]!['r'] = -1
    })
    const { code, stdout } = await conform('random-612-5.jsonl')
    expect(code).toBe(1)
    expect(stdout).toMatch(/commands? would do:\n\n(.*\n)+ {2}> alloc /)
    expect(stdout).toMatch(
      /ret\n {4}recorded {2}-1\n {4}model {5}\S+\n {4}in page_pool_alloc_pages >/,
    )
  })
})

describe('a file that is no recording ends with exit code 3 and names file, line and field', () => {
  const text = gunzipSync(readFileSync(scenario('08-ring-full-fallback.61'))).toString()
  const collected = gunzipSync(readFileSync(collection('random-61'))).toString()
  const line = collected.slice(0, collected.indexOf('\n'))
  const bad: readonly (readonly [name: string, content: string | Buffer, says: string])[] = [
    ['empty.61.jsonl', '', 'is empty'],
    ['no-json.61.jsonl', `${text}{`, 'line 12: not JSON'],
    ['cut.61.jsonl', text.split('\n').slice(0, 4).join('\n'), '10 commands and 3 observations'],
    ['other.61.jsonl', '{"a":1}', 'neither field "scenario" nor field "seq"'],
    ['kernel.61.jsonl', text.replace('6.1.192', '5.4.0'), 'Field "kernel" is "5.4.0"'],
    ['name.jsonl', line, 'the name of the file has neither 61 nor 612'],
    ['field.61.jsonl', line.replace('"seq":0', '"seq":"0"'), 'field "seq"'],
    ['obs.61.jsonl', line.replace('"obs":[{', '"obs":[{"pages":5,'), 'field "obs.0.pages"'],
    ['cmd.61.jsonl', text.replace('"cmd":"bulk_max 6"', '"cmd":"bulk_max 7"'), 'field "cmd"'],
    ['gz.61.jsonl.gz', gzipSync(text).subarray(0, 100), 'cannot be unpacked'],
  ]
  it.each(bad)('%s', async (name, content, says) => {
    writeFileSync(join(folder, name), content)
    const { code, stderr } = await conform(name)
    expect(stderr).toContain(name)
    expect(stderr).toContain(says)
    expectParagraph(stderr)
    expect(code).toBe(3)
  })
  it('a file that is not there', async () => {
    const { code, stderr } = await conform('nowhere.jsonl')
    expectParagraph(stderr)
    expect(code).toBe(3)
  })
})

describe('what no recording here shows', () => {
  it('two devices: each has its own references and mappings', () => {
    const story = told('linux-6.1', [
      'create p0 flags=dma dev=d1',
      'create p1 flags=dma',
      'bulk_max 1',
      'alloc p0',
      'unbind d1',
      'put p0 0',
      'unbind d0',
    ])
    expect(said(story)).toEqual(['leak-at-unbind d1 count=1'])
    expect(story.at(-1)!.state.dev).toEqual({
      d0: { ref: 2, bound: 0, alive: 1, mapped: 0 },
      d1: { ref: 2, bound: 0, alive: 1, mapped: 1 },
    })
  })
  it('fragments counted by hand: the last one leaves the count at one, in 6.12', () => {
    const story = told('linux-6.12', [
      'create p0',
      'bulk_max 1',
      'alloc p0',
      'pp_ref 0',
      'unref 0 1',
      'unref 0 1',
      'fragment 0 5',
      'unref 0 3',
      'unref 0 2',
    ])
    expect(story.slice(3).map(({ ret }) => ret)).toEqual([null, 1, 0, null, 2, 0])
    expect(story.at(-1)!.state.pages[0]![7]).toBe(1)
  })
  it('a page of another pool keeps what the pool it is put into does not clear', () => {
    const story = told('linux-6.12', [
      'create p0 flags=dma',
      'create p1',
      'bulk_max 1',
      'alloc p0 n=2',
      'getref 0,1',
      'put p1 0,1',
      'putref 0',
    ])
    const left = [1, null, 0, 1, 2, 0, 0, 1, 'user']
    expect(story.at(-1)!.state.pages[1]).toEqual(left)
    expect(said(story)).toEqual([
      'WARN: WARN_ON_ONCE(dma index left in pp_magic) in netmem_clear_pp_magic',
      'free-while-mapped pg0 m1',
    ])
  })
  it('a pool that maps clears the address of a page it does not track, and later syncs address 0', () => {
    const story = told('linux-6.12', [
      'create p0 flags=dma',
      'create p1 flags=dma,sync',
      'bulk_max 1',
      'alloc p0',
      'getref 0',
      'put p1 0',
      'put p1 0',
    ])
    expect(story.at(-1)!.state.pages[0]).toEqual([1, null, 0, 1, 0, 0, 0, 1, 'ring:p1'])
    expect(said(story)).toEqual(['sync-of-unmapped m0'])
  })
  it.each(['linux-6.1', 'linux-6.12'] as const)('init_callback, once per page, %s', (id) => {
    const story = told(id, ['create p0 order=1 cb=1', 'alloc p0', 'put p0 0', 'alloc p0'])
    expect(story.map(({ ev }) => ev)).toEqual([
      [],
      ['newpage 0 nid=0', 'init_cb 0', 'hold p0 0 1'],
      [],
      [],
    ])
  })
  it('registration of nothing, of plain pages, and of a queue nobody registered', () => {
    const story = told('linux-6.12', [
      'reg q0',
      'reg_mem q0 null',
      'reg_mem q0 order0',
      'unreg q0',
      'unreg q0',
      'reg_mem q1 null',
    ])
    expect(story.map(({ ret }) => ret)).toEqual([0, -22, 0, null, null, -14])
    expect(said(story)).toEqual([
      'WARN: Missing register, driver bug',
      'WARN: Missing register, driver bug',
    ])
  })
  it('a call one of the kernels does not have', () => {
    expect(() => told('linux-6.12', ['release_page p0 0'])).toThrow('is of linux-6.1')
    expect(() => told('linux-6.1', ['pp_ref 0'])).toThrow('is of linux-6.12')
  })
})

describe('what cannot be compared ends with exit code 2', () => {
  it('a command nobody knows', async () => {
    changed('random-61', 25, ({ cmds }) => {
      cmds[2] = 'frobnicate p0'
    })
    const { code, stdout } = await conform('random-61-25.jsonl')
    expect(stdout).toContain('not compared from command 3 on: command "frobnicate p0" is not known')
    expect(code).toBe(2)
  })
  it.each(['constructor', 'toString', '__proto__'])('the command "%s"', async (name) => {
    changed('random-61', 25, ({ cmds }) => {
      cmds[2] = `${name} p0`
    })
    const { code, stdout } = await conform('random-61-25.jsonl')
    expect(stdout).toContain(`command "${name} p0" is not known`)
    expect(code).toBe(2)
  })
  it('a folder without recordings', async () => {
    const { code, stdout } = await conform(temporaryFolder())
    expect(stdout).toContain('No sequence to compare')
    expect(code).toBe(2)
  })
})
