#!/usr/bin/env node
/** poolproof VERB ... Exit codes: 0 clear or as expected, 1 unexpected violation, 2 not decided, 3 usage or internal error. */
import { conform } from './conform.ts'
import { convergenceOf } from './convergence.ts'
import { list } from './list.ts'
import { liveness } from './liveness.ts'
import { log } from './log.ts'
import { isMisuse } from '../engine/misuse.ts'
import { replay } from './replay.ts'
import { MalformedCounterexample } from '../verify/counterexample.ts'
import { search } from './search.ts'
import { unknownName, UsageError } from './usage-error.ts'
import { verify } from './verify.ts'

const HELP = `poolproof: the lifetime rules of the Linux kernel's page_pool, checked

  poolproof verify [DESIGN...] [--property ID]... [--seed N] [--runs N]
                   [--budget SECONDS] [--threads N] [--store DIR] [--json FILE]
      every design against every promise: saved counterexamples, search, random runs
  poolproof search DESIGN [--scope NAME|KEY=VALUE,...] [--property ID]...
                   [--symmetry on|off] [--fusion on|off] [--workers N]
                   [--budget SECONDS] [--max-memory MB] [--json FILE]
      every state of one scope: shortest traces, what holds, what was covered
  poolproof liveness [DESIGN...] [--scope NAME|KEY=VALUE,...] [--budget SECONDS]
      what must happen in the end, if everybody who can go on does
  poolproof replay [--steps] FILE...
      runs saved counterexamples again and tells them
  poolproof conform [--show N] FILE|FOLDER...
      recorded behaviour of a kernel: does the model do the same?
  poolproof convergence [DESIGN...]
      after the interrupt moved to another NUMA node: what does each pool serve and release?
  poolproof log [FILE...] [--all] [--explain DESIGN]
                [--json FILE] [--svg FILE]
      tracepoints and kernel messages of a real machine: is it allowed, and who
      still holds the page? Without FILE it reads standard input; --explain
      searches a design for a behaviour that ends in the same way
  poolproof list
      the designs and the promises
  poolproof mutants [ID...]
      changes the model in one place at a time: is each change caught?

Exit codes: 0 as expected, 1 something unexpected, 2 not decided, 3 usage or internal error.
`
const verbs: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = {
  verify,
  search,
  liveness,
  replay,
  conform,
  convergence: convergenceOf,
  log,
  list,
  mutants: async (argv) => (await import('./mutants.ts')).mutants(argv),
  help: async () => {
    process.stdout.write(HELP)
    return 0
  },
}

async function main([verb = 'help', ...argv]: readonly string[]): Promise<number> {
  const name = ['--help', '-h'].includes(verb) ? 'help' : verb
  const run = verbs[name]
  if (run === undefined) throw unknownName('verb', verb, Object.keys(verbs), 'help')
  return run(argv)
}

// A reader that has seen enough ("poolproof list | head") is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { stack, message } = error as Error
  process.stderr.write(
    error instanceof UsageError || error instanceof MalformedCounterexample || isMisuse(error)
      ? `poolproof: ${message}\n`
      : `poolproof: internal error, please report it with the command that led here.\n${stack ?? message}\n`,
  )
  process.exitCode = 3
}
