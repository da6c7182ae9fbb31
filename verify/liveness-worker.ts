/** Decides one design's promises about the end in a thread of its own, so that Ctrl-C is heard. */
import { parentPort, workerData } from 'node:worker_threads'
import type { GraphBounds } from '../engine/liveness/build-graph.ts'
import { beatInto } from '../engine/pulse.ts'
import { designs } from '../model/designs.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { checkLiveness } from './liveness.ts'

export interface LivenessJob {
  readonly design: string
  readonly scope: Scope
  readonly bounds: GraphBounds
  /** Where the thread says what it runs. */
  readonly pulse: SharedArrayBuffer
}

if (parentPort !== null) {
  const { design: id, scope, bounds, pulse } = workerData as LivenessJob
  beatInto(pulse)
  const design = designs.find((it) => it.id === id)!
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(checkLiveness(design, scope, bounds))
}
