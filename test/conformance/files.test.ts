/** `poolproof conform`, given what is no recording, or one that asks for too much. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../conformance/compare.ts'
import { explain } from '../../conformance/explain.ts'
import { LARGEST, MalformedRecording, readRecording } from '../../conformance/recording.ts'
import { shorten } from '../../conformance/shorten.ts'
import { difference } from '../../views/difference.ts'
import { expectParagraph, poolproof, type Ended } from '../support/poolproof.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const data = fileURLToPath(new URL('./data', import.meta.url))
const conform = (...argv: readonly string[]): Promise<Ended> =>
  poolproof(folder, ['conform', ...argv])
const collection = gunzipSync(readFileSync(join(data, 'random-61.jsonl.gz'))).toString()
const lines = collection.split('\n').slice(0, 12)

describe('one file among many that cannot be used', () => {
  it('costs no other its comparison, is named, and ends with exit code 3', async () => {
    const room = join(folder, 'room')
    const at = (name: string): string => join(room, name)
    mkdirSync(at('folder.61.jsonl'), { recursive: true })
    copyFileSync(join(data, 'extra-612.jsonl.gz'), at('folder.61.jsonl/good-612.jsonl.gz'))
    symlinkSync('../..', at('folder.61.jsonl/up'))
    symlinkSync('nowhere', at('dangling.61.jsonl'))
    symlinkSync('loop.61.jsonl', at('loop.61.jsonl'))
    execFileSync('mkfifo', [at('pipe.61.jsonl')])
    writeFileSync(at('huge.61.jsonl'), '')
    truncateSync(at('huge.61.jsonl'), 3 * 2 ** 30)
    writeFileSync(at('bomb.61.jsonl.gz'), gzipSync(Buffer.alloc(LARGEST + 1)))
    writeFileSync(at('cut.61.jsonl'), collection.slice(0, lines[0]!.length + 200))
    const { code, stdout, stderr } = await conform('room')
    expect(stdout).toMatch(/^linux-6\.12 +misuse +2 +0 +0 +256$/m)
    expect(stdout).toMatch(/^all +3 +0 +0 /m)
    const paragraphs = stderr.trimEnd().split('\n')
    for (const paragraph of paragraphs) expectParagraph(paragraph)
    expect(paragraphs.map((it) => /room.(\w+)/.exec(it)![1])).toEqual([
      'bomb',
      'cut',
      'dangling',
      'huge',
      'loop',
      'pipe',
    ])
    expect(stderr).toContain('line 2: not JSON')
    expect(code).toBe(3)
  })
  it('names a line of terminal controls without letting them through', async () => {
    const one = JSON.parse(lines[0]!) as { class: string; cmds: string[] }
    const ESCAPE = '\u001b[2J\u009b\n'
    one.class = ESCAPE
    one.cmds[3] = `${ESCAPE} p0`
    const text = `${JSON.stringify(one)}\n\u001b[2J`
    writeFileSync(join(folder, 'controls.61.jsonl'), text)
    const { code, stdout, stderr } = await conform('controls.61.jsonl')
    // oxlint-disable-next-line no-control-regex -- it is about them
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(stdout).toContain(String.raw`command "\x1b[2J\x9b\n p0" is not known`)
    expect(stderr).toContain('controls.61.jsonl, line 2: not JSON')
    expect(code).toBe(3)
  })
})

/** The first commands of a recorded sequence, and one that was never recorded. */
function asked(command: string) {
  const path = join(folder, 'asked.61.jsonl')
  const { cmds, obs, ...rest } = JSON.parse(lines[0]!) as { cmds: string[]; obs: object[] }
  const sequence = { ...rest, cmds: [...cmds.slice(0, 6), command], obs: [...obs.slice(0, 6), {}] }
  writeFileSync(path, JSON.stringify(sequence).replace(/\{\}\]\}$/, '{"r":null}]}'))
  return compare(readRecording(path)[0]!)
}
describe('a command that asks for more than there is ends its sequence only', () => {
  it.each([
    ['put p0 0-99999999', 'names page'],
    ['alloc p0 n=999999999', 'more than'],
    ['reg q99999999', 'where a queue'],
    ['create p1 dev=d99999999', 'where a device'],
    ['tick 1e300', 'where a number'],
    ['set p0 hold=0x10', 'where a hold'],
    ['constructor p0', 'is not known'],
    ['__proto__', 'is not known'],
    ['', 'is not known'],
  ])('%s', (command, why) => {
    expect(asked(command)).toMatchObject({ outcome: 'not compared', at: 6 })
    expect((asked(command) as { why: string }).why).toContain(why)
  })
})

describe(`a recording with anything in it, seed ${seed}`, () => {
  const odd = fc.oneof(
    fc.constantFrom('', '-1', '0-9999999', '1e9', '__proto__', 'p0', 'q7', 'd3', '\u001b[2J', '🙂'),
    fc.constantFrom('n=1e9', 'n=-3', 'n=70', 'hold=-1', 'size=99999999', 'order=31', 'mem=65534'),
    fc.jsonValue({ maxDepth: 12 }),
  )
  const spoil = fc.record({ line: fc.nat(11), at: fc.nat(), how: fc.nat(7), with: odd })
  /** One value of the JSON is dropped, doubled or replaced; or the text itself is cut. */
  function spoilt({
    line,
    at,
    how,
    with: it,
  }: typeof spoil extends fc.Arbitrary<infer T> ? T : never) {
    const sequence = JSON.parse(lines[line]!) as Record<string, unknown> & {
      cmds: unknown[]
      obs: Record<string, unknown>[]
    }
    const { cmds, obs } = sequence
    const i = at % cmds.length
    const words = String(cmds[i]).split(' ')
    words[at % words.length] = String(it)
    if (how === 0) cmds[i] = words.join(' ')
    else if (how === 1) [cmds[i], cmds[0]] = [cmds[0], cmds[i]]
    else if (how === 2) cmds.splice(i, 1)
    else if (how === 3) obs[i]![Object.keys(obs[i]!)[at % Object.keys(obs[i]!).length]!] = it
    else if (how === 4) cmds[i] = it
    else if (how === 5) obs.splice(i, 1, ...([it, it] as never[]))
    else if (how === 6) sequence[Object.keys(sequence)[at % 4]!] = it
    const text = JSON.stringify(sequence)
    return how === 7 ? text.slice(0, at % text.length) : text
  }
  it('is refused in a paragraph, or compared and told', () => {
    const path = join(folder, 'fuzzed.61.jsonl')
    let told = 0
    fc.assert(
      fc.property(spoil, (how) => {
        writeFileSync(path, spoilt(how))
        try {
          for (const sequence of readRecording(path)) {
            const result = compare(sequence)
            if (result.outcome !== 'differs') continue
            const kept = shorten(sequence, result.difference)
            const left = kept.map((index) => sequence.commands[index]!)
            const places = explain(sequence.kernel, left, result.difference.mismatches)
            told += difference({ sequence, ...result.difference, kept, places }).length
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRecording)
          expect((error as Error).message).toContain(path)
        }
      }),
      { seed, numRuns: 300, interruptAfterTimeLimit: 8000 },
    )
    expect(told).toBeGreaterThan(0)
  })
})
