/** `poolproof log FILE...`: is what the kernel did allowed, and who still holds the page? */
import { CONCERNS, concernsOf, type Concern } from '../logs/concerns.ts'
import { readLog } from '../logs/read-log.ts'
import { exitCodeOf, SCHEMA, type LogReport } from '../logs/report.ts'
import { refuseUnreadable, UnreadableLog } from '../logs/text/source.ts'
import type { Design } from '../model/designs.ts'
import { pool } from '../model/families.ts'
import { ageSvg } from '../views/age-histogram.ts'
import { logText } from '../views/log-report.ts'
import { designsNamed } from './arguments.ts'
import { explained } from './explain.ts'
import { jsonFile } from './json-file.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { logOptions } from './options.ts'
import { outputFile } from './output-file.ts'
import { UsageError } from './usage-error.ts'

/**
 * 1 if a file is impossible or something that --fail-on names is met, else 2 if one cannot be told, holds nothing to
 * check or was not read to its end, else 0. All files are read before anything is said of one: pools that netlink tells of
 * in one file are those that the kernel log of another names.
 */
export async function log({ names, values, signal }: Given<typeof logOptions>): Promise<number> {
  if (names.length === 0 && process.stdin.isTTY)
    throw new UsageError(
      'log takes files, or a log on standard input, such as "dmesg | poolproof log". "poolproof log --help" shows what it takes.',
    )
  const files = names.length === 0 ? ['-'] : names
  const failOn = concernsNamed(values.failOn)
  const design = values.explain === undefined ? undefined : poolDesign(values.explain)
  const json = jsonFile(values.json, files)
  const svg = outputFile('svg', values.svg, [
    ...files,
    ...(values.json === undefined ? [] : [values.json]),
  ])
  await unlessUnreadable(async () => {
    for (const file of files) await refuseUnreadable(file)
  })
  const reports = await readAll(files, signal)
  const code = exitCode(reports, failOn, signal.aborted)
  json.write({ schema: SCHEMA, logs: reports })
  svg?.write(ageSvg(agesOf(reports)))
  const isCut = await told(reports, values.all, design, signal)
  return isCut && code === 0 ? 2 : code
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
  if (design.family !== pool)
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
