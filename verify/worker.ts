/** Verifies one design after another in a thread of its own, so that the main thread stays responsive. */
import { parentPort, workerData } from 'node:worker_threads'
import { isMisuse } from '../engine/authoring/misuse.ts'
import { beatInto } from '../engine/pulse.ts'
import { designs } from '../model/designs.ts'
import { properties } from '../properties/index.ts'
import type { Verdict } from './verdict.ts'
import type { VerifyEvent } from './event.ts'
import type { VerifyOptions } from './options.ts'
import type { Worlds } from './record/record.ts'
import { verifyDesign } from './verify-design.ts'

export interface Job {
  readonly design: string
  readonly properties: readonly string[]
  readonly options: VerifyOptions
  /** Its verdicts as they are recorded, if their digest fits and not everything is to be searched. */
  readonly recorded?: Worlds
}
export type Message =
  | VerifyEvent
  | { readonly type: 'done'; readonly design: string; readonly verdicts: readonly Verdict[] }
  | {
      readonly type: 'failed'
      readonly design: string
      readonly error: string
      readonly usage: boolean
      /** The text of the design is at fault: it has no verdicts, the others have theirs. */
      readonly misuse: boolean
    }

export interface WorkerData {
  /** Where this thread says what it runs. */
  readonly pulse: SharedArrayBuffer
}

if (parentPort !== null) beatInto((workerData as WorkerData).pulse)
parentPort?.on('message', (job: Job) => {
  const post = (message: Message): void => parentPort!.postMessage(message)
  try {
    const design = designs.find(({ id }) => id === job.design)!
    const wanted = properties.filter(({ id }) => job.properties.includes(id))
    const verdicts = verifyDesign(design, wanted, job.options, post, job.recorded)
    post({ type: 'done', design: job.design, verdicts })
  } catch (error) {
    const { name, message, stack } = error as Error
    const usage = name === 'MalformedCounterexample'
    const misuse = isMisuse(error)
    const named = message.startsWith(`${job.design}: `) ? message : `${job.design}: ${message}`
    const told = usage ? message : misuse ? named : (stack ?? message)
    post({ type: 'failed', design: job.design, error: told, usage, misuse })
  }
})
