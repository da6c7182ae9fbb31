/** `poolproof log FILE...`: is what the kernel did allowed, and who still holds the page? */
import { readLog } from '../logs/read-log.ts'
import { exitCodeOf, SCHEMA, type LogReport } from '../logs/report.ts'
import { UnreadableLog } from '../logs/source.ts'
import type { Design } from '../model/designs/index.ts'
import { ageSvg } from '../views/age-histogram.ts'
import { logText } from '../views/log-report.ts'
import { designsNamed } from './arguments.ts'
import { liveLine } from './live-line.ts'
import { explainedBy } from './log-explain.ts'
import type { Given } from './option.ts'
import type { logOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { outputFile } from './output-file.ts'
import { say } from './output.ts'
import { UsageError } from './usage-error.ts'

/** 1 if a file is impossible, else 2 if one cannot be told, holds nothing to check or was not read to its end, else 0. */
export async function log({ names, values, signal }: Given<typeof logOptions>): Promise<number> {
  if (names.length === 0 && process.stdin.isTTY)
    throw new UsageError(
      'log takes files, or a log on standard input, such as "dmesg | poolproof log". "poolproof log --help" shows what it takes.',
    )
  const files = names.length === 0 ? ['-'] : names
  const json = jsonFile(values.json, files)
  const svg = outputFile('svg', values.svg, files)
  const design = values.explain === undefined ? undefined : poolDesign(values.explain)
  const reports: LogReport[] = []
  for (const file of files) {
    if (signal.aborted) {
      process.stderr.write(`poolproof: interrupted: ${file} was not read.\n`)
      continue
    }
    const report = await read(file, signal)
    reports.push(report)
    process.stdout.write(`${reports.length > 1 ? '\n' : ''}${logText(report, values.all)}\n`)
    if (design !== undefined) say(`\n${await explainedBy(design, report, signal)}`)
  }
  json.write({ schema: SCHEMA, logs: reports })
  svg?.write(ageSvg(agesOf(reports)))
  const codes = reports.map(({ verdict }) => exitCodeOf(verdict))
  if (signal.aborted) codes.push(2)
  return codes.includes(1) ? 1 : Math.max(...codes)
}

function poolDesign(id: string): Design {
  const design = designsNamed([id])[0]!
  if (design.family !== 'pool')
    throw new UsageError(`${id} is no design of a pool: a log of pools cannot be explained by it.`)
  return design
}
async function read(file: string, signal: AbortSignal): Promise<LogReport> {
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
      signal,
    )
  } catch (error) {
    if (error instanceof UnreadableLog) throw new UsageError(error.message)
    throw error
  } finally {
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
