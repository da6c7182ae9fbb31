/** The thread of `log --explain`. */
import { parentPort, workerData } from 'node:worker_threads'
import { explain, situationsOf } from '../logs/explain.ts'
import { designs } from '../model/designs.ts'
import { explanationText } from '../views/explanation.ts'
import type { ExplainJob, ExplainWord } from './explain.ts'

const { design: id, report, stop } = workerData as ExplainJob
const say = (word: ExplainWord): void => parentPort!.postMessage(word)
const design = designs.find((it) => it.id === id)!
const situations = situationsOf(report)
const texts: string[] = []
for (const situation of situations) {
  if (Atomics.load(stop, 0) !== 0) break
  const explained = explain(design, situation, {
    stop,
    onProgress: (scope, states) => say({ kind: 'progress', of: situation.of, scope, states }),
  })
  texts.push(explanationText(design, explained))
}
if (situations.length === 0)
  texts.push(
    'explain: the log shows no stalled pool, and nothing impossible that a design could do.',
  )
say({ kind: 'text', text: texts.join('\n\n') })
