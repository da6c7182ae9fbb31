/** The same events as every tool prints them, and what mail, syslog and terminals add. */
import { expect, it } from 'vitest'
import { gist, HEADER, read, story, threePools } from '../trace.ts'

interface Parts {
  readonly comm: string
  readonly pid: string
  readonly cpu: string
  readonly flags: string
  readonly time: string
  readonly name: string
  readonly rest: string
  readonly line: string
}
const FTRACE = /^\s*(.*)-(\d+)\s+\[(\d+)\] (\S+)\s+(\d+\.\d+): (\w+): (.*)$/
const each =
  (print: (parts: Parts, i: number) => string[]) =>
  (lines: readonly string[]): string[] =>
    lines.flatMap((line, i) => {
      const m = FTRACE.exec(line)
      if (m === null) return [line]
      const [comm, pid, cpu, flags, time, name, rest] = m.slice(1) as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ]
      return print({ comm, pid, cpu, flags, time, name, rest, line }, i)
    })
const lines =
  (print: (line: string, i: number) => string) =>
  (all: readonly string[]): string[] =>
    all.map(print)
const microseconds = (time: string): number => Math.round(Number(time) * 1e6)
const system = (name: string): string => (name.startsWith('mem_') ? 'xdp' : 'page_pool')
function wrapped(line: string, width: number): string[] {
  const parts: string[] = []
  let rest = line.trim()
  while (rest.length > width) {
    const cut = rest.lastIndexOf(' ', width)
    if (cut < 10) break
    parts.push(rest.slice(0, cut))
    rest = rest.slice(cut + 1)
  }
  return [...parts, rest]
}

const variants: Readonly<Record<string, (lines: readonly string[]) => string[]>> = {
  'ftrace, context-info off': each(({ name, rest }) => [`${name}: ${rest}`]),
  'ftrace, irq-info off': each(({ comm, pid, cpu, time, name, rest }) => [
    `   ${comm}-${pid}     [${cpu}]  ${time}: ${name}: ${rest}`,
  ]),
  'ftrace, latency-format': each(({ comm, pid, cpu, flags, time, name, rest }) => [
    `  ${comm}-${pid}     ${Number(cpu)}${flags} ${microseconds(time)}us : ${name}: ${rest}`,
  ]),
  'ftrace, latency-format with delays': each(({ comm, pid, cpu, flags, time, name, rest }) => [
    `  ${comm}-${pid}     ${Number(cpu)}${flags} ${microseconds(time)}us+: ${name}: ${rest}`,
  ]),
  'ftrace, record-tgid': each(({ comm, pid, cpu, flags, time, name, rest }) => [
    `   ${comm}-${pid}     (    ${pid}) [${cpu}] ${flags}  ${time}: ${name}: ${rest}`,
  ]),
  'ftrace, clock counter': each(({ comm, pid, cpu, flags, name, rest }, i) => [
    `   ${comm}-${pid}     [${cpu}] ${flags} ${i + 100}: ${name}: ${rest}`,
  ]),
  'ftrace, clock x86-tsc': each(({ comm, pid, cpu, flags, time, name, rest }) => [
    `   ${comm}-${pid}     [${cpu}] ${flags} ${Math.round(Number(time) * 2.4e9)}: ${name}: ${rest}`,
  ]),
  'ftrace, stacktrace': each(({ comm, pid, cpu, flags, time, line }) => [
    line,
    `   ${comm}-${pid}     [${cpu}] ${flags}  ${time}: <stack trace>`,
    ' => trace_event_raw_event_page_pool_state_hold',
    ' => page_pool_release+0x14a/0x320',
    ' => page_pool_destroy',
  ]),
  function_graph: each(({ cpu, name, rest }) => [
    ` ${Number(cpu)})               |  page_pool_release() {`,
    ` ${Number(cpu)})               |  /* ${name}: ${rest} */`,
    ` ${Number(cpu)})   0.123 us    |  }`,
  ]),
  'function tracer with func-args': each(({ comm, pid, cpu, flags, time, line }) => {
    const who = `   ${comm}-${pid}     [${cpu}] ${flags}  ${time}: `
    return [
      `${who}page_pool_release(pool=0xff11000004b32a80) <-page_pool_destroy`,
      `${who}page_pool_update_nid(pool=0xff11000004b32a80, new_nid=1) <-napi_poll`,
      line,
    ]
  }),
  'ftrace, latency-format with verbose': each(({ comm, pid, cpu, time, name, rest }) => [
    `${comm.padStart(16)} ${pid.padStart(7)} ${Number(cpu)} 0 00000001 [00b6a9ff] ${microseconds(time) / 1000}ms (+0.003ms): ${name}: ${rest}`,
  ]),
  'ftrace, sym-addr': each(({ line }) => [
    line,
    ' => page_pool_release <ffffffff8179caa7>',
    ' => page_pool_update_nid <ffffffff8179cab7>',
  ]),
  'trace-cmd report with kernel_stack': each(({ line }) => [
    line,
    line.replace(/: \w+: .*/, ': kernel_stack:         <stack trace >'),
    '=> page_pool_release (ffffffff81234567)',
  ]),
  'trace-cmd report --ts-diff': each(({ comm, pid, cpu, time, name, rest }, i) => [
    `              ${comm}-${pid}   [${cpu}]    ${time}: ${i > 0 ? `(+${i})`.padEnd(9) : ''}${name}: ${rest}`,
  ]),
  'perf script -F +period': each(({ comm, pid, cpu, time, name, rest }) => [
    `${comm.padStart(16)} ${pid.padStart(5)} [${cpu}] ${time}:          1 ${system(name)}:${name}: ${rest}`,
  ]),
  'bpftrace, no signs between': each(({ time, name, rest }) => [
    `${Math.round(Number(time) * 1e9)} ${name} ${rest
      .replaceAll(/(page_pool|allocator|netmem)=/g, '$1=0x')
      .replace('page_pool', 'pool')
      .replace(/is_net_iov=0,? /, '')
      .replaceAll('=', ' ')}`,
  ]),
  'bpftrace, pfn=%lx': each(({ time, name, rest }) => [
    `${Math.round(Number(time) * 1e9)} ${name} ${rest.replace('pfn=0x', 'pfn=')}`,
  ]),
  'ftrace_dump_on_oops on the console': each(({ comm, pid, cpu, flags, time, name, rest }) => [
    `[  100.123456]       ${comm}-${pid}     ${Number(cpu)}${flags} ${microseconds(time)}us : ${name}: ${rest}`,
  ]),
  'trace-cmd report': each(({ comm, pid, cpu, time, name, rest }) => [
    `              ${comm}-${pid}   [${cpu}]    ${time}: ${`${name}:`.padEnd(21)} ${rest.replace(/=(0{8}[0-9a-f]{8})/g, '=0xff11$1')}`,
  ]),
  'trace-cmd report -t': each(({ comm, pid, cpu, time, name, rest }) => [
    `              ${comm}-${pid}   [${cpu}]    ${time}123: ${name}: ${rest}`,
  ]),
  'trace-cmd report -R': each(({ comm, pid, cpu, time, name, rest }) => [
    `              ${comm}-${pid}   [${cpu}]    ${time}: ${name}: ${rest
      .replace('page_pool=', 'pool=0x')
      .replace('allocator=', 'allocator=0x')
      .replace(/is_net_iov=0,? /, '')
      .replace('PAGE_POOL', '2')}`,
  ]),
  'perf script': each(({ comm, pid, cpu, time, name, rest }) => [
    `${comm.padStart(16)} ${pid.padStart(5)} [${cpu}] ${time.padStart(13)}: ${system(name)}:${name}: ${rest}`,
  ]),
  'perf script -F comm,time,event,trace': each(({ comm, time, name, rest }) => [
    `${comm.padStart(16)} ${time.padStart(13)}: ${system(name)}:${name}: ${rest}`,
  ]),
  'perf script -F trace': each(({ rest }) => [rest]),
  'perf script -g': each(({ comm, pid, cpu, time, name, rest }) => [
    `${comm.padStart(16)} ${pid.padStart(5)} [${cpu}] ${time}: ${system(name)}:${name}: ${rest}`,
    '\tffffffff8179caa7 page_pool_release+0x17 (/boot/vmlinux)',
    '\tffffffff8179cab7 page_pool_state_hold ([kernel.kallsyms])',
    '',
  ]),
  'perf trace, which leaves out zeros': each(({ comm, pid, time, name, rest }) => {
    const fields = rest
      .replaceAll(',', '')
      .replace(/page_pool=/, 'pool=0x')
      .replace(
        /netmem=(\S+)/,
        (_, pointer: string) => `netmem=${BigInt(`0xffd4${pointer.slice(4)}`) - 2n ** 64n}`,
      )
      .split(' ')
      .filter((field) => !field.endsWith('=0') && !field.startsWith('is_net'))
      .map((field) => field.replace('=', ': '))
    return [
      `${(Number(time) * 1000).toFixed(3).padStart(10)} ${comm}/${pid} ${system(name)}:${name}(${fields.join(', ')})`,
    ]
  }),
  'bpftrace, pointers and a short name': each(({ comm, pid, cpu, time, name, rest }) => [
    `${Math.round(Number(time) * 1e9)} cpu${Number(cpu)} ${comm}/${pid} ${name.replace('page_pool_state', 'state')} ${rest}`,
  ]),
  'bpftrace, words of its own': each(({ comm, cpu, name, rest }, i) => [
    `${i} ${name.replace(/page_pool_/, '').toUpperCase()} cpu=${Number(cpu)} comm=${comm} ${rest.replace('page_pool=', 'pool=0x').replace('netmem=', 'page=0x')}`,
  ]),
  'bpftrace, colons': each(({ time, rest }) => [
    `${time} ${rest
      .replace('page_pool=', 'pool: 0x')
      .replace('netmem=', 'page: 0x')
      .replaceAll(/(hold|release|inflight|cnt)=/g, '$1: ')}`,
  ]),
  'bpftrace -f json': each(({ comm, pid, cpu, time, name, rest }) => [
    JSON.stringify({
      type: 'printf',
      data: `${Math.round(Number(time) * 1e9)} cpu${Number(cpu)} ${comm}/${pid} ${name} ${rest}\n`,
    }),
  ]),
  '6.1: page instead of netmem': each(({ line }) => [
    line.replace(/is_net_iov=0,? /, '').replace('netmem=', 'page='),
  ]),
  'older kernels: decimal pfn': each(({ line }) => [
    line.replace(/pfn=(0x\S+)/, (_, pfn: string) => `pfn=${Number(pfn)}`),
  ]),
  '5.3: no pfn': each(({ line }) => [line.replace(/pfn=\S+ /, '')]),
  'pointers not hashed': each(({ line }) => [
    line.replaceAll(/=0{8}([0-9a-f]{8})/g, '=ffff8881$1'),
  ]),
  'line ends of Windows': lines((line) => `${line}\r`),
  colours: lines((line) => `\u001b[32m${line.slice(0, 30)}\u001b[0m${line.slice(30)}`),
  'quoted in a mail': lines((line) => `> ${line}`),
  'quoted twice': lines((line) => `>> | ${line}`),
  'wrapped by a mail program': (all) => all.flatMap((line) => wrapped(line, 76)),
  'wrapped and quoted': (all) =>
    all.flatMap((line) => wrapped(line, 72).map((part) => `> ${part}`)),
  syslog: lines((line) => `Nov 21 06:01:17 host kernel: ${line}`),
  'journalctl -o json': lines((line) => JSON.stringify({ MESSAGE: line, PRIORITY: '4' })),
  'what a crash leaves in a file': lines((line, i) => (i % 9 === 0 ? `\u0000\u0000${line}` : line)),
}

it.each(Object.keys(variants))('%s', (name) => {
  const report = read(variants[name]!(threePools()))
  expect(gist(report)).toEqual(gist(read(threePools())))
  expect(report.damaged.examples).toEqual([])
})

it('page_pool_inflight of 5.3 and 5.4, without cnt', () => {
  const old = each(({ line }) => [
    line
      .replace('page_pool_release:', 'page_pool_inflight:')
      .replace(/ cnt=\d+/, '')
      .replace(/is_net_iov=0,? /, '')
      .replace('netmem=', 'page=')
      .replace(/pfn=\S+ /, ''),
  ])
  const { verdict, pools } = read(old(threePools()))
  expect(verdict).toBe('consistent')
  expect(pools.map(({ end, hold, release }) => [end, hold, release])).toEqual([
    ['freed', 24, 24],
    ['freed', 9, 9],
    ['freed', 16, 16],
  ])
})
it('mem_disconnect of 5.3 and 5.4, by force', () => {
  const forced =
    '   kworker/0:1-4     [000] b...1   131.000000: mem_disconnect: mem_id=3 mem_type=PAGE_POOL allocator=00000000264c3861 safe_to_remove=false force=true disconnect_cnt=121'
  const { pools, verdict } = read([
    ...HEADER,
    ...story({ pages: 12, late: 5, attempts: 2, stalled: true }),
    forced,
  ])
  expect(verdict).toBe('impossible')
  expect(pools[0]).toMatchObject({ end: 'freed by force', inflight: 5 })
  expect(pools[0]!.impossible[0]!.says).toBe(
    'the pool is freed by force after 121 attempts with 5 pages in flight',
  )
})
it('counters that pass 2^32', () => {
  const wrap = lines((line) =>
    line.replaceAll(
      /\b(hold|release)=(\d+)/g,
      (_, name: string, n: string) => `${name}=${(Number(n) + 2 ** 32 - 10) % 2 ** 32}`,
    ),
  )
  const { verdict, pools } = read(wrap(story({ pages: 24, late: 7 })))
  expect(verdict).toBe('cannot tell')
  expect(pools[0]).toMatchObject({
    end: 'freed',
    hold: 14,
    release: 14,
    inflight: 0,
    seen: { holds: 24, releases: 24 },
  })
})
it('pages of which only a hashed pointer is known may collide', () => {
  const held = (n: number): string =>
    `  eth-1 [000] b...1  1.00000${n}: page_pool_state_hold: page_pool=00000000264c3861 page=0000000011111111 hold=${n}`
  expect(read([held(1), held(2), held(3)]).verdict).toBe('consistent')
})
