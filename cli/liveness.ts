/** `poolproof liveness [DESIGN...]`: what must happen in the end, on the graph of one scope. */
import { Misuse } from '../engine/authoring/misuse.ts'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import { Worker } from 'node:worker_threads'
import { designs as allDesigns, type Design } from '../model/designs.ts'
import { livenessProperties } from '../properties/liveness/index.ts'
import type { LivenessJob } from '../verify/liveness-worker.ts'
import { livenessBounds, type LivenessReport, type LivenessVerdict } from '../verify/liveness.ts'
import { lassoText } from '../views/lasso.ts'
import { designsNamed, scopeNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { livenessOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say } from './output.ts'
import { paint } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Some property about the end is asked of it. */
const hasAnEnd = ({ family }: Design): boolean =>
  livenessProperties.some(({ families }) => families.includes(family))

/** 0: as the designs declare. 1: something is not. 2: not decided. */
export async function liveness({
  names,
  values,
  signal,
}: Given<typeof livenessOptions>): Promise<number> {
  const designs = designsNamed(names).filter(hasAnEnd)
  if (designs.length === 0)
    throw new UsageError(
      `What must happen in the end is decided for pools: ${allDesigns
        .filter(hasAnEnd)
        .map(({ id }) => id)
        .join(', ')}.`,
    )
  const scope = scopeNamed(values.scope)
  const bounds = { ...livenessBounds, milliseconds: values.budget * 1000 }
  const json = jsonFile(values.json)
  const codes: number[] = []
  const reports: (LivenessReport & { readonly design: string })[] = []
  for (const design of designs) {
    const report = signal.aborted
      ? undefined
      : await decide({ design: design.id, scope, bounds }, values.budget, signal)
    if (report === undefined) {
      say(`\n${design.id}: interrupted, not decided`)
      codes.push(2)
      continue
    }
    reports.push({ design: design.id, ...report })
    const { states, transitions, cut, ended, verdicts } = report
    const end = ended === undefined ? '' : `, ended early by ${ended}`
    say(`\n${design.id}: ${states} states, ${transitions} transitions in scope ${scope.name}${end}`)
    if (cut > 0) say(`  ${cut} transitions corrupt memory; what follows them is not judged`)
    codes.push(...verdicts.map((verdict) => tell(design, verdict)))
  }
  json.write({ schema: 1, scope, designs: reports })
  return signal.aborted ? 2 : codes.includes(1) ? 1 : Math.max(...codes)
}
/** The verdicts, or undefined when the signal came first. */
async function decide(
  job: Omit<LivenessJob, 'pulse'>,
  budget: number,
  signal: AbortSignal,
): Promise<LivenessReport | undefined> {
  const live = liveLine({ budget, first: 3 })
  live.show(job.design, `the graph of scope ${job.scope.name}`)
  const pulse = newPulse()
  const worker = new Worker(new URL('../verify/liveness-worker.js', import.meta.url), {
    workerData: { ...job, pulse } satisfies LivenessJob,
  })
  const interrupt = (): void => void worker.terminate()
  signal.addEventListener('abort', interrupt)
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
    signal.removeEventListener('abort', interrupt)
    live.clear()
  }
}

function tell(design: Design, verdict: LivenessVerdict): number {
  const { property, outcome } = verdict
  const expected = property in (design.neverEnds ?? {})
  const mark = (outcome === 'violated') === expected ? '' : ' !'
  const tone = outcome === 'violated' ? 'bad' : outcome === 'holds' ? 'good' : 'doubt'
  say(`  ${property.padEnd(45)} ${paint(mark === '' ? tone : 'alarm', outcome)}${mark}`)
  if (outcome === 'violated') say(`\n${lassoText(verdict)}\n`)
  if (outcome === 'unknown' || outcome === 'vacuous') return 2
  return mark === '' ? 0 : 1
}
