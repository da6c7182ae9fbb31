/** `poolproof liveness [DESIGN...]`: what must happen in the end, on the graph of one scope. */
import { Misuse } from '../engine/misuse.ts'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import { Worker } from 'node:worker_threads'
import { designs as allDesigns, type Design } from '../model/designs/index.ts'
import type { LivenessJob } from '../verify/liveness-worker.ts'
import { livenessBounds, type LivenessReport, type LivenessVerdict } from '../verify/liveness.ts'
import { lassoText } from '../views/lasso.ts'
import { designsNamed, number, parse, scopeNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = { scope: { type: 'string' }, budget: { type: 'string' } } as const

/** 0: as the designs declare. 1: something is not. 2: not decided. */
export async function liveness(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('liveness', argv, OPTIONS)
  const designs = designsNamed(positionals).filter(({ family }) => family === 'pool')
  if (designs.length === 0)
    throw new UsageError(
      `The promises about the end are about pools: ${allDesigns
        .filter(({ family }) => family === 'pool')
        .map(({ id }) => id)
        .join(', ')}.`,
    )
  const scope = scopeNamed(values.scope ?? 'corner')
  const seconds = number('budget', values.budget, 120, { min: 1, max: 86_400, unit: 'seconds' })
  const bounds = { ...livenessBounds, milliseconds: seconds * 1000 }
  const codes: number[] = []
  for (const design of designs) {
    const report = await decide({ design: design.id, scope, bounds })
    if (report === undefined) {
      say(`\n${design.id}: interrupted, not decided`)
      return codes.includes(1) ? 1 : 2
    }
    const { states, transitions, cut, ended, verdicts } = report
    const end = ended === undefined ? '' : `, ended early by ${ended}`
    say(`\n${design.id}: ${states} states, ${transitions} transitions in scope ${scope.name}${end}`)
    if (cut > 0) say(`  ${cut} transitions corrupt memory; what follows them is not judged`)
    codes.push(...verdicts.map((verdict) => tell(design, verdict)))
  }
  return codes.includes(1) ? 1 : Math.max(...codes)
}
/** The verdicts, or undefined when Ctrl-C came first. */
async function decide(job: Omit<LivenessJob, 'pulse'>): Promise<LivenessReport | undefined> {
  const live = liveLine()
  live.show(job.design, `the graph of scope ${job.scope.name}`)
  const pulse = newPulse()
  const worker = new Worker(new URL('../verify/liveness-worker.js', import.meta.url), {
    workerData: { ...job, pulse } satisfies LivenessJob,
  })
  const interrupt = (): void => void worker.terminate()
  process.once('SIGINT', interrupt)
  try {
    return await new Promise<LivenessReport | undefined>((resolve, reject) => {
      const unwatch = watchPulse(pulse, (says) => {
        reject(new Misuse(says))
        void worker.terminate()
      })
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => {
        unwatch()
        resolve(undefined)
      })
    })
  } finally {
    process.off('SIGINT', interrupt)
    live.clear()
  }
}
const say = (text: string): boolean => process.stdout.write(`${text}\n`)

function tell(design: Design, verdict: LivenessVerdict): number {
  const { property, outcome } = verdict
  const expected = property in (design.neverEnds ?? {})
  const mark = (outcome === 'violated') === expected ? '' : ' !'
  say(`  ${property.padEnd(45)} ${outcome}${mark}`)
  if (outcome === 'violated') say(`\n${lassoText(verdict)}\n`)
  if (outcome === 'unknown' || outcome === 'vacuous') return 2
  return mark === '' ? 0 : 1
}
