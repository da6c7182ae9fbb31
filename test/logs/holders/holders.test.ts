/** Who took the pages that are still out, and how it is told. */
import { describe, expect, it } from 'vitest'
import { ageSvg, ageText, duration } from '../../../views/age-histogram.ts'
import { logText } from '../../../views/log-report.ts'
import { HEADER, read, story } from '../trace.ts'

const lines = [...HEADER, ...story({ pages: 12, late: 5, attempts: 6, stalled: true })]
/** Two call chains, as ftrace prints them: of the pages with an even pfn another one. */
const withStacks = lines.flatMap((line) => {
  if (!line.includes('state_hold')) return [line]
  const even = Number(/pfn=(0x\S+)/.exec(line)![1]) % 2 === 0
  return [
    line,
    `          eth-17     [000] b...1     10.000001: <stack trace>`,
    ' => page_pool_alloc_pages',
    even ? ' => nic_refill+0x12/0x90' : ' => nic_open',
  ]
})

describe('pages still out', () => {
  it('are grouped by CPU, task and call chain', () => {
    const { holders } = read(withStacks).pools[0]!
    expect(holders!.pages).toBe(5)
    expect(
      holders!.groups.map(({ cpu, task, stack, pages }) => [cpu, task, stack.join(' '), pages]),
    ).toEqual([
      [0, 'eth-17', 'page_pool_alloc_pages nic_refill', 3],
      [0, 'eth-17', 'page_pool_alloc_pages nic_open', 2],
    ])
  })
  it('have an age where the clock has a unit', () => {
    expect(read(lines).pools[0]!.holders!.ages).toEqual([{ from: 5, to: 15, pages: 5 }])
    const counter = lines.map((line, i) => line.replace(/\d+\.\d{6}:/, `${i}:`))
    expect(read(counter).pools[0]!.holders!.ages).toEqual([])
  })
  it('are of nobody when the pool was freed', () => {
    expect(read(story({ pages: 5 })).pools[0]!.holders).toBeNull()
  })
})

describe('the text', () => {
  const text = logText(read(withStacks))
  it('says what is out, since when, and where it was last seen', () => {
    expect(text).toMatch(
      /STALLED: 5 pages in flight since the first attempt seen at 10\.\d{6} s \(line \d+\), 6 attempts\n +in 5\.1 s/,
    )
    expect(text).toMatch(
      /3 {2}CPU 0, eth-17 \(from line \d+\)\n +page_pool_alloc_pages <- nic_refill/,
    )
    expect(text).toMatch(/5 s to 15 s +5 {2}#{40}/)
  })
  it('names the two likeliest holders of a few pages that are out for seconds, and no more', () => {
    expect(text).toMatch(/5 pages for 5\.1 s is not much: most often socket receive queue or skb/)
    expect(text).not.toContain('cpumap')
  })
  it('offers classes of holder as guesses, each with a command, and not those that are over', () => {
    const long = logText(
      read([...HEADER, ...story({ pages: 12, late: 5, attempts: 300, stalled: true })]),
    )
    expect(long).toMatch(
      /the count does not fall: likeliest first; guesses until one of them is seen/,
    )
    expect(long.indexOf('a driver that forgot')).toBeLessThan(long.indexOf('- socket receive'))
    expect(long).toMatch(/Not after 5 min: IPv4 and IPv6 defragmentation \(at most 60 s\)/)
    expect(long).not.toMatch(/- IPv4 and IPv6 defragmentation/)
    expect(long).toMatch(/guesses until one of them is seen/)
    for (const name of [
      'socket receive queue',
      'skb defer list',
      'cpumap',
      'TX ring',
      'a driver that forgot a release',
    ])
      expect(long).toContain(name)
    expect(long).toContain('taskset -c 0 ping')
  })
  it('is wide as a terminal, but for lines of the log and commands', () => {
    const wide = text
      .split('\n')
      .filter((line) => line.length > 96 && !/^ {6}|^ {4}\d+:/.test(line))
    expect(wide).toEqual([])
  })
  it('offers them for a stalled shutdown of the kernel log too, once', () => {
    const stalls = [3, 4].map(
      (id) => `page_pool_release_retry() stalled pool shutdown: id ${id}, 40 inflight 60 sec`,
    )
    const said = logText(read(stalls))
    expect(said.match(/socket receive queue/g)).toHaveLength(1)
    expect(said).toMatch(/how to record a trace/)
  })
  it('moves no terminal, whatever a task is called', () => {
    const odd = logText(read(lines.map((line) => line.replace('eth-17', '\u0007\u009b2Jeth-17'))))
    // eslint-disable-next-line no-control-regex
    expect(odd).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })
})

describe('ages', () => {
  const ages = [
    { from: 0, to: 0.001, pages: 3 },
    { from: 0.001, to: 0.01, pages: 0 },
    { from: 86_400, to: Infinity, pages: 1 },
  ]
  it('as text: a bar for whoever is there at all', () => {
    expect(ageText(ages)).toEqual([
      `          under 1 ms        3  ${'#'.repeat(40)}`,
      '       1 ms to 10 ms        0',
      `        24 h or more        1  ${'#'.repeat(13)}`,
    ])
  })
  it('as SVG: nothing of a name is markup', () => {
    const svg = ageSvg([{ title: 'a <b> & "c"', ages }])
    expect(svg).toContain('a &#60;b&#62; &#38; &#34;c&#34;')
    expect(svg.match(/<rect /g)).toHaveLength(4)
  })
  it.each([
    [0.001, '1 ms'],
    [1.5, '1.5 s'],
    [90, '90 s'],
    [300, '5 min'],
    [86_400, '24 h'],
  ])('%f s', (seconds, says) => {
    expect(duration(seconds)).toBe(says)
  })
})
