#!/usr/bin/env node
/** poolproof VERB ... Exit codes: 0 clear or as expected, 1 unexpected violation, 2 not decided, 3 usage or internal error. */
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { printable } from '../files/printable.ts'
import { prose } from '../views/prose.ts'
import { guardOutput, outputFailure } from './output.ts'
import { showControls } from './printable-output.ts'
import { mistake, program } from './program.ts'
import { columns, isScreen } from './terminal.ts'

const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
).version
/** Errors about what was given, said in one paragraph. By name: their modules need not be loaded. */
const PARAGRAPHS: ReadonlySet<string> = new Set([
  'UsageError',
  'MalformedCounterexample',
  'MalformedRecord',
  'Misuse',
])

async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let code = 0
  const root = program(VERSION, signal, (it) => (code = it))
  try {
    if (argv[0] === 'complete' && !asksForHelp(argv[1]))
      return await (await import('./complete.ts')).complete(argv.slice(1))
    await root.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const said = mistake(root, argv, error)
    if (said !== undefined) throw said
  }
  return code
}

const asksForHelp = (word: string | undefined): boolean => word === '--help' || word === '-h'

/** Milliseconds in which a signal is the same one again: npm passes on what the terminal has sent already. */
const SAME = 1000

/** Ctrl-C, and what ends a job in CI, ask once for what there is so far; the second time ends at once. */
function stopSignal(): AbortSignal {
  const abort = new AbortController()
  let first: number | undefined
  const stop = (): void => {
    if (first !== undefined && Date.now() - first > SAME) process.exit(2)
    first ??= Date.now()
    abort.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop)
  return abort.signal
}

function complain(error: Error): void {
  const text = PARAGRAPHS.has(error.name)
    ? `poolproof: ${printable(error.message)}`
    : `poolproof: internal error, please report it with the command that led here.\n${error.stack ?? error.message}`
  const lines =
    isScreen(process.stderr) && PARAGRAPHS.has(error.name)
      ? prose(text, columns(process.stderr))
      : [text]
  process.stderr.write(`${lines.join('\n')}\n`)
}

guardOutput()
showControls(process.stdout)
showControls(process.stderr)
try {
  process.exitCode = await main(process.argv.slice(2), stopSignal())
} catch (error) {
  complain(error as Error)
  process.exitCode = 3
}
const failure = await outputFailure()
if (failure !== undefined) {
  process.stderr.write(`poolproof: the output could not be written: ${failure.message}.\n`)
  process.exitCode = 3
}
