/** A thread of a search. */
import { parentPort, workerData } from 'node:worker_threads'
import { Explorer, type Met, type PlainBounds } from './explorer.ts'
import type { Memory } from './memory.ts'
import { beatInto } from '../../pulse.ts'
import { build, type Source } from './source.ts'

export interface Assignment {
  readonly source: Source
  readonly memory: Memory
  readonly thread: number
  readonly bounds: PlainBounds
  /** Where the thread says what it runs. */
  readonly pulse: SharedArrayBuffer
}
export type FromThread =
  | { readonly type: 'met'; readonly met: Met }
  | {
      readonly type: 'done'
      readonly exercised: ReadonlySet<string>
      readonly coverage: ReadonlyMap<string, number>
      readonly standsFor: number
    }

if (parentPort !== null) {
  const { source, memory, thread, bounds, pulse } = workerData as Assignment
  beatInto(pulse)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const post = (message: FromThread): void => parentPort!.postMessage(message)
  const built = await build(source)
  const explorer = new Explorer(built, memory, thread, bounds, (met) => post({ type: 'met', met }))
  explorer.run()
  const { exercised } = explorer.judge
  const { standsFor } = explorer.successors
  post({ type: 'done', exercised, coverage: built.system.coverage(), standsFor })
}
