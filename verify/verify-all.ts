/** Designs x properties over a few worker threads: one job a design, results in the order of the list. */
import { Worker } from 'node:worker_threads'
import { newPulse, watchPulse } from '../engine/pulse.ts'
import type { Verdict } from './verdict.ts'
import type { VerifyEvent } from './event.ts'
import type { VerifyOptions } from './options.ts'
import type { Job, Message, WorkerData } from './worker.ts'

export interface Progress {
  status(design: string, text: string): void
  saved(event: Extract<VerifyEvent, { type: 'saved' }>): void
  found(event: Extract<VerifyEvent, { type: 'found' }>): void
  superseded(path: string): void
  unusable(event: Extract<VerifyEvent, { type: 'unusable' }>): void
  unlikeRecord(event: Extract<VerifyEvent, { type: 'unlike-record' }>): void
  finished?(design: string, verdicts: readonly Verdict[]): void
}
/** A design whose verification ended in an error. */
export interface Failed {
  readonly design: string
  readonly message: string
  /** A request that cannot be carried out, rather than a fault in the harness or the design. */
  readonly usage: boolean
}
export interface Finished {
  readonly verdicts: readonly Verdict[]
  /** Designs that had no verdict when the signal or the budget stopped everything. */
  readonly unfinished: readonly string[]
  readonly failed: readonly Failed[]
}

/**
 * @param threads worker threads, 1 or more. Aborting the signal stops the workers at once. A design that
 * fails costs no other its verdict.
 */
export async function verifyAll(
  jobs: readonly Job[],
  threads: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finished> {
  const results = new Map<string, readonly Verdict[]>()
  const failed: Failed[] = []
  const queue = [...jobs]
  const deadline = Date.now() + (jobs[0]?.options.milliseconds ?? 0)
  const one = async (): Promise<void> => {
    let thread = start()
    try {
      for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
        const ended = await run(thread, withTime(job, deadline), progress, signal)
        if ('verdicts' in ended) {
          results.set(job.design, ended.verdicts)
          progress.finished?.(job.design, ended.verdicts)
        } else failed.push(ended.failed)
        if (!('dead' in ended)) continue
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
  const names = jobs.map(({ design }) => design)
  return {
    verdicts: names.flatMap((design) => results.get(design) ?? []),
    unfinished: names.filter(
      (id) => !results.has(id) && !failed.some(({ design }) => design === id),
    ),
    failed: failed.toSorted((a, b) => names.indexOf(a.design) - names.indexOf(b.design)),
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

type Ended =
  | { readonly verdicts: readonly Verdict[] }
  | { readonly failed: Failed }
  /** The thread is gone, for want of memory for instance, or does not come to an end. */
  | { readonly failed: Failed; readonly dead: true }

function run(
  { worker, pulse }: Thread,
  job: Job,
  progress: Progress,
  signal: AbortSignal,
): Promise<Ended> {
  const { design } = job
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      unwatch()
      reject(new Stopped())
    }
    signal.addEventListener('abort', stop, { once: true })
    const end = (ended: Ended): void => {
      worker.off('message', take)
      worker.off('error', die)
      unwatch()
      signal.removeEventListener('abort', stop)
      resolve(ended)
    }
    const die = ({ message, stack }: Error): void =>
      end({ failed: { design, message: stack ?? message, usage: false }, dead: true })
    const unwatch = watchPulse(pulse, (message) =>
      end({ failed: { design, message: `${design}: ${message}`, usage: true }, dead: true }),
    )
    const take = (message: Message): void => {
      if (message.type === 'status') progress.status(message.design, message.text)
      else if (message.type === 'saved') progress.saved(message)
      else if (message.type === 'found') progress.found(message)
      else if (message.type === 'superseded') progress.superseded(message.path)
      else if (message.type === 'unusable') progress.unusable(message)
      else if (message.type === 'unlike-record') progress.unlikeRecord(message)
      else if (message.type === 'done') end({ verdicts: message.verdicts })
      else {
        const usage = message.usage || message.misuse
        end({ failed: { design, message: message.error, usage } })
      }
    }
    worker.on('message', take)
    worker.once('error', die)
    worker.postMessage(job)
  })
}
