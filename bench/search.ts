/**
 * `npm run bench`: the searches side by side on the calibration model, in one run, rounds interleaved,
 * medians and ratios. Absolute times are this machine's; only the ratios are worth quoting.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Task, Timed } from './contender.ts'
import { sizes, type Size } from './pp-shutdown/model.ts'
import { promela } from './pp-shutdown/promela.ts'

const ROUNDS = 5
type Contender = (size: Size) => Timed

/** A process of its own for every run: what one search leaves behind must not slow the next. */
const alone =
  (task: Omit<Task, 'size'>): Contender =>
  (size) => {
    const script = fileURLToPath(new URL('./contender.js', import.meta.url))
    const args = ['--max-old-space-size=8192', script, JSON.stringify({ ...task, size })]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${task.who}: ${stderr}`)
    return JSON.parse(stdout) as Timed
  }
const poolproof = alone({ who: 'poolproof' })
const naive = alone({ who: 'naive' })
const alike = {
  'poolproof, nothing cached': alone({ who: 'poolproof', caching: false }),
  'poolproof, 2 workers': alone({ who: 'poolproof', workers: 2 }),
}
const reduced = {
  'poolproof, pages exchanged': alone({ who: 'poolproof', interchangeable: ['page'] }),
  'poolproof, pages and returners exchanged': alone({
    who: 'poolproof',
    interchangeable: ['page', 'returner'],
  }),
}

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

/** @param alike contenders that must agree on states and transitions; `fewer` need not. */
function compare(
  name: string,
  size: Size,
  alike: Readonly<Record<string, Contender>>,
  fewer: Readonly<Record<string, Contender>> = {},
): void {
  const contenders = Object.entries({ ...alike, ...fewer })
  const runs = new Map(contenders.map(([who]) => [who, [] as Timed[]]))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [who, run] of contenders) runs.get(who)!.push(run(size))
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
  const counts = new Set(
    Object.keys(alike).map(
      (who) => `${runs.get(who)![0]!.states} ${runs.get(who)![0]!.transitions}`,
    ),
  )
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
  compare('M', sizes.M, { poolproof, ...alike, ...others, naive }, reduced)
  compare('L', sizes.L, { poolproof, ...alike, ...others }, reduced)
  compare(
    'XL',
    sizes.XL,
    { poolproof, 'poolproof, 2 workers': alike['poolproof, 2 workers'] },
    reduced,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
