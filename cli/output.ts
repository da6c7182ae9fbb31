/** Standard output as a reader leaves it: closed early it ends nothing, and a full disk is said once. */
import { prose } from '../views/prose.ts'
import { columns } from './terminal.ts'

let failed: NodeJS.ErrnoException | undefined

/** Call once, before anything is printed. */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough ("poolproof list | head") is no error: the work goes on, unheard.
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') failed ??= error
  })
  process.stderr.on('error', () => {})
}
/** What kept the output from being written, when all of it should have been. */
export async function outputFailure(): Promise<Error | undefined> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => resolve())
  })
  return failed
}
export const say = (text = ''): void => void process.stdout.write(`${text}\n`)

/** Text in lines as wide as the reader's. */
export const sayProse = (text: string, hanging = '', first = ''): void =>
  say(prose(text, columns(), hanging, first).join('\n'))
