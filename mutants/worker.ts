/** Runs mutants in a thread of its own, so that the main thread hears Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads'
import { runMutants, type MutantResult } from './run.ts'
import { mutants } from './index.ts'

export interface MutantsJob {
  readonly ids: readonly string[]
}
/** The mutant by its name: a change is a function, and stays in its thread. */
export type MutantMessage =
  | (Omit<MutantResult, 'mutant'> & { readonly type: 'result'; readonly id: string })
  | { readonly type: 'done' }

if (parentPort !== null) {
  const { ids } = workerData as MutantsJob
  const post = (message: MutantMessage): void => parentPort!.postMessage(message)
  runMutants(
    mutants.filter(({ id }) => ids.includes(id)),
    ({ mutant, ...rest }) => post({ type: 'result', id: mutant.id, ...rest }),
  )
  post({ type: 'done' })
}
