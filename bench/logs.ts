/**
 * `npm run bench:log [-- FILE] [-- --gigabyte]`: event lines a second, and memory on the same text many
 * times over. Without FILE a trace is made up: 8 pools, pages held and released, one xdp event in four.
 */
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLog } from '../logs/read-log.ts'

const ROUNDS = 5
const WARM = 32 * 2 ** 20
const GIGABYTE = 2 ** 30

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!

function madeUp(): string {
  const lines = ['# tracer: nop']
  let time = 1
  for (let round = 0; round < 40; round += 1)
    for (let pool = 0; pool < 8; pool += 1) {
      const at = (name: string, rest: string): void => {
        time += 0.000_003
        lines.push(
          `              pp-17${pool}     [00${pool % 2}] b...1  ${time.toFixed(6)}: ${name}: page_pool=00000000264c386${pool} ${rest}`,
        )
      }
      const page = (n: number): string =>
        `netmem=00000000${(0xa808f26a + pool * 65_536 + n).toString(16)} is_net_iov=0, pfn=0x${(0x5000 + pool * 4096 + n).toString(16)}`
      for (let n = 1; n <= 256; n += 1) at('page_pool_state_hold', `${page(n)} hold=${n}`)
      for (let n = 1; n <= 256; n += 1) at('page_pool_state_release', `${page(n)} release=${n}`)
      at('page_pool_release', 'inflight=0 hold=256 release=256 cnt=1')
    }
  return `${lines.join('\n')}\n`
}

/** The text over and over until the file has that many bytes. */
async function repeated(text: string, bytes: number, path: string): Promise<number> {
  const out = createWriteStream(path)
  let copies = 0
  for (let written = 0; written < bytes; written += text.length) {
    copies += 1
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return copies
}

const args = process.argv.slice(2)
const file = args.find((it) => !it.startsWith('--'))
const text = file === undefined ? madeUp() : readFileSync(file, 'latin1')
const folder = mkdtempSync(join(tmpdir(), 'poolproof-bench-'))
const path = join(folder, 'trace.txt')

async function timedRead(): Promise<{
  events: number
  lines: number
  seconds: number
  most: number
}> {
  const start = process.hrtime.bigint()
  let most = 0
  const report = await readLog(path, () => {
    most = Math.max(most, process.memoryUsage.rss())
  })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const events = Object.values(report.events).reduce((a, b) => a + b, 0)
  return { events, lines: report.lines, seconds, most }
}
/** What it costs only to read the bytes, on this machine at this time. */
async function reading(): Promise<number> {
  const start = process.hrtime.bigint()
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) void chunk
  return Number(process.hrtime.bigint() - start) / 1e9
}

try {
  const copies = await repeated(text, WARM, path)
  console.log(
    `node ${process.version}; ${file ?? 'made-up trace'}, ${copies} times (${WARM >> 20} MB)`,
  )
  const runs = []
  const bare = []
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push(await timedRead())
    bare.push(await reading())
  }
  const seconds = median(runs.map((it) => it.seconds))
  const { events, lines } = runs[0]!
  console.log('| what | a second | median s |\n|---|---|---|')
  console.log(`| event lines | ${Math.round(events / seconds)} | ${seconds.toFixed(2)} |`)
  console.log(`| lines | ${Math.round(lines / seconds)} | |`)
  console.log(`| only reading the bytes | | ${median(bare).toFixed(2)} |`)
  if (args.includes('--gigabyte')) {
    const small = Math.max(...runs.map((it) => it.most))
    await repeated(text, GIGABYTE, path)
    const { most, seconds: long, events: many } = await timedRead()
    console.log(
      `\n1 GB: ${many} events, ${Math.round(many / long)} a second, at most ${most >> 20} MB of memory (${small >> 20} MB for ${WARM >> 20} MB of text)`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
