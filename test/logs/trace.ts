/** Tracepoint text of pools that behave, as ftrace prints it, and readers for the tests. */
import { LogReader } from '../../logs/read-log.ts'
import type { LogReport } from '../../logs/report.ts'

export interface PoolStory {
  readonly pointer?: string
  readonly pages: number
  /** Pages still out at the first attempt; they come back before the one after the next. */
  readonly late?: number
  /** Attempts that find them out; the last one finds nothing, unless `stalled`. */
  readonly attempts?: number
  readonly stalled?: boolean
  readonly start?: number
  readonly pfn?: number
  readonly id?: number
}

export const HEADER = [
  '# tracer: nop',
  '#',
  '# entries-in-buffer/entries-written: 1/1   #P:2',
  '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION',
]

/** Releases alternate between the CPUs; every fourth pair is printed the wrong way round. */
export function story({
  pointer = '00000000264c3861',
  pages,
  late = 0,
  attempts = late > 0 ? 3 : 0,
  stalled = false,
  start = 10,
  pfn = 0x5000,
  id,
}: PoolStory): string[] {
  let time = start
  const lines: string[] = []
  const print = (cpu: number, name: string, rest: string, who = 'eth-17'): void => {
    time += 0.000_004
    lines.push(
      `          ${who}     [00${cpu}] b...1  ${time.toFixed(6).padStart(10)}: ${name}: ${rest}`,
    )
  }
  const page = (n: number, comma = ''): string =>
    `page_pool=${pointer} netmem=00000000${(0xa808_0000 + pfn + n).toString(16)} is_net_iov=0${comma} pfn=0x${(pfn + n).toString(16)}`
  const attempt = (cnt: number, release: number): void =>
    print(
      cnt % 2,
      'page_pool_release',
      `page_pool=${pointer} inflight=${pages - release} hold=${pages} release=${release} cnt=${cnt}`,
      cnt === 1 ? 'ip-170' : `kworker/${cnt % 2}:1-4`,
    )
  const releaseTo = (from: number, to: number): void => {
    for (let n = from; n <= to; n += 1)
      print(n % 2, 'page_pool_state_release', `${page(n)} release=${n}`)
  }
  if (id !== undefined)
    print(0, 'mem_connect', `mem_id=${id} mem_type=PAGE_POOL allocator=${pointer} ifindex=3`)
  for (let n = 1; n <= pages; n += 1) print(0, 'page_pool_state_hold', `${page(n, ',')} hold=${n}`)
  releaseTo(1, pages - late)
  for (let cnt = 1; cnt <= attempts; cnt += 1) {
    attempt(cnt, pages - late)
    time += 1.02
  }
  if (stalled) return lines
  releaseTo(pages - late + 1, pages)
  attempt(attempts + 1, pages)
  if (id !== undefined)
    print(0, 'mem_disconnect', `mem_id=${id} mem_type=PAGE_POOL allocator=${pointer}`)
  return swapped(lines)
}
/** Two releases of different CPUs, printed the wrong way round: seen in real traces. */
function swapped(lines: readonly string[]): string[] {
  const all = [...lines]
  for (let i = 0; i + 1 < all.length; i += 1)
    if (i % 8 === 0 && [i, i + 1].every((j) => all[j]!.includes('state_release')))
      [all[i], all[i + 1]] = [all[i + 1]!, all[i]!]
  return all
}

export function read(lines: readonly string[], ended = true): LogReport {
  const reader = new LogReader('test')
  for (const [i, line] of lines.entries()) reader.line(line, ended || i < lines.length - 1)
  return reader.report()
}
/** What matters of a report, for comparing. */
export const gist = ({ verdict, pools }: LogReport) => ({
  verdict,
  pools: pools.map(({ verdict, end, hold, release, seen, attempts }) => ({
    verdict,
    end,
    hold,
    release,
    seen,
    attempts: attempts.map(({ inflight, times }) => `${inflight}x${times}`),
  })),
})

/** Three pools one after the other, the third at the address of the first. */
export const threePools = (): string[] => [
  ...HEADER,
  ...story({ pages: 24, late: 7, id: 3 }),
  ...story({ pointer: '0000000024c60296', pages: 9, start: 20, pfn: 0x6000 }),
  ...story({ pages: 16, late: 2, start: 30, pfn: 0x5003, id: 4 }),
]

/** A small generator of its own, so that every run edits the same places. */
export function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return Math.floor((state / 0x8000_0000) * below)
  }
}
