/** Designs x properties over a few worker threads: one job a design, results in the order of the list. */
import { Worker } from 'node:worker_threads'
import type { Verdict } from './verdict.ts'
import type { VerifyEvent, VerifyOptions } from './verify-design.ts'
import type { Job, Message } from './worker.ts'

export interface Progress {
  status(design: string, text: string): void
  saved(event: Extract<VerifyEvent, { type: 'saved' }>): void
  found(event: Extract<VerifyEvent, { type: 'found' }>): void
  finished?(design: string, verdicts: readonly Verdict[]): void
}
export interface Finished {
  readonly verdicts: readonly Verdict[]
  /** Designs that had no verdict when the signal or the budget stopped everything. */
  readonly unfinished: readonly string[]
}
/** A file or an engine error inside a worker. */
export class JobFailed extends Error {
  readonly usage: boolean
  constructor(message: string, usage: boolean) {
    super(message)
    this.usage = usage
  }
}

/** @param threads worker threads, 1 or more. Aborting the signal stops the workers at once. */
export async function verifyAll(
  jobs: readonly Job[],
  threads: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finished> {
  const results = new Map<string, readonly Verdict[]>()
  const queue = [...jobs]
  const deadline = Date.now() + (jobs[0]?.options.milliseconds ?? 0)
  const one = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.js', import.meta.url))
    try {
      for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
        const verdicts = await run(worker, withTime(job, deadline), progress, signal)
        results.set(job.design, verdicts)
        progress.finished?.(job.design, verdicts)
      }
    } finally {
      await worker.terminate()
    }
  }
  const settled = await Promise.allSettled(
    Array.from({ length: Math.min(threads, jobs.length) }, one),
  )
  for (const it of settled)
    if (it.status === 'rejected' && !(it.reason instanceof Stopped)) throw it.reason
  return {
    verdicts: jobs.flatMap(({ design }) => results.get(design) ?? []),
    unfinished: jobs.map(({ design }) => design).filter((design) => !results.has(design)),
  }
}
class Stopped extends Error {}

/** The budget is one clock for all designs. */
const withTime = (job: Job, deadline: number): Job => {
  const options: VerifyOptions = {
    ...job.options,
    milliseconds: Math.max(0, deadline - Date.now()),
  }
  return { ...job, options }
}

function run(
  worker: Worker,
  job: Job,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Stopped())
    signal.addEventListener('abort', stop, { once: true })
    const take = (message: Message): void => {
      if (message.type === 'status') progress.status(message.design, message.text)
      else if (message.type === 'saved') progress.saved(message)
      else if (message.type === 'found') progress.found(message)
      else {
        worker.off('message', take)
        signal.removeEventListener('abort', stop)
        if (message.type === 'done') resolve(message.verdicts)
        else reject(new JobFailed(message.error, message.usage))
      }
    }
    worker.removeAllListeners('error')
    worker.on('message', take)
    worker.once('error', reject)
    worker.postMessage(job)
  })
}
