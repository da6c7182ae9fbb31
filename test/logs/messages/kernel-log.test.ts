/** What the kernel log says of pools that do not go away. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { read } from '../trace.ts'

const data = (name: string): string[] =>
  readFileSync(new URL(`../data/${name}`, import.meta.url), 'latin1').split('\n')
const stalled = (time: string, what: string): string =>
  `[${time}] page_pool_release_retry() stalled pool shutdown: ${what}`

describe('the logs in the notes of 2019', () => {
  it('17102512 pages in flight: cpumap gave none of them back', () => {
    const { shutdowns, verdict } = read(data('in-flight-5.2-rc1.txt'))
    expect(verdict).toBe('consistent')
    expect(shutdowns).toMatchObject([
      {
        name: 'mem.id 121',
        end: 'stalled',
        inflight: 17_102_512,
        hold: 17_103_469,
        release: 957,
        attempts: 2,
      },
    ])
  })
  it('120 attempts, and then the pool is freed by force', () => {
    const { shutdowns, verdict } = read(data('forced-5.2-rc1.txt'))
    expect(verdict).toBe('impossible')
    expect(shutdowns).toHaveLength(1)
    expect(shutdowns[0]).toMatchObject({
      name: 'mem.id 28',
      end: 'freed by force',
      attempts: 121,
      seconds: 122,
      inflight: 10_053_168,
      hold: 10_054_146,
      release: 978,
    })
    expect(shutdowns[0]!.story.map((text) => text.replace(/^line \d+: /, ''))).toEqual([
      'still not disconnected after 31 attempts, 30 s',
      'still not disconnected after 61 attempts, 61 s',
      'still not disconnected after 91 attempts, 92 s',
      'still not disconnected after 121 attempts, 122 s',
      'freed by force with 10053168 pages in flight (10054146 held, 978 released)',
    ])
    expect(shutdowns[0]!.impossible[0]!.allowed).toMatch(
      /5\.3 and 5\.4 give up after 120 attempts on purpose/,
    )
  })
  it('a pool is asked again when its memory is freed, amid the lines of the next', () => {
    const { shutdowns } = read(data('cpumap-5.2-rc1.txt'))
    expect(shutdowns.map(({ name, end, inflight }) => [name, end, inflight])).toEqual([
      ['mem.id 61', 'stalled', 8_092_113],
      ...[62, 63, 64, 65, 66].map((id) => [`mem.id ${id}`, 'freed', 0]),
    ])
  })
  it('quoted in a mail they say the same', () => {
    expect(read(data('cpumap-5.2-rc1.txt').map((line) => `> > ${line}`)).shutdowns).toHaveLength(6)
  })
})

describe('stalled pool shutdown', () => {
  const log = [
    stalled('   83.511022', 'id 3, 40 inflight 60 sec'),
    stalled('  143.788130', 'id 3, 40 inflight 121 sec'),
  ]
  it('is told with its pages and its time', () => {
    expect(read(log)).toMatchObject({
      verdict: 'consistent',
      shutdowns: [{ name: 'id 3', end: 'stalled', inflight: 40, seconds: 121 }],
    })
  })
  it.each([
    ['more in flight than before', 'id 3, 41 inflight 121 sec'],
    ['a second after the one before', 'id 3, 40 inflight 61 sec'],
    ['two minutes in one', 'id 3, 40 inflight 181 sec'],
  ])('%s is impossible', (_, what) => {
    expect(read([log[0]!, stalled('  143.788130', what)]).verdict).toBe('impossible')
  })
  it('of two pools without ids (before 6.8) is told apart', () => {
    const { shutdowns, verdict } = read(
      [
        stalled('   83.5', '40 inflight 60 sec'),
        stalled('   90.5', '1000 inflight 60 sec'),
        stalled('  143.7', '40 inflight 120 sec'),
        stalled('  150.7', '999 inflight 121 sec'),
      ].map((line) => line.replace('shutdown:', 'shutdown')),
    )
    expect(verdict).toBe('consistent')
    expect(shutdowns.map(({ inflight, seconds }) => [inflight, seconds])).toEqual([
      [40, 120],
      [999, 121],
    ])
  })
  it('wrapped by a mail program is one message', () => {
    const { shutdowns } = read([
      '> [   83.511022] page_pool_release_retry() stalled pool shutdown: id 949,',
      '> 98 inflight 1449 sec',
    ])
    expect(shutdowns).toMatchObject([{ name: 'id 949', inflight: 98, seconds: 1449 }])
  })
  it('after a boot is another pool', () => {
    expect(read([...log, '[    0.000000] Linux version 6.12.117', log[0]!]).verdict).toBe(
      'consistent',
    )
  })
  it('in the order in which journald replays it has no clock', () => {
    const syslog = (what: string): string =>
      `Nov 21 06:01:17 host kernel: page_pool_release_retry() stalled pool shutdown: ${what}`
    expect(
      read([syslog('id 3, 40 inflight 60 sec'), syslog('id 3, 40 inflight 121 sec')]).verdict,
    ).toBe('consistent')
  })
})

describe("the kernel's own checks", () => {
  const pending =
    '[  10.0] DMA-API: pci 0000:00:02.0: device driver has pending DMA allocations while released from device [count=3]'
  it('are about page_pool if its functions are in the call trace', () => {
    const { notices, verdict } = read([
      pending,
      ' Call Trace:',
      '  page_pool_dma_map+0x30/0x80',
      '---[ end trace 0 ]---',
    ])
    expect(verdict).toBe('impossible')
    expect(notices).toMatchObject([
      { property: 'no-mapping-outlives-its-driver', aboutPagePool: true },
    ])
  })
  it('of somebody else are shown and not counted', () => {
    const { notices, verdict } = read([
      pending,
      ' Call Trace:',
      '  i915_gem_map+0x30/0x80',
      '---[ end trace 0 ]---',
      '  page_pool_dma_map+0x30/0x80',
    ])
    expect(verdict).toBe('nothing checked')
    expect(notices).toMatchObject([{ aboutPagePool: false }])
  })
  it('a page that is freed with its signature', () => {
    expect(read(['page dumped because: page_pool leak'])).toMatchObject({
      verdict: 'impossible',
      notices: [{ property: 'no-page-freed-with-signature' }],
    })
  })
  it('prose and patches are no messages', () => {
    const prose = [
      '+  pr_warn("%s() stalled pool shutdown %d inflight %d sec\\n",',
      'The tracepoint page_pool:page_pool_inflight in this patch can be used',
      'print fmt: "page_pool=%p inflight=%d hold=%u release=%u cnt=%llu", REC->pool',
      "sudo bpftrace -e 'tracepoint:xdp:mem_disconnect { @[comm] = count(); }'",
      'page_pool_release() calls page_pool_inflight(), see page_pool_state_hold',
    ]
    const { verdict, damaged } = read(prose)
    expect([verdict, damaged.count]).toEqual(['nothing checked', 0])
  })
})

describe('a count below zero', () => {
  const warning = (inflight: number): string =>
    `[1941287.997351] page_pool_release_retry() stalled pool shutdown ${inflight} inflight 1451031 sec`
  it('is more releases than holds', () => {
    const { verdict, shutdowns } = read([warning(-3)])
    expect(verdict).toBe('impossible')
    expect(shutdowns[0]!.end).toBe('negative')
  })
  it('or more than 2^31 holds, if it is far below', () => {
    // netdev, "Re: [PATCH net-next] bnxt: Detach page from page pool before sending up the stack", 10 January 2020.
    const { verdict, shutdowns } = read([warning(-1783494730)])
    expect(verdict).toBe('cannot tell')
    expect(shutdowns[0]!.story.join()).toContain('2511472566 pages')
  })
})
it('page_pool_release_stalled is a warning, and no release attempt', () => {
  const { events, shutdowns } = read([
    ' kworker/1:1-40 [001] ..... 83.511022: page_pool_release_stalled: page_pool=00000000f5a1155e id=4 inflight=40 sec=60',
  ])
  expect(events).toEqual({})
  expect(shutdowns[0]).toMatchObject({ name: 'id 4', end: 'stalled', inflight: 40, seconds: 60 })
})
