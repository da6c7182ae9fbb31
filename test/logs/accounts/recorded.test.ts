/**
 * Recordings of unmodified kernels (6.1.192, 6.12.117), where the folder is there: `../shared/traces`.
 * Pools as held/released [in flight at the attempts] end, as its README says.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readLog } from '../../../logs/read-log.ts'
import type { PoolReport } from '../../../logs/report.ts'

const traces = fileURLToPath(new URL('../../../../shared/traces/', import.meta.url))
const notes = fileURLToPath(
  new URL('../../../../shared/seeds/000-page-pool-shutdown-inflight.txt', import.meta.url),
)

const RECORDED: Readonly<Record<string, readonly [verdict: string, ...pools: string[]]>> = {
  'k61_t01_testrun_drop_clean.txt': ['consistent', '64/64 [0] freed'],
  'k61_t06_redirect_cpumap_deferred.txt': ['consistent', '448/448 [52,0] freed'],
  'm_BUG_double.txt': ['impossible', '128/131 [-3,-3] negative'],
  'm_BUG_leak.txt': ['consistent', '128/125 [3,3,3,3] stalled'],
  'm_clean.txt': ['consistent', '128/128 [0] freed'],
  'm_rxqdefer.txt': ['consistent', '128/128 [50,50,50,25,0] freed'],
  't01_testrun_drop_clean.txt': ['consistent', '64/64 [0] freed'],
  't03_testrun_pass_deferred_short.txt': ['consistent', '320/320 [300,0] freed'],
  't05_redirect_veth_deferred.txt': [
    'consistent',
    '0/0 [0] freed',
    '256/256 [200,200,100,100,0] freed',
  ],
  't06_redirect_cpumap_deferred.txt': ['consistent', '448/448 [400,400,200,0] freed'],
  't10_parallel_8_testrun_pools.txt': [
    'consistent',
    '128/128 [120,120,0] freed',
    '128/128 [80,0] freed',
    '192/192 [160,160,0] freed',
    '256/256 [200,200,0] freed',
    '256/256 [240,240,240,0] freed',
    '320/320 [280,280,280,0] freed',
    '320/320 [320,320,320,0] freed',
    '64/64 [40,0] freed',
  ],
  't11_pointer_reuse_churn.txt': [
    'consistent',
    ...Array.from({ length: 24 }, () => '0/0 [0] freed'),
    ...Array.from({ length: 10 }, () => '64/64 [0] freed'),
  ],
  't13_late_attach.txt': ['cannot tell', '0/96 [48,48,48,0] freed'],
  't15_trace_pipe_lost.txt': ['cannot tell', '144/328 [500,500,0] freed', '64/64 [0] freed'],
  't18_raw_option.txt': ['nothing checked'],
  't22_stall_never_closed.txt': [
    'consistent',
    `64/24 [${Array.from({ length: 122 }, () => 40).join()}] stalled`,
  ],
  't24_vmxnet3_xdp_detach_deferred.txt': [
    'consistent',
    '0/0 [0] freed',
    '0/0 [0] freed',
    '0/0 [] alive',
    '0/0 [] alive',
    '1024/1024 [0] freed',
    '1088/1088 [3,3,3,3,0] freed',
  ],
  't30_tracecmd_report.txt': ['consistent', '128/128 [70,70,70,40,0] freed'],
  't31_perf_script.txt': ['consistent', '128/128 [70,70,70,40,0] freed'],
  't33_bpftrace.txt': ['consistent', '128/128 [70,70,70,40,0] freed'],
}
const told = ({ seen, attempts, end }: PoolReport): string =>
  `${seen.holds}/${seen.releases} [${attempts.flatMap(({ inflight, times }) => Array.from({ length: times }, () => inflight)).join()}] ${end}`

describe.runIf(existsSync(traces))('recorded traces', () => {
  it('are all in the table', () => {
    const files = readdirSync(traces).filter((file) => file.endsWith('.txt'))
    expect(files.filter((file) => !(file in RECORDED))).toEqual([])
  })
  it.each(Object.keys(RECORDED))('%s', async (file) => {
    const { verdict, pools, damaged } = await readLog(`${traces}${file}`)
    expect([verdict, ...pools.map(told).sort()]).toEqual(RECORDED[file])
    expect(damaged.count).toBe(0)
  })
  it('t22: the 40 pages, who took them, and for how long they are out', async () => {
    const { pools } = await readLog(`${traces}t22_stall_never_closed.txt`)
    const { holders, cnt } = pools[0]!
    expect(cnt).toBe(122)
    expect(holders).toMatchObject({
      pages: 40,
      groups: [{ cpu: 1, task: 'pp-154', pages: 40 }],
      ages: [{ from: 120, to: 300, pages: 40 }],
    })
  })
  it('m_BUG_double: the page that was released twice', async () => {
    const { pools } = await readLog(`${traces}m_BUG_double.txt`)
    expect(pools[0]!.impossible[0]!.at.line).toBe(148)
    expect(pools[0]!.impossible[0]!.window.at(-1)).toMatch(/release=4$/)
  })
  it('the kernel logs of the same runs', async () => {
    const read = async (name: string) => readLog(`${traces}dmesg/${name}.dmesg`)
    expect((await read('t22_stall_never_closed')).shutdowns[0]).toMatchObject({
      name: 'id 3',
      verdict: 'consistent',
      end: 'stalled',
      inflight: 40,
      seconds: 121,
    })
    expect(await read('m_BUG_double')).toMatchObject({
      verdict: 'impossible',
      shutdowns: [{ end: 'negative', inflight: -3 }],
    })
    expect((await read('m_BUG_leak')).verdict).toBe('nothing checked')
  })
  it('one after the other in one file', async () => {
    const { LogReader } = await import('../../../logs/read-log.ts')
    const reader = new LogReader('all')
    for (const file of [
      't22_stall_never_closed.txt',
      't24_vmxnet3_xdp_detach_deferred.txt',
      't22_stall_never_closed.txt',
    ])
      for (const line of readFileSync(`${traces}${file}`, 'latin1').split('\n')) reader.line(line)
    const { verdict, captures, pools } = reader.report()
    expect([verdict, captures, pools.length]).toEqual(['consistent', 3, 8])
  })
})

describe.runIf(existsSync(notes))('the notes of 2019, whole', () => {
  it('tell both stories', async () => {
    const { shutdowns } = await readLog(notes)
    const of = (name: string) => shutdowns.find((it) => it.name === name)
    expect(of('mem.id 121')).toMatchObject({
      end: 'stalled',
      inflight: 17_102_512,
      hold: 17_103_469,
      release: 957,
    })
    expect(of('mem.id 61')).toMatchObject({ end: 'stalled', inflight: 8_092_113, attempts: 4 })
    expect(of('mem.id 28')).toMatchObject({
      end: 'freed by force',
      attempts: 121,
      seconds: 122,
      inflight: 10_053_168,
    })
    expect(of('mem.id 49')).toMatchObject({ end: 'freed', hold: 10_665_185, release: 10_665_185 })
    expect(of('mem.id 50')).toMatchObject({ end: 'freed', hold: 10_766_397 })
    expect(shutdowns).toHaveLength(23)
  })
})
