/** Twenty ways in which a file is not what it should be, through the command line. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { expectParagraph, poolproof } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { HEADER, story, threePools } from './trace.ts'

const folder = temporaryFolder()
const good = threePools()
const stalled = [
  ...HEADER,
  ...story({
    pointer: '00000000f5a1155e',
    pages: 12,
    late: 5,
    attempts: 6,
    stalled: true,
    pfn: 0x9000,
  }),
]
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const late = readFileSync(new URL('data/late-attach-6.12.txt', import.meta.url))
const cut = (by: number): string => text(good).slice(0, -by)
const at = good.findIndex((line) => line.includes('release=9 '))
const interleaved = (): string[] =>
  good
    .slice(4)
    .flatMap((line, i) => [line, ...(stalled[i + 4] === undefined ? [] : [stalled[i + 4]!])])
const wide = (): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text(good), 'utf16le')])

/** What is written, the exit code, and what is said. */
const CASES: Readonly<Record<string, readonly [Buffer | string, number, RegExp]>> = {
  'zeros in front, as after a crash': [`${'\0'.repeat(9000)}${text(good)}`, 0, /: consistent/],
  'options/hex': ['000000be 00000001 0000000ba1c27abc type: 1397\n', 2, /options\/hex/],
  'nothing wrong': [text(good), 0, /: consistent/],
  'cut in the middle of a line': [cut(150), 2, /cannot tell/],
  'cut in the middle of a number': [text(good.slice(0, 20)).slice(0, -2), 2, /looks like an event/],
  'without its last line feed': [cut(1), 0, /: consistent/],
  'a line cut in the middle': [text(good.with(12, good[12]!.slice(0, 70))), 2, /1 line look/],
  'two lines run into one': [
    text([...good.slice(0, 12), good[12]!.slice(0, 90) + good[13]!, ...good.slice(14)]),
    2,
    /cannot tell/,
  ],
  'two captures line by line': [text(interleaved()), 0, /STALLED: 5 pages/],
  'two boots one after the other': [
    text([...good, ...stalled, ...good]),
    0,
    /3 captures one after the other/,
  ],
  'the same twice without a header': [
    text([...good.slice(4), ...good.slice(4)]),
    0,
    /: consistent/,
  ],
  'line ends of Windows': [good.join('\r\n'), 0, /: consistent/],
  'UTF-16': [wide(), 0, /: consistent/],
  'bytes of a program': [readFileSync(process.execPath).subarray(0, 65_536), 3, /is a program/],
  'bytes of nothing known': [
    Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 7919) & 255)),
    3,
    /is no text/,
  ],
  'the binary file of trace-cmd': ['\u0017\u0008Dtracing6\u0000', 3, /trace-cmd report/],
  'the binary file of perf': ['PERFILE2h\u0000', 3, /perf script/],
  compressed: [gzipSync(text(good)), 3, /zcat/],
  'no byte at all': ['', 2, /nothing checked/],
  'only its header': [text(HEADER), 2, /nothing checked/],
  'options/raw': [
    text([...HEADER, ...Array.from({ length: 9 }, (_, i) => `190 0 4995782${i} type: 1397`)]),
    2,
    /options\/raw/,
  ],
  'a counter changed by hand': [
    text(good.with(at, good[at]!.replace('release=9 ', 'release=8 '))),
    1,
    /impossible/,
  ],
  'an overwritten buffer': [
    text([HEADER[0]!, '# entries-in-buffer/entries-written: 90/400   #P:2', ...good.slice(30)]),
    2,
    /310 events were overwritten/,
  ],
  'begun too late': [late, 2, /the first attempt seen is number 4/],
  'a million characters without an end': ['x'.repeat(1_500_000), 2, /nothing checked/],
}

it.each(Object.keys(CASES))('%s', async (name) => {
  const [content, code, says] = CASES[name]!
  writeFileSync(join(folder, 'trace.txt'), content)
  const ended = await poolproof(folder, ['log', 'trace.txt'])
  expect(ended.stdout + ended.stderr).toMatch(says)
  expect(ended.code).toBe(code)
  if (code === 3) expectParagraph(ended.stderr)
  else expect(ended.stderr).toBe('')
})

it('a directory, a file that is not there, an option that is none', async () => {
  mkdirSync(join(folder, 'traces'))
  const asked = [['traces'], ['missing.txt'], ['--frobnicate']]
  for (const argv of asked) {
    const { code, stderr } = await poolproof(folder, ['log', ...argv])
    expectParagraph(stderr)
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/directory|no file missing\.txt|frobnicate/),
    ])
  }
})
it('the worst of several files counts, and --json and --svg hold all of them', async () => {
  writeFileSync(join(folder, 'good.txt'), text(good))
  writeFileSync(join(folder, 'stalled.txt'), text(stalled))
  writeFileSync(join(folder, 'late.txt.gz'), gzipSync(late))
  const argv = [
    'log',
    'good.txt',
    'stalled.txt',
    'late.txt.gz',
    '--json',
    'out.json',
    '--svg',
    'out.svg',
  ]
  const { code, stdout } = await poolproof(folder, argv)
  expect(code).toBe(2)
  expect(stdout).toMatch(
    /good\.txt: consistent\n[^]*stalled\.txt: STALLED, 1 pool with 5 pages in flight; the log itself is consistent\n[^]*late\.txt\.gz: cannot tell/,
  )
  const { schema, logs } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))
  expect([schema, logs.length, logs[1].pools[0].holders.pages]).toEqual([1, 3, 5])
  expect(readFileSync(join(folder, 'out.svg'), 'utf8')).toMatch(
    /^<svg [^]*pool 00000000f5a1155e, stalled, 5 pages/,
  )
})
