/** Reports of the kinds that are met in mails and trackers, written after kernels of 4.18 to 6.19: what each says. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concernsOf } from '../../../logs/concerns.ts'
import { logText } from '../../../views/log-report.ts'
import { read } from '../trace.ts'

const folder = new URL('../data/kinds/', import.meta.url)
const files = readdirSync(folder)
const lines = (start: string): string[] =>
  readFileSync(
    new URL(
      files.find((file) => file.startsWith(start))!,
      folder,
    ),
    'latin1',
  )
    .replace(/\n$/, '')
    .split('\n')

/** The verdict, the pools, and the properties that the kernel's reports break ('' for none). */
const KINDS: Readonly<Record<string, readonly [string, readonly string[], readonly string[]]>> = {
  '01 two boots in a journal': ['consistent', ['id 9: 3 ended', 'id 9: 64 stalled'], []],
  '02 KASAN, and the pool was freed by its release work': [
    'impossible',
    [],
    ['no-use-of-freed-pool'],
  ],
  '03 KASAN at an unlock, as syzbot prints it': ['impossible', [], ['no-lock-in-freed-memory']],
  '04 a negative count of 4.18': [
    'impossible',
    ['a pool with negative in-flight: -1 negative'],
    [],
  ],
  '05 dma-debug, and the mapping was made by page_pool': [
    'impossible',
    [],
    ['no-mapping-outlives-its-driver'],
  ],
  '06 page_pool leak': ['impossible', [], ['no-page-freed-with-signature']],
  '07 a crash of 32-bit ARM': ['cannot tell', [], ['']],
  '08 a late sync': ['impossible', [], ['no-sync-after-unbind']],
  '09 bottom halves with interrupts off': ['impossible', [], ['no-return-with-interrupts-off']],
  '10 a sleep under RCU': ['impossible', [], ['no-sleeping-while-atomic']],
  '11 a pool destroyed once too often': ['impossible', [], ['no-use-of-freed-pool']],
  '12 warnings and crashes of others': ['consistent', ['id 4: 2 ended'], ['']],
  '13 two queues without ids': [
    'consistent',
    ['a pool (line 2): 40 stalled', 'a pool (line 3): 12 stalled'],
    [],
  ],
  '14 netlink and dmesg in one file': ['consistent', ['id 18: 98 stalled'], []],
  '15 a late unmap in a central log': ['impossible', [], ['no-unmap-after-unbind']],
  '16 no pool was made': ['cannot tell', [], ['']],
  '17 a WARN with decoded and inlined frames': ['impossible', [], ['napi-and-its-pool-agree']],
  '18 a soft lockup': ['cannot tell', [], ['']],
  '19 a stall that ended hours ago': ['consistent', ['a pool (line 1): 12 ended'], []],
  '20 two machines, as pdsh prints them': [
    'consistent',
    ['id 12: 40 stalled', 'id 12: 44 stalled'],
    [],
  ],
  '21 nothing mapped at a late unmap': ['impossible', [], ['no-mapping-unmapped-twice']],
  '22 a late unmap that crashes, quoted': [
    'impossible',
    ['id 88: 7 stalled'],
    ['no-unmap-after-unbind'],
  ],
}
it.each(Object.keys(KINDS))('%s', (kind) => {
  const { verdict, shutdowns, notices } = read(lines(kind.slice(0, 2)))
  expect([
    verdict,
    shutdowns.map(({ name, inflight, end }) => `${name}: ${inflight} ${end}`),
    notices.map(({ property }) => property),
  ]).toEqual(KINDS[kind])
})
it('every file is in the table', () => {
  expect(files.map((file) => file.slice(0, 2))).toEqual(
    Object.keys(KINDS).map((kind) => kind.slice(0, 2)),
  )
})

const warning = (at: number, what: string): string =>
  `[${at.toFixed(6).padStart(12)}] page_pool_release_retry() stalled pool shutdown: ${what}`

describe('a stall', () => {
  it('is over when the log goes on well past the next warning, and the headline says so', () => {
    const text = logText(read(lines('19')))
    expect(text).toMatch(/^test: consistent; 1 stall in it, over by the end\n/)
    expect(text).toMatch(
      /over: 12 pages in flight at the last warning.*\n? *.*the log goes\s+on\s+for 7940 s/,
    )
    expect(text).not.toMatch(/STALLED|who can hold/)
  })
  it('is not over for a log that ends a minute later', () => {
    const { shutdowns } = read([
      warning(160, 'id 3, 40 inflight 60 sec'),
      '[  220.000000] usb 1-1: x',
    ])
    expect(shutdowns[0]!.end).toBe('stalled')
  })
  it('is told to fall, and to be constant since when', () => {
    const log = (...counts: number[]): string =>
      logText(
        read(
          counts.map((n, i) => warning(160 + 60.4 * i, `id 3, ${n} inflight ${60 + 60 * i} sec`)),
        ),
      )
    expect(log(40, 30, 20)).toMatch(
      /falling: fell from 40 to 20, the last time between 120 and 180 s/,
    )
    expect(log(40, 30, 30)).toMatch(
      /fell from 40 to 30, .*between 60 and 120 s; constant since, for 60 s/,
    )
    expect(log(40, 40, 40)).toMatch(
      /not one page came back between .*60 s.* and the last \(180 s\)/,
    )
    expect(log(40)).toMatch(/one warning: whether the count falls/)
  })
  it('that falls is held by a reader first, one that does not by a driver', () => {
    const log = (...counts: number[]): string =>
      logText(
        read(
          counts.map((n, i) => warning(760 + 60.4 * i, `id 3, ${n} inflight ${660 + 60 * i} sec`)),
        ),
      )
    const first = (text: string): string => /who can hold.*\n {2}- ([^:]*)/.exec(text)![1]!
    expect(first(log(90, 80, 70))).toBe('socket receive queue')
    expect(first(log(90, 90, 90))).toBe('a driver that forgot a release')
  })
  it('has as its first question the device, with the exact command', () => {
    const text = logText(read([warning(1549, 'id 949, 98 inflight 1449 sec')]))
    expect(text).toMatch(/first: which device[^]*page-pool-get --json '\{"id": 949\}'/)
    expect(text.indexOf('page-pool-get')).toBeLessThan(text.indexOf('who can hold'))
    expect(text).toMatch(/\$2 > 90 && \$2 < 102/)
    expect(text).not.toMatch(/- IPv4 and IPv6 defragmentation/)
  })
  it('of 3 pages after a minute has hints of a few lines', () => {
    const few = logText(read([warning(160, 'id 3, 3 inflight 60 sec')])).split('\n').length
    const many = logText(read([warning(1549, 'id 3, 98 inflight 1449 sec')])).split('\n').length
    expect(few).toBeLessThan(24)
    expect(many).toBeGreaterThan(40)
  })
  it('shows what else was said when the pool was destroyed', () => {
    const { shutdowns } = read([
      '[  100.200000] mlx5_core 0000:3b:00.0: E-Switch: Disable SRIOV',
      '[  130.000000] mlx5_core 0000:3b:00.0 eth2: Link up',
      warning(160.5, 'id 3, 40 inflight 60 sec'),
    ])
    expect(shutdowns[0]!.around).toEqual([
      'line 1: mlx5_core 0000:3b:00.0: E-Switch: Disable SRIOV',
    ])
  })
})

describe('what a watcher is told of', () => {
  const met = (log: readonly string[]): string[] => [...concernsOf(read(log))]
  it('a stall, and a leak when nothing came back for ten minutes', () => {
    expect(met([warning(160, 'id 3, 40 inflight 60 sec')])).toEqual(['stalled'])
    expect(met([warning(860, 'id 3, 40 inflight 760 sec')])).toEqual(['stalled', 'leak'])
    expect(
      met([warning(860, 'id 3, 40 inflight 760 sec'), warning(920.4, 'id 3, 39 inflight 820 sec')]),
    ).toEqual(['stalled'])
  })
  it('nothing, when the stall is over', () => {
    expect(met(lines('19'))).toEqual([])
  })
  it('page_pool leak is a leak, and impossible', () => {
    expect(met(lines('06'))).toEqual(['leak', 'impossible'])
  })
})

describe('a log that does not fit', () => {
  it('is told up to the line that was refused, and what was refused there', () => {
    const log = read([
      warning(160, 'id 3, 40 inflight 60 sec'),
      warning(220.4, 'id 3, 40 inflight 120 sec'),
      warning(280.8, 'id 3, 41 inflight 180 sec'),
    ])
    expect(log.fits).toMatchObject({ lines: 2, refused: { line: 3, allowed: '40 or fewer' } })
    expect(logText(log)).not.toMatch(/fell from/)
    expect(logText(log)).toMatch(/lines 1 to 2 fit; line 3 is refused: 41 in flight, and 40 before/)
  })
  it('counts a warning that is cut, and says so', () => {
    const { verdict, warnings, reasons } = read([
      '[  160.000000] page_pool_release_retry() stalled pool shutdown: id 3, 40 infl',
    ])
    expect([verdict, warnings.unread]).toEqual(['cannot tell', 1])
    expect(reasons[0]).toMatch(/^1 warning of a stalled shutdown begins and cannot be read/)
  })
})
