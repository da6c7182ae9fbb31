/** Events that are missing, late, doubled or out of order are no contradiction. */
import { describe, expect, it } from 'vitest'
import { MOST_ALIVE } from '../../../logs/accounts/lives.ts'
import { dice, HEADER, read, story, threePools } from '../trace.ts'

const RUNS = 60
const isEvent = (line: string): boolean => /page_pool_|mem_/.test(line)
type Spoil = (lines: readonly string[], roll: (below: number) => number) => string[]

const SPOILS: Readonly<Record<string, Spoil>> = {
  'one line missing': (lines, roll) => lines.toSpliced(roll(lines.length), 1),
  'a block missing': (lines, roll) => lines.toSpliced(roll(lines.length), roll(40)),
  'one CPU missing': (lines, roll) => {
    const cpu = `[00${roll(2)}]`
    return lines.filter((line) => !line.includes(cpu))
  },
  'one CPU missing for a while': (lines, roll) => {
    const cpu = `[00${roll(2)}]`
    const from = roll(lines.length)
    const to = from + roll(60)
    return lines.filter((line, i) => i < from || i > to || !line.includes(cpu))
  },
  'one kind of event missing': (lines, roll) => {
    const kind = ['state_hold', 'state_release', 'page_pool_release', 'mem_'][roll(4)]!
    return lines.filter((line) => !line.includes(kind))
  },
  'lines sampled': (lines, roll) => lines.filter(() => roll(10) < 7),
  'the beginning missing': (lines, roll) => lines.slice(roll(lines.length)),
  'the end missing': (lines, roll) => lines.slice(0, roll(lines.length)),
  'CPU buffers printed one after the other, a few lines at a time': (lines, roll) => {
    const out: string[] = []
    for (let at = 0; at < lines.length;) {
      const some = lines.slice(at, (at += 1 + roll(40)))
      const first = `[00${roll(2)}]`
      out.push(
        ...some.filter((it) => it.includes(first)),
        ...some.filter((it) => !it.includes(first)),
      )
    }
    return out
  },
  'two lines glued, and what was between them missing': (lines, roll) => {
    const at = roll(lines.length - 1)
    const to = Math.min(lines.length - 1, at + 1 + roll(20))
    const [a, b] = [lines[at]!, lines[to]!]
    return lines.toSpliced(
      at,
      to - at + 1,
      a.slice(0, roll(a.length)) + b.slice(roll(b.length) - b.length),
    )
  },
  'last first, on a clock without a unit': (lines) =>
    lines.map((line, i) => line.replace(/\d+\.\d{6}:/, `${1000 + i}:`)).toReversed(),
  'last first, without context': (lines) =>
    lines.map((line) => line.replace(/^.*\d+\.\d{6}: /, '')).toReversed(),
  'lines doubled': (lines, roll) => {
    const at = roll(lines.length)
    return lines.toSpliced(at, 0, ...lines.slice(at, at + roll(30)))
  },
}

describe('never impossible', () => {
  it.each(Object.keys(SPOILS))('%s', (how) => {
    const roll = dice(7)
    const wrong: string[] = []
    for (let run = 0; run < RUNS; run += 1) {
      const { verdict, pools } = read(SPOILS[how]!(threePools(), roll))
      if (verdict === 'impossible')
        wrong.push(
          pools
            .flatMap(({ impossible }) =>
              impossible.map(({ at, says }) => `${run}: line ${at.line}: ${says}`),
            )
            .join('; '),
        )
    }
    expect(wrong).toEqual([])
  })
  it('a life whose end and the next one whose beginning are missing', () => {
    const first = story({ pages: 20, late: 5 })
    const second = story({ pages: 30, start: 40, pfn: 0x5002 })
    const { verdict } = read([...first.slice(0, 30), 'CPU:0 [LOST 30 EVENTS]', ...second.slice(12)])
    expect(verdict).toBe('cannot tell')
  })
})

describe('what is still certain', () => {
  it('a pool that was seen from its first page to its last is consistent beside lost events', () => {
    const [first, second] = [
      story({ pages: 20 }),
      story({ pointer: '0000000024c60296', pages: 9, start: 20, pfn: 0x6000 }),
    ]
    const { verdict, pools } = read(['CPU:0 [LOST 12 EVENTS]', ...first.slice(12), ...second])
    expect(verdict).toBe('cannot tell')
    expect(pools.map((it) => it.verdict)).toEqual(['cannot tell', 'consistent'])
    expect(pools[0]).toMatchObject({ hold: 20, release: 20, end: 'freed', missing: { holds: 12 } })
  })
  it('a sum that does not add up is impossible whatever was lost', () => {
    const lines = story({ pages: 20, late: 5 }).filter((_, i) => i % 3 !== 0)
    const at = lines.findIndex((line) => line.includes('page_pool_release:'))
    const edited = lines.with(at, lines[at]!.replace('inflight=5', 'inflight=4'))
    expect(read(['CPU:0 [LOST 12 EVENTS]', ...edited]).verdict).toBe('impossible')
  })
  it('every line is needed for consistent, from the first hold to the last release', () => {
    const lines = threePools()
    for (const [i, line] of lines.entries())
      if (/state_(hold|release)/.test(line))
        expect(read(lines.toSpliced(i, 1)).verdict).toBe('cannot tell')
  })
  it('lines that are no events change nothing', () => {
    const lines = threePools().flatMap((line) =>
      isEvent(line)
        ? ['', line, '  eth-17 [000] 1.0: xdp_redirect: prog_id=2 action=REDIRECT']
        : [line],
    )
    expect(read(lines).verdict).toBe('consistent')
  })
})

describe('what tools say of lost events is understood', () => {
  it.each([
    'CPU:0 [LOST 7 EVENTS]',
    'CPU:0 [7 EVENTS DROPPED]',
    '##### CPU 1 buffer started ####',
    '  pp   180 [001]    80.736393: PERF_RECORD_LOST lost 7',
    'Processed 4096 events and lost 3 chunks!',
    'Lost 7 events',
    '{"type": "lost_events", "data": {"events": 7}}',
    'WARNING: Skipped 7 events',
    '** 7 printk messages dropped **',
    'systemd-journald[123]: Missed 7 kernel messages',
    '... 7 lines skipped ...',
  ])('%s', (mark) => {
    const lines = threePools()
    expect(read(lines.toSpliced(12, 4, mark)).lost.marks).toBe(1)
    expect(read([...lines, mark]).lost.marks).toBe(1)
  })
})
it('a comment that speaks of lost events is no mark', () => {
  const { lost } = read(['# read late: CPU:n [LOST m EVENTS] lines are in it', ...threePools()])
  expect(lost.marks).toBe(0)
})
it('a pool that was alive when the last events were lost may be freed', () => {
  const alive = [...HEADER, ...story({ pages: 12, late: 5, stalled: true })]
  const other = story({ pages: 3, pointer: '0000000024c60296', start: 20, pfn: 0x6000 })
  expect(read([...alive, ...other]).pools[0]!.verdict).toBe('consistent')
  const { pools } = read([...alive, 'CPU:1 [LOST 6 EVENTS]', ...other])
  expect(pools[0]).toMatchObject({ verdict: 'cannot tell', end: 'stalled' })
  expect(pools[0]!.doubts.join()).toContain('may have been freed since')
})
it('files of one CPU each, one after the other, are halves of one story', () => {
  const lines = threePools().filter(isEvent)
  const { verdict, reasons } = read(
    [0, 1].flatMap((cpu) => ['# tracer: nop', ...lines.filter((it) => it.includes(`[00${cpu}]`))]),
  )
  expect(verdict).toBe('cannot tell')
  expect(reasons.join()).toContain('one CPU each')
})
it('more pools at once than are followed: the oldest are let go, and told so', () => {
  const held = Array.from(
    { length: MOST_ALIVE + 1 },
    (_, i) =>
      `  eth-17 [000] b...1 ${(1 + i / 1000).toFixed(6)}: page_pool_state_hold: page_pool=${(0x1000_0000 + i).toString(16).padStart(16, '0')} pfn=${i + 1} hold=1`,
  )
  const { verdict, pools, morePools } = read(held)
  expect(verdict).toBe('cannot tell')
  expect(pools[0]!.doubts.join()).toMatch(/pools are there at once: this one was not followed/)
  expect(pools.length + Object.values(morePools).reduce((a, b) => a + b, 0)).toBe(held.length)
})
