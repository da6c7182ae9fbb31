/** Searches one design in a thread of its own; the main thread keeps the terminal and Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads'
import { beatInto } from '../engine/pulse.ts'
import {
  BreadthFirstSearch,
  type SearchProgress,
  type SearchResult,
} from '../engine/search/breadth-first.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { designInScope } from './parallel-system.ts'

export interface SearchJob {
  readonly design: string
  readonly properties: readonly string[]
  readonly scope: Scope
  readonly milliseconds: number
  readonly bytes: number
  readonly symmetry: boolean
  readonly fusion: boolean
  /** Set to 1 to stop; the search then ends as if its budget had. */
  readonly stop: Int32Array
  /** Where the thread says what it runs. */
  readonly pulse: SharedArrayBuffer
}
export type SearchMessage =
  | { readonly type: 'progress'; readonly progress: SearchProgress }
  | {
      readonly type: 'done'
      readonly result: SearchResult
      readonly coverage: ReadonlyMap<string, number>
    }

if (parentPort !== null) {
  const job = workerData as SearchJob
  beatInto(job.pulse)
  const post = (message: SearchMessage): void => parentPort!.postMessage(message)
  const { system, rules } = designInScope(job)
  const result = new BreadthFirstSearch(system, rules).run({
    states: 2 ** 27 - 2,
    milliseconds: job.milliseconds,
    bytes: job.bytes,
    stop: job.stop,
    symmetry: job.symmetry,
    fusion: job.fusion,
    onProgress: (progress) => post({ type: 'progress', progress }),
  })
  post({ type: 'done', result, coverage: system.coverage() })
}
