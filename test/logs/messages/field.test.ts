/** Kernel messages of real machines: what a domain engineer concludes from each, and every mutation of them that means the same. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concernsOf } from '../../../logs/concerns.ts'
import type { LogReport } from '../../../logs/report.ts'
import { logText } from '../../../views/log-report.ts'
import { read } from '../trace.ts'

const folder = new URL('../data/field/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.txt'))
const lines = (start: string): string[] => {
  const file = files.find((it) => it.startsWith(start))!
  return readFileSync(new URL(file, folder), 'latin1').replace(/\n$/, '').split('\n')
}
const report = (start: string): LogReport => read(lines(start))
const pools = ({ shutdowns }: LogReport): string[] =>
  shutdowns.map(
    ({ host, name, inflight, seconds, end }) =>
      `${host === null ? '' : `${host} `}${name}: ${inflight} after ${seconds} s, ${end}`,
  )
const broken = ({ notices }: LogReport): string[] =>
  notices.map(({ property, times }) => `${property}${times > 1 ? ` x${times}` : ''}`)

describe('the conclusion of', () => {
  it('03: dmesg and logread of the same minutes are two pools, and no warning is lost', () => {
    const it = report('03')
    expect(pools(it)).toEqual([
      'id 19: 5 after 25575 s, stalled',
      'id 17: 5 after 25816 s, stalled',
    ])
    expect(it.warnings).toEqual({ told: 6, repeated: 3, unread: 0 })
    expect(logText(it)).toMatch(
      /^test: STALLED, 2 pools with 10 pages in flight \(looks like a leak\)/,
    )
  })
  it('08: five pools wrapped by a mailer, and two crashes that look like a late unmap', () => {
    const it = report('08')
    expect(pools(it).map((text) => text.split(':')[0])).toEqual([
      'id 1145',
      'id 1279',
      'id 2330',
      'id 1996',
      'id 1046',
    ])
    expect(it.verdict).toBe('cannot tell')
    expect(it.notices).toMatchObject([
      { suspects: 'no-unmap-after-unbind', times: 2, property: '' },
    ])
  })
  it('15: a pool is destroyed while its NAPI runs, in a WARN whose head is wrapped', () => {
    const it = report('15')
    expect(broken(it)).toEqual(['napi-and-its-pool-agree'])
    expect(it.notices[0]!.frames.slice(0, 2)).toEqual(['page_pool_destroy', 'ionic_qcq_free'])
  })
  it('17: a queue is registered twice, then unregistered under an id that is gone', () => {
    expect(broken(report('17'))).toEqual(['', 'registered-queue-can-be-found'])
  })
  it('18: a page is given back twice (6.19)', () => {
    const it = report('18')
    expect(broken(it)).toEqual(['no-page-freed-twice'])
    expect(it.notices[0]!.says).toMatch(/mt76_dma_rx_cleanup\(\) gives it back a second time/)
  })
  it('21: the hypervisor refuses a late unmap under page_pool_release_retry()', () => {
    expect(broken(report('21'))).toEqual(['no-unmap-after-unbind'])
  })
  it('26: a WARN without file and line is seen, and concerns no property', () => {
    const it = report('26')
    expect([it.verdict, ...broken(it)]).toEqual(['cannot tell', ''])
    expect(it.notices[0]!.says).toMatch(/a fragment that the pool cannot give/)
  })
  it('27: no pool was made, because a DMA address does not fit on a 32-bit machine', () => {
    const it = report('27')
    expect([it.verdict, ...broken(it)]).toEqual(['cannot tell', ''])
    expect(it.notices[0]!.says).toMatch(/EINVAL.*32-bit/)
  })
  it('29: netlink tells of a pool that no device has any more', () => {
    const it = report('29')
    expect(it.netlink).toMatchObject([{ id: 20, ifindex: null, inflight: 3072, napiId: 108 }])
    expect(logText(it)).toMatch(
      /STALLED, 1 pool with 3072 pages[^]*no device \(left behind\)[^]*12 MB/,
    )
    expect(concernsOf(it)).toContain('stalled')
  })
  it('33: an RX queue is registered twice', () => {
    const it = report('33')
    expect(it.notices[0]!.says).toMatch(/registers an xdp_rxq_info that is still registered/)
  })
  it('35: the stack of a return names who held the page', () => {
    expect(report('35').notices).toMatchObject([{ holder: 'skb defer list', property: '' }])
  })
  it('43: a mapping is undone twice while the driver polls', () => {
    expect(broken(report('43'))).toEqual(['no-mapping-unmapped-twice'])
  })
  it('55: a serial console woven into logread is one pool, and a line is only repeated', () => {
    const it = report('55')
    expect([it.verdict, ...pools(it)]).toEqual(['consistent', 'id 6: 6 after 181 s, stalled'])
    expect(it.warnings).toEqual({ told: 3, repeated: 1, unread: 0 })
  })
  it('56: a warning that netconsole sent in two parts is read', () => {
    expect(pools(report('56'))).toEqual([
      'id 6: 199 after 120 s, stalled',
      'id 7: 5 after 60 s, stalled',
    ])
  })
  it('60: two boots without stamps are two pools, and the first is over', () => {
    expect(pools(report('60'))).toEqual([
      'id 9: 1 after 181 s, ended',
      'id 9: 3 after 120 s, stalled',
    ])
  })
  it('61: pool 6 of one machine is not pool 6 of the other', () => {
    const it = report('61')
    expect([it.verdict, ...pools(it)]).toEqual([
      'consistent',
      'host1 id 6: 40 after 1511 s, stalled',
      'host2 id 6: 90 after 660 s, stalled',
    ])
  })
  it('63: pasted twice without stamps is what it was once', () => {
    expect(pools(report('63'))).toEqual(pools(report('03')))
  })
  it('67: the WARN of 6.18 and later is that of before', () => {
    expect(broken(report('67'))).toEqual(broken(report('15')))
  })
  it('68: a crash run through decode_stacktrace.sh is a late unmap', () => {
    expect(broken(report('68'))).toEqual(['no-unmap-after-unbind'])
  })
  it('69: a warning wrapped after "stalled", each half with a stamp', () => {
    expect(pools(report('69'))).toEqual(['id 3: 40 after 60 s, stalled'])
  })
})

/** What a mutation must not change. */
const count = ({ warnings: { told, repeated, unread } }: LogReport): number =>
  told + repeated + unread
function innocent(changed: readonly string[], of: readonly LogReport[], what: string): string[] {
  const it = read(changed)
  const wasImpossible = of.some(({ verdict }) => verdict === 'impossible')
  const before = of.reduce((sum, report) => sum + count(report), 0)
  return [
    ...(it.verdict === 'impossible' && !wasImpossible ? [`${what}: impossible`] : []),
    ...(count(it) < before ? [`${what}: ${count(it)} of ${before} warnings`] : []),
  ]
}
const recorded = [
  'cpumap-5.2-rc1.txt',
  'forced-5.2-rc1.txt',
  'in-flight-5.2-rc1.txt',
  'late-attach-6.12.txt',
  'test-run-drop-6.1.txt',
]
const kinds = new URL('../data/kinds/', import.meta.url)
const textOf = (folder: URL, file: string): readonly string[] =>
  readFileSync(new URL(file, folder), 'latin1').replace(/\n$/, '').split('\n')
const TEXTS: Readonly<Record<string, readonly string[]>> = Object.fromEntries([
  ...files.map((file) => [file, lines(file)] as const),
  ...readdirSync(kinds).map((file) => [file, textOf(kinds, file)] as const),
  ...recorded.map((file) => [file, textOf(new URL('../data/', import.meta.url), file)] as const),
])
const woven = (a: readonly string[], b: readonly string[]): string[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((line) => line !== undefined)
const half = (all: readonly string[]): number => all.length >> 1

describe.each(Object.keys(TEXTS))('%s', (name) => {
  const text = TEXTS[name]!
  const whole = read(text)
  const longest = Math.max(...text.map((line) => line.length))

  it('cut at any column, or wrapped to any width, is no other log', () => {
    const wrong: string[] = []
    for (let column = 1; column < longest; column += 1) {
      const cut = text.flatMap((line) =>
        line.length > column ? [line.slice(0, column), line.slice(column)] : [line],
      )
      wrong.push(...innocent(cut, [whole], `cut at ${column}`))
      if (column < 40 || column % 3 > 0) continue
      const hard = text.flatMap((line) => line.match(new RegExp(`.{1,${column}}`, 'g')) ?? [''])
      const soft = text.flatMap(
        (line) => line.match(new RegExp(`.{1,${column}}(?:\\s|$)|\\S+`, 'g')) ?? [''],
      )
      wrong.push(...innocent(hard, [whole], `hard, ${column} wide`))
      wrong.push(...innocent(soft, [whole], `soft, ${column} wide`))
    }
    expect(wrong).toEqual([])
  })
  it('quoted, without stamps, with heads of loggers, in halves or twice is no other log', () => {
    const halves = [...text.slice(half(text)), ...text.slice(0, half(text))]
    const without = text.map((line) => line.replace(/\[\s*\d+\.\d+\]\s?/, ''))
    const wrong = [
      ...innocent([...text, ...text], [whole, whole], 'twice'),
      ...innocent([...without, ...without], [whole, whole], 'twice, without stamps'),
      ...innocent(without, [whole], 'without stamps'),
      ...innocent(
        text.map((line) => `> > ${line}`),
        [whole],
        'quoted',
      ),
      ...innocent(
        text.map((line) => `\t${line}`),
        [whole],
        'tabs',
      ),
      ...innocent(
        text.map((line) => `Jan  4 03:19:17 host1 kernel: ${line}`),
        [whole],
        'syslog',
      ),
      ...innocent(
        text.map((line) => JSON.stringify({ MESSAGE: line, _HOSTNAME: 'a', _BOOT_ID: 'b' })),
        [whole],
        'journal',
      ),
      ...innocent(halves, [whole], 'halves'),
    ]
    expect(wrong).toEqual([])
  })
  it('woven with another log, with and without host names, makes neither impossible', () => {
    const all = Object.entries(TEXTS)
    // With itself, and with a third of the others, each a different one.
    const turn = all.findIndex(([other]) => other === name)
    const some = all.filter((_, i) => (i - turn) % 3 === 0)
    const wrong = some.flatMap(([other, second]) => {
      const of = [whole, read(second)]
      const both = woven(text, second)
      return [
        ...innocent(both, of, `with ${other}`),
        ...innocent(
          both.map((line, i) => `2026-01-04T03:19:17+01:00 host${i % 2} kernel: ${line}`),
          of,
          `with ${other}, as two hosts`,
        ),
      ]
    })
    expect(wrong).toEqual([])
  })
})
