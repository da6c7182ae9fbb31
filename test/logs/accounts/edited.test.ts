/** One number changed by hand, anywhere: the accounting does not add up any more. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { HEADER, read, story, threePools } from '../trace.ts'

const COUNTER = /\b(hold|release|inflight|cnt)=(-?\d+)/g

/** Every counter of every line, changed in some way. */
function* edits(lines: readonly string[], change: (old: number, i: number) => number) {
  for (const [i, line] of lines.entries())
    for (const m of line.matchAll(COUNTER)) {
      const old = Number(m[2])
      const now = change(old, i)
      if (now === old || (now < 0 && m[1] !== 'inflight')) continue
      const edited = [...lines]
      edited[i] = `${line.slice(0, m.index)}${m[1]}=${now}${line.slice(m.index + m[0].length)}`
      yield { edited, what: `line ${i + 1}: ${m[0]} to ${now}`, line: i + 1 }
    }
}
const CHANGES = {
  'one more': (old: number) => old + 1,
  'one less': (old: number) => old - 1,
  'a hundred more': (old: number) => old + 100,
  'ten times as much': (old: number) => old * 10,
  zero: () => 0,
  'a number of its neighbours': (old: number, i: number) => ((old + i * 7) % 16) + 1,
}

describe('a wrong counter in one place is impossible', () => {
  const captures: Readonly<Record<string, string[]>> = {
    'three pools': threePools(),
    'a stalled pool': [...HEADER, ...story({ pages: 12, late: 5, attempts: 6, stalled: true })],
    'a recorded trace of 6.1': readFileSync(
      new URL('../data/test-run-drop-6.1.txt', import.meta.url),
      'latin1',
    ).split('\n'),
  }
  for (const [name, lines] of Object.entries(captures))
    it.each(Object.keys(CHANGES))(`${name}: %s`, (how) => {
      expect(read(lines).verdict).toBe('consistent')
      const missed: string[] = []
      let tried = 0
      for (const { edited, what } of edits(lines, CHANGES[how as keyof typeof CHANGES])) {
        tried += 1
        const { verdict } = read(edited)
        if (verdict !== 'impossible') missed.push(`${what}: ${verdict}`)
      }
      expect(tried).toBeGreaterThan(20)
      expect(missed).toEqual([])
    })

  it('also without context: one number far off is not taken for disorder', () => {
    const lines = threePools().map((line) => line.replace(/^.*\d+\.\d{6}: /, ''))
    expect(read(lines).verdict).toBe('consistent')
    const at = lines.findIndex((line) => line.endsWith(' hold=9'))
    expect(read(lines.with(at, `${lines[at]!}99999`)).verdict).toBe('impossible')
  })
  it('names the line that was changed, or the first that contradicts it', () => {
    const lines = threePools()
    for (const { edited, line } of edits(lines, (old) => old + 100)) {
      const finding = read(edited).pools.flatMap(({ impossible }) => impossible)[0]!
      expect(finding.at.line, edited[line - 1]).toBeGreaterThanOrEqual(line - 1)
      expect(finding.allowed).not.toBe('')
    }
  })
  it('shows the events before the line', () => {
    const lines = threePools()
    const at = lines.findIndex((line) => line.includes('hold=20'))
    const edited = lines.with(at, lines[at]!.replace('hold=20', 'hold=4'))
    const { window, says, allowed, at: where } = read(edited).pools[0]!.impossible[0]!
    expect(where.line).toBe(at + 1)
    expect(window.at(-1)).toMatch(/hold=4$/)
    expect(window.at(-2)).toMatch(/hold=19$/)
    expect(says).toBe('hold=4 for the second time: the counter only goes up')
    expect(allowed).toBe('hold=20')
  })
})

describe('another page or id', () => {
  const lines = threePools()
  const change = (from: RegExp, to: string, nth = 0): string[] => {
    const at = lines.map((line, i) => (from.test(line) ? i : -1)).filter((i) => i >= 0)[nth]!
    return lines.with(at, lines[at]!.replace(from, to))
  }
  it('a page released twice', () => {
    const found = read(
      change(
        /netmem=\S+ is_net_iov=0 pfn=\S+ release=5$/,
        'netmem=00000000a8085003 is_net_iov=0 pfn=0x5003 release=5',
      ),
    )
    expect(found.verdict).toBe('impossible')
  })
  it('a pfn with another struct page', () => {
    expect(
      read(change(/netmem=\S+( is_net_iov=0 pfn=\S+ release=5)$/, 'netmem=00000000deadbeef$1'))
        .verdict,
    ).toBe('impossible')
  })
  it('a mem id that was never connected', () => {
    expect(read(change(/mem_disconnect: mem_id=3/, 'mem_disconnect: mem_id=7')).verdict).toBe(
      'impossible',
    )
  })
  it('a page held again that never came back', () => {
    const leak = [
      ...HEADER,
      ...story({ pages: 12, late: 3, attempts: 6, stalled: true }),
      ...story({ pointer: '0000000024c60296', pages: 4, start: 12, pfn: 0x5009 - 1 }),
    ].sort(
      (a, b) =>
        Number(/ (\d+\.\d{6}):/.exec(a)?.[1] ?? 0) - Number(/ (\d+\.\d{6}):/.exec(b)?.[1] ?? 0),
    )
    const { verdict, pools } = read(leak)
    expect(verdict).toBe('impossible')
    expect(pools[0]!.impossible[0]!.says).toMatch(
      /is held again, by pool 0000000024c60296, and was never released/,
    )
  })
})
