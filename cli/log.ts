/** `poolproof log FILE...`: is what the kernel did allowed, and who still holds the page? */
import { writeFileSync } from 'node:fs'
import { explain, situationsOf } from '../logs/explain.ts'
import { readLog } from '../logs/read-log.ts'
import { exitCodeOf, SCHEMA, type LogReport } from '../logs/report.ts'
import { UnreadableLog } from '../logs/source.ts'
import type { Design } from '../model/designs/index.ts'
import { ageSvg } from '../views/age-histogram.ts'
import { explanationText } from '../views/explanation.ts'
import { logText } from '../views/log-report.ts'
import { designsNamed, parse } from './arguments.ts'
import { liveLine } from './live-line.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  json: { type: 'string' },
  svg: { type: 'string' },
  all: { type: 'boolean' },
  explain: { type: 'string' },
} as const

/** 1 if a file is impossible, else 2 if one cannot be told, holds nothing to check or was not read to its end, else 0. */
export async function log(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('log', argv, OPTIONS)
  if (positionals.length === 0 && process.stdin.isTTY)
    throw new UsageError(
      'log takes files, or a log on standard input, such as "dmesg | poolproof log". "poolproof help" shows what it takes.',
    )
  const files = positionals.length === 0 ? ['-'] : positionals
  const design = values.explain === undefined ? undefined : poolDesign(values.explain)
  const reports: LogReport[] = []
  const abort = new AbortController()
  for (const file of files) {
    if (abort.signal.aborted) {
      process.stderr.write(`poolproof: interrupted: ${file} was not read.\n`)
      continue
    }
    const report = await read(file, abort)
    reports.push(report)
    process.stdout.write(`${reports.length > 1 ? '\n' : ''}${logText(report, values.all)}\n`)
    if (design !== undefined) process.stdout.write(`\n${explained(design, report)}\n`)
  }
  if (values.json !== undefined)
    write('json', values.json, `${JSON.stringify({ schema: SCHEMA, logs: reports }, null, 2)}\n`)
  if (values.svg !== undefined) write('svg', values.svg, ageSvg(agesOf(reports)))
  const codes = reports.map(({ verdict }) => exitCodeOf(verdict))
  if (abort.signal.aborted) codes.push(2)
  return codes.includes(1) ? 1 : Math.max(...codes)
}

function poolDesign(id: string): Design {
  const design = designsNamed([id])[0]!
  if (design.family !== 'pool')
    throw new UsageError(`${id} is no design of a pool: a log of pools cannot be explained by it.`)
  return design
}
function explained(design: Design, report: LogReport): string {
  const situations = situationsOf(report)
  if (situations.length === 0)
    return 'explain: the log shows no stalled pool, and nothing impossible that a design could do.'
  return situations.map((it) => explanationText(design, explain(design, it))).join('\n\n')
}

async function read(file: string, abort: AbortController): Promise<LogReport> {
  const interrupt = (): void => abort.abort()
  process.once('SIGINT', interrupt)
  const live = liveLine()
  let shown = 0
  try {
    return await readLog(
      file,
      ({ bytes, of, lines, events }) => {
        if (Date.now() - shown < 200) return
        shown = Date.now()
        const part = of === undefined || of === 0 ? '' : ` (${Math.floor((bytes / of) * 100)} %)`
        live.show(
          file,
          `${Math.round(bytes / 2 ** 20)} MB${part}, ${lines} lines, ${events} events`,
        )
      },
      abort.signal,
    )
  } catch (error) {
    if (error instanceof UnreadableLog) throw new UsageError(error.message)
    throw error
  } finally {
    process.off('SIGINT', interrupt)
    live.clear()
  }
}

const agesOf = (reports: readonly LogReport[]) =>
  reports.flatMap(({ file, pools }) =>
    pools.flatMap(({ pool, holders, end }) =>
      holders === null || holders.ages.length === 0
        ? []
        : [{ title: `${file}: pool ${pool}, ${end}, ${holders.pages} pages`, ages: holders.ages }],
    ),
  )

function write(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`--${option} ${path} cannot be written: ${(error as Error).message}.`)
  }
}
