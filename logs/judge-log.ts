/** Everything is read: the verdict on the whole log, and why. */
import type { Capture } from './accounts/capture.ts'
import type { KernelLog } from './messages/kernel-log.ts'
import {
  isBroken,
  SCHEMA,
  type Fit,
  type LogReport,
  type LogVerdict,
  type Notice,
  type PoolReport,
  type ShutdownReport,
} from './report.ts'
import type { Tally } from './tally.ts'

/** Everything that was read. */
export interface Read {
  readonly file: string
  /** Why not all of it was read. */
  readonly stopped: string | undefined
  readonly tally: Tally
  readonly capture: Capture
  readonly kernel: KernelLog
}
/** What the kernel log comes to. */
interface Told {
  readonly shutdowns: readonly ShutdownReport[]
  readonly notices: readonly Notice[]
  readonly verdicts: ReadonlySet<LogVerdict>
}

export function judgeLog(read: Read): LogReport {
  const { tally, capture, kernel } = read
  const told = toldBy(read)
  const { shutdowns, notices } = told
  const reasons = [...(read.stopped === undefined ? [] : [read.stopped]), ...reasonsOf(read, told)]
  const sum = (of: 'warnings' | 'repeated'): number =>
    shutdowns.reduce((all, it) => all + it[of], 0)
  return {
    schema: SCHEMA,
    file: read.file,
    verdict: verdictOf(read, told, reasons),
    reasons,
    lines: tally.lines,
    events: tally.byKind,
    damaged: { count: tally.damagedCount, examples: tally.damagedExamples },
    lost: { marks: tally.marks, examples: tally.saidLost },
    repeated: capture.repeated,
    captures: tally.captures + capture.restarts,
    pools: tally.pools.sort((a, b) => a.first.line - b.first.line),
    morePools: tally.morePools,
    shutdowns,
    notices,
    netlink: kernel.netlinkPools,
    fits: fitOf(tally.pools, told),
    warnings: {
      told: sum('warnings') + kernel.untoldWarnings,
      repeated: sum('repeated'),
      unread: kernel.unread.count,
    },
    beyond: { shutdowns: kernel.moreShutdowns, notices: kernel.moreNotices },
    hint: hintOf(read, told),
  }
}
function toldBy({ tally, kernel }: Read): Told {
  const shutdowns = kernel.reports()
  const verdicts = new Set<LogVerdict>([
    ...tally.verdicts,
    ...shutdowns.map(({ verdict }) => verdict),
  ])
  if (kernel.netlinkPools.length > 0) verdicts.add('consistent')
  return { shutdowns, notices: kernel.notices, verdicts }
}

/** Why the whole is not consistent although each pool may be. */
function reasonsOf({ tally, capture, kernel }: Read, { notices }: Told): string[] {
  const reasons: string[] = []
  const others = notices.filter((it) => !isBroken(it) && isOurs(it)).length
  if (others > 0)
    reasons.push(
      `${others === 1 ? 'a report of the kernel is' : `${others} reports of the kernel are`} about page_pool, and ${others === 1 ? 'does' : 'do'} not show a broken property`,
    )
  const unread = kernel.unread.count
  if (unread > 0)
    reasons.push(
      `${unread} ${unread === 1 ? 'warning of a stalled shutdown begins' : 'warnings of stalled shutdowns begin'} and cannot be read to the end`,
    )
  const damaged = tally.damagedCount - unread
  if (damaged > 0 && tally.open > 0)
    reasons.push(
      damaged === 1
        ? '1 line looks like an event and cannot be read'
        : `${damaged} lines look like events and cannot be read`,
    )
  if (capture.isPerCpu && tally.pools.some((it) => isHalf(it, tally.pools)))
    reasons.push(
      'the captures are of one CPU each, as in per_cpu/cpuN/trace, and of the same pools: what one CPU did is half the story, and nothing said below of stalls and missing events is certain. Give the file trace, which has all CPUs in order.',
    )
  return reasons
}
const isOurs = ({ aboutPagePool, suspects }: Notice): boolean => aboutPagePool || suspects !== ''
/** The same pool, as another CPU saw it. */
const isHalf = ({ pool, first }: PoolReport, pools: readonly PoolReport[]): boolean =>
  pools.some((it) => it.pool === pool && it.first.cpu !== first.cpu)

function verdictOf(
  { kernel }: Read,
  { notices, verdicts }: Told,
  reasons: readonly string[],
): LogVerdict {
  if (verdicts.has('impossible') || notices.some(isBroken)) return 'impossible'
  if (verdicts.size === 0 && !notices.some(isOurs))
    return kernel.unread.count > 0 ? 'cannot tell' : 'nothing checked'
  return verdicts.has('cannot tell') || reasons.length > 0 ? 'cannot tell' : 'consistent'
}

/** Up to where all fits: what was refused first, of pools and of the kernel log. */
function fitOf(pools: readonly PoolReport[], { shutdowns, notices }: Told): Fit | null {
  const refused = [...pools, ...shutdowns]
    .flatMap(({ impossible }) => impossible.slice(0, 1))
    .map(({ at, window, says, allowed }) => ({
      line: at.line,
      event: (window.at(-1) ?? '')
        .replace(/^\d+: /, '')
        .trim()
        .slice(0, 200),
      says,
      allowed,
    }))
  const reported = notices.filter(isBroken).map(({ line, text, says, property }) => ({
    line,
    event: text,
    says,
    allowed: `what keeps ${property}`,
  }))
  const [first] = [...refused, ...reported].sort((a, b) => a.line - b.line)
  return first === undefined ? null : { lines: first.line - 1, refused: first }
}

/** Why nothing was understood, and the way out. */
function hintOf({ tally, kernel }: Read, { notices, verdicts }: Told): string | null {
  if (verdicts.size > 0 || notices.length > 0 || kernel.unread.count > 0) return null
  if (tally.lines === 0) return 'there is nothing in it.'
  if (tally.raw > 0)
    return 'this is the output of tracefs with options/raw or options/hex: numbers of events without their fields. Turn both off ("echo 0 | tee /sys/kernel/tracing/options/{raw,hex,bin}") and read the trace again, if it is still there.'
  if (tally.damagedCount > 0)
    return 'there are lines that look like events, and none of them can be read.'
  return 'no page_pool or xdp:mem_* event and no page_pool message was found. docs/logs.md says what is read and how to record it. In tracefs, options/raw, hex and bin have to be off.'
}
