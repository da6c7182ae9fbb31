/** `poolproof log --explain DESIGN`: how the design gets to what a log shows. */
import { Worker } from 'node:worker_threads'
import { situationsOf } from '../logs/explain.ts'
import type { LogReport } from '../logs/report.ts'
import type { Design } from '../model/designs/index.ts'
import { explanationText } from '../views/explanation.ts'
import { liveLine } from './live-line.ts'
import type { ExplainAnswer, ExplainJob } from './log-explain-worker.ts'

/** One text a situation; those that the signal left out are named in the last. */
export async function explainedBy(
  design: Design,
  report: LogReport,
  signal: AbortSignal,
): Promise<string> {
  const situations = situationsOf(report)
  if (situations.length === 0)
    return 'explain: the log shows no stalled pool, and nothing impossible that a design could do.'
  const texts: string[] = []
  for (const [at, situation] of situations.entries()) {
    const answer = await search({ design: design.id, report, at }, situation.of, signal)
    if (answer === undefined) {
      const left = situations.slice(at).map(({ of }) => of)
      texts.push(`explain: interrupted before an answer on ${left.join('; ')}.`)
      break
    }
    texts.push(explanationText(design, { situation, ...answer }))
  }
  return texts.join('\n\n')
}

async function search(
  job: ExplainJob,
  of: string,
  signal: AbortSignal,
): Promise<ExplainAnswer | undefined> {
  if (signal.aborted) return undefined
  const live = liveLine()
  live.show(of, `searching ${job.design}`)
  const worker = new Worker(new URL('./log-explain-worker.js', import.meta.url), {
    workerData: job,
  })
  const stop = (): void => void worker.terminate()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<ExplainAnswer | undefined>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => resolve(undefined))
    })
  } finally {
    signal.removeEventListener('abort', stop)
    live.clear()
  }
}
