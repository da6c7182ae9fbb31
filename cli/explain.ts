/** `log --explain`: the search runs beside this thread, so that Ctrl-C is heard and progress is shown. */
import { Worker } from 'node:worker_threads'
import type { LogReport } from '../logs/report.ts'
import type { Design } from '../model/designs.ts'
import { liveLine } from './live-line.ts'

/** What the thread is given. */
export interface ExplainJob {
  readonly design: string
  readonly report: LogReport
  /** The first element is set when the search is to end. */
  readonly stop: Int32Array
}
/** What it says. */
export type ExplainWord =
  | {
      readonly kind: 'progress'
      readonly of: string
      readonly scope: string
      readonly states: number
    }
  | { readonly kind: 'text'; readonly text: string }

export interface ExplainedLog {
  readonly text: string
  readonly isInterrupted: boolean
}

export async function explained(
  { id }: Design,
  report: LogReport,
  signal: AbortSignal,
): Promise<ExplainedLog> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const job: ExplainJob = { design: id, report, stop }
  const worker = new Worker(new URL('./explain-worker.js', import.meta.url), { workerData: job })
  const halt = (): void => void Atomics.store(stop, 0, 1)
  signal.addEventListener('abort', halt)
  const live = liveLine()
  try {
    const text = await new Promise<string>((resolve, reject) => {
      let said = ''
      worker.on('message', (word: ExplainWord) => {
        if (word.kind === 'text') said = word.text
        else live.show(`explain ${word.of}`, `scope ${word.scope}, ${word.states} states`)
      })
      worker.once('error', reject)
      worker.once('exit', () => resolve(said))
    })
    const note = signal.aborted ? `${text === '' ? '' : `${text}\n\n`}explain: interrupted` : text
    return { text: note, isInterrupted: signal.aborted }
  } finally {
    signal.removeEventListener('abort', halt)
    live.clear()
  }
}
