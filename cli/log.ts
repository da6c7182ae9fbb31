/** `poolproof log FILE...`: is what the kernel did allowed, and who still holds the page? */
import { CONCERNS, concernsOf, type Concern } from '../logs/concerns.ts'
import { readLog } from '../logs/read-log.ts'
import { exitCodeOf, SCHEMA, type LogReport } from '../logs/report.ts'
import { refuseUnreadable, UnreadableLog } from '../logs/source.ts'
import type { Design } from '../model/designs/index.ts'
import { ageSvg } from '../views/age-histogram.ts'
import { logText } from '../views/log-report.ts'
import { designsNamed, parse } from './arguments.ts'
import { explained } from './explain.ts'
import { liveLine } from './live-line.ts'
import { outputFile, type OutputFile } from './output-file.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  json: { type: 'string' },
  svg: { type: 'string' },
  all: { type: 'boolean' },
  explain: { type: 'string' },
  'fail-on': { type: 'string', multiple: true },
} as const

/**
 * 1 if a file is impossible or something that --fail-on names is met, else 2 if one cannot be told, holds nothing to
 * check or was not read to its end, else 0. All files are read before anything is said of one: pools that netlink tells of
 * in one file are those that the kernel log of another names.
 */
export async function log(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse('log', argv, OPTIONS)
  if (positionals.length === 0 && process.stdin.isTTY)
    throw new UsageError(
      'log takes files, or a log on standard input, such as "dmesg | poolproof log". "poolproof help" shows what it takes.',
    )
  const files = positionals.length === 0 ? ['-'] : positionals
  const failOn = concernsNamed(values['fail-on'] ?? [])
  const design = values.explain === undefined ? undefined : poolDesign(values.explain)
  const json = outputFile('json', values.json, files)
  const svg = outputFile('svg', values.svg, [
    ...files,
    ...(values.json === undefined ? [] : [values.json]),
  ])
  await unlessUnreadable(async () => {
    for (const file of files) await refuseUnreadable(file)
  })
  const abort = new AbortController()
  const interrupt = (): void => abort.abort()
  process.once('SIGINT', interrupt)
  try {
    const reports = await readAll(files, abort.signal)
    const code = exitCode(reports, failOn, abort.signal.aborted)
    // Somebody who reads only the first lines gets the same.
    process.exitCode = code
    written(reports, json, svg)
    const isCut = await told(reports, values.all === true, design, abort.signal)
    return isCut && code === 0 ? 2 : code
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function concernsNamed(texts: readonly string[]): readonly Concern[] {
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim())
  for (const name of names)
    if (!(CONCERNS as readonly string[]).includes(name))
      throw new UsageError(
        `--fail-on takes ${CONCERNS.slice(0, -1).join(', ')} or ${CONCERNS.at(-1)}, or several with commas between, not "${name}".`,
      )
  return names as Concern[]
}
function exitCode(
  reports: readonly LogReport[],
  failOn: readonly Concern[],
  isCut: boolean,
): number {
  const isMet = reports.some((report) => {
    const met = concernsOf(report)
    return failOn.some((name) => met.has(name))
  })
  const codes = reports.map(({ verdict }) => exitCodeOf(verdict))
  return isMet || codes.includes(1) ? 1 : Math.max(isCut ? 2 : 0, ...codes)
}
function poolDesign(id: string): Design {
  const design = designsNamed([id])[0]!
  if (design.family !== 'pool')
    throw new UsageError(`${id} is no design of a pool: a log of pools cannot be explained by it.`)
  return design
}

async function readAll(files: readonly string[], signal: AbortSignal): Promise<LogReport[]> {
  const reports: LogReport[] = []
  for (const file of files)
    if (signal.aborted) process.stderr.write(`poolproof: interrupted: ${file} was not read.\n`)
    else reports.push(await read(file, signal))
  return reports
}
async function read(file: string, signal: AbortSignal): Promise<LogReport> {
  const live = liveLine()
  let shown = 0
  try {
    return await unlessUnreadable(() =>
      readLog(
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
      ),
    )
  } finally {
    live.clear()
  }
}
async function unlessUnreadable<T>(reading: () => Promise<T>): Promise<T> {
  try {
    return await reading()
  } catch (error) {
    if (error instanceof UnreadableLog) throw new UsageError(error.message)
    throw error
  }
}

function written(
  reports: readonly LogReport[],
  json: OutputFile | undefined,
  svg: OutputFile | undefined,
): void {
  json?.write(`${JSON.stringify({ schema: SCHEMA, logs: reports }, null, 2)}\n`)
  svg?.write(ageSvg(agesOf(reports)))
}
/** True if Ctrl-C cut an explanation short. */
async function told(
  reports: readonly LogReport[],
  all: boolean,
  design: Design | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const netlink = reports.flatMap((report) => report.netlink)
  let isCut = false
  for (const [i, report] of reports.entries()) {
    process.stdout.write(`${i > 0 ? '\n' : ''}${logText(report, all, netlink)}\n`)
    if (design === undefined || signal.aborted) continue
    const { text, isInterrupted } = await explained(design, report, signal)
    process.stdout.write(`\n${text}\n`)
    isCut ||= isInterrupted
  }
  return isCut
}

const agesOf = (reports: readonly LogReport[]) =>
  reports.flatMap(({ file, pools }) =>
    pools.flatMap(({ pool, holders, end }) =>
      holders === null || holders.ages.length === 0
        ? []
        : [{ title: `${file}: pool ${pool}, ${end}, ${holders.pages} pages`, ages: holders.ages }],
    ),
  )
