/** Designs x properties over a few worker threads: one job a design, results in the order of the list. */
import { Worker } from 'node:worker_threads'
import { isMisuse, Misuse } from '../engine/misuse.ts'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import type { Verdict } from './verdict.ts'
import type { VerifyEvent, VerifyOptions } from './verify-design.ts'
import type { Job, Message, WorkerData } from './worker.ts'

export interface Progress {
  status(design: string, text: string): void
  saved(event: Extract<VerifyEvent, { type: 'saved' }>): void
  found(event: Extract<VerifyEvent, { type: 'found' }>): void
}
export interface Finished {
  readonly verdicts: readonly Verdict[]
  /** Designs that had no verdict when the signal or the budget stopped everything. */
  readonly unfinished: readonly string[]
  /** What is wrong with the text of designs that therefore have no verdict, a paragraph each. */
  readonly misuses: readonly string[]
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
  const misuses = new Map<string, string>()
  const queue = [...jobs]
  const deadline = Date.now() + (jobs[0]?.options.milliseconds ?? 0)
  const one = async (): Promise<void> => {
    let thread = start()
    try {
      for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift())
        try {
          results.set(job.design, await run(thread, withTime(job, deadline), progress, signal))
        } catch (error) {
          if (!isMisuse(error)) throw error
          misuses.set(job.design, error.message)
          // It may not have come to its end.
          await thread.worker.terminate()
          thread = start()
        }
    } finally {
      await thread.worker.terminate()
    }
  }
  const settled = await Promise.allSettled(
    Array.from({ length: Math.min(threads, jobs.length) }, one),
  )
  for (const it of settled)
    if (it.status === 'rejected' && !(it.reason instanceof Stopped)) throw it.reason
  return {
    verdicts: jobs.flatMap(({ design }) => results.get(design) ?? []),
    unfinished: jobs
      .map(({ design }) => design)
      .filter((design) => !results.has(design) && !misuses.has(design)),
    misuses: jobs.flatMap(({ design }) => misuses.get(design) ?? []),
  }
}
class Stopped extends Error {}

/** A thread, and where it says what it runs. */
interface Thread {
  readonly worker: Worker
  readonly pulse: SharedArrayBuffer
}
function start(): Thread {
  const pulse = newPulse()
  const workerData: WorkerData = { pulse }
  return { worker: new Worker(new URL('./worker.js', import.meta.url), { workerData }), pulse }
}

/** The budget is one clock for all designs. */
const withTime = (job: Job, deadline: number): Job => {
  const options: VerifyOptions = {
    ...job.options,
    milliseconds: Math.max(0, deadline - Date.now()),
  }
  return { ...job, options }
}

function run(
  { worker, pulse }: Thread,
  job: Job,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      unwatch()
      reject(new Stopped())
    }
    signal.addEventListener('abort', stop, { once: true })
    const unwatch = watchPulse(pulse, (says) => {
      signal.removeEventListener('abort', stop)
      reject(new Misuse(says))
    })
    const take = (message: Message): void => {
      if (message.type === 'status') progress.status(message.design, message.text)
      else if (message.type === 'saved') progress.saved(message)
      else if (message.type === 'found') progress.found(message)
      else {
        worker.off('message', take)
        unwatch()
        signal.removeEventListener('abort', stop)
        if (message.type === 'done') resolve(message.verdicts)
        else if (message.misuse) reject(new Misuse(message.error))
        else reject(new JobFailed(message.error, message.usage))
      }
    }
    worker.removeAllListeners('error')
    worker.on('message', take)
    worker.once('error', (error) => {
      unwatch()
      reject(error)
    })
    worker.postMessage(job)
  })
}
