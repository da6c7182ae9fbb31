/** Searches for one situation of a log in a thread of its own, so that Ctrl-C and the status line are heard. */
import { parentPort, workerData } from 'node:worker_threads'
import { explain, situationsOf, type Explained } from '../logs/explain.ts'
import type { LogReport } from '../logs/report.ts'
import { designs } from '../model/designs/index.ts'

export interface ExplainJob {
  readonly design: string
  readonly report: LogReport
  /** Which of `situationsOf(report)`. */
  readonly at: number
}
/** Without the situation, which has functions. */
export type ExplainAnswer = Omit<Explained, 'situation'>

if (parentPort !== null) {
  const { design: id, report, at } = workerData as ExplainJob
  const design = designs.find((it) => it.id === id)!
  const { situation: _, ...answer } = explain(design, situationsOf(report)[at]!)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(answer satisfies ExplainAnswer)
}
