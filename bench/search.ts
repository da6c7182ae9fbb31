/**
 * `npm run bench`: the searches side by side on the calibration model, in one run, rounds interleaved,
 * medians and ratios. Absolute times are this machine's; only the ratios are worth quoting.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Search } from '../engine/search.ts'
import { ppShutdown, sizes, type Size } from './pp-shutdown/model.ts'
import { naiveSearch } from './pp-shutdown/naive.ts'
import { promela } from './pp-shutdown/promela.ts'

const ROUNDS = 5
const RULES = [
  {
    id: 'err',
    never: ['negative in-flight', 'double unmap', 'unmap after unbind', 'use of the freed pool'],
    exercised: () => true,
  },
]

interface Timed {
  readonly states: number
  readonly transitions: number
  readonly seconds: number
  readonly bytes?: number
}
type Contender = (size: Size) => Timed

const timed = <T extends { states: number; transitions: number }>(run: () => T): T & Timed => {
  const start = process.hrtime.bigint()
  const result = run()
  return { ...result, seconds: Number(process.hrtime.bigint() - start) / 1e9 }
}
/** Building the machine is not part of the search. */
const poolproof: Contender = (size) => {
  const search = new Search(ppShutdown(size), RULES)
  return timed(() => search.run({ states: 2 ** 27 - 2 }))
}
const naive: Contender = (size) => timed(() => naiveSearch(size))

/** SPIN's own figure for its search (`pan: elapsed time`), after -O2 -DSAFETY -DNOREDUCE. */
function spin(folder: string): Contender | undefined {
  if (spawnSync('spin', ['-V']).status !== 0) return undefined
  const built = new Map<Size, string>()
  return (size) => {
    const pan = built.get(size) ?? build(folder, size, built.size)
    built.set(size, pan)
    const { stdout } = spawnSync(pan, ['-m10000000', '-w24'], { encoding: 'utf8' })
    const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1])
    return {
      states: number(/(\d+) states, stored/),
      transitions: number(/(\d+) transitions/) - 1,
      seconds: number(/elapsed time ([\d.e+]+) seconds/),
    }
  }
}
function build(folder: string, size: Size, index: number): string {
  writeFileSync(join(folder, 'model.pml'), promela(size))
  const pan = join(folder, `pan${index}`)
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  }
  run('spin', ['-a', 'model.pml'])
  run('gcc', ['-O2', '-DSAFETY', '-DNOREDUCE', '-w', '-o', pan, 'pan.c'])
  return pan
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!

function compare(name: string, size: Size, contenders: Readonly<Record<string, Contender>>): void {
  const runs = new Map(Object.keys(contenders).map((who) => [who, [] as Timed[]]))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [who, run] of Object.entries(contenders)) runs.get(who)!.push(run(size))
  const ours = median(runs.get('poolproof')!.map(({ seconds }) => seconds))
  console.log(`\n## Size ${name}: ${JSON.stringify(size)}\n`)
  console.log('| search | states | transitions | median s | time / poolproof | bytes / state |')
  console.log('|---|---|---|---|---|---|')
  for (const [who, all] of runs) {
    const { states, transitions, bytes } = all[0]!
    if (all.some((it) => it.states !== states || it.transitions !== transitions))
      throw new Error(`${who} does not agree with itself`)
    const seconds = median(all.map((it) => it.seconds))
    const memory = bytes === undefined ? '' : (bytes / states).toFixed(1)
    console.log(
      `| ${who} | ${states} | ${transitions} | ${seconds.toFixed(2)} | ${(seconds / ours).toFixed(2)} | ${memory} |`,
    )
  }
  const counts = new Set([...runs.values()].map(([it]) => `${it!.states} ${it!.transitions}`))
  if (counts.size > 1) throw new Error(`the searches do not agree: ${[...counts].join(', ')}`)
}

const folder = mkdtempSync(join(tmpdir(), 'poolproof-bench-'))
try {
  const withSpin = spin(folder)
  console.log(
    `node ${process.version}, ${cpus()[0]?.model ?? '?'} x ${cpus().length}, ${ROUNDS} interleaved rounds, medians`,
  )
  if (withSpin === undefined)
    console.log(
      'SKIPPED: spin is not installed (Debian package "spin"); its rows are missing below',
    )
  const others = withSpin === undefined ? {} : { spin: withSpin }
  compare('S', sizes.S, { poolproof, ...others, naive })
  compare('M', sizes.M, { poolproof, ...others, naive })
  compare('L', sizes.L, { poolproof, ...others })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
