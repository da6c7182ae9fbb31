/** What somebody who watches a machine wants to be told of, whatever the verdict on the text is. */
import {
  isLeftBehind,
  type LogReport,
  type NetlinkPool,
  type PoolReport,
  type ShutdownReport,
  type Trend,
} from './report.ts'

/**
 * - `stalled`: a pool is destroyed and pages are out when the log ends.
 * - `leak`: that, and for LONG no page came back; or a page or pool was freed that was still counted.
 * - `impossible`: a line that no order of events explains, or a property that the kernel's own checks show broken.
 */
export const CONCERNS = ['stalled', 'leak', 'impossible'] as const
export type Concern = (typeof CONCERNS)[number]

/** Seconds without a page coming back after which a stall looks like a leak. */
export const LONG = 600

export const stalledShutdowns = ({ shutdowns }: LogReport): readonly ShutdownReport[] =>
  shutdowns.filter(({ end }) => end === 'stalled')
export const stalledPools = ({ pools }: LogReport): readonly PoolReport[] =>
  pools.filter(({ end }) => end === 'stalled')
/** Pools that netlink says are left behind and that no warning tells of. */
export function leftBehind({ netlink, shutdowns }: LogReport): readonly NetlinkPool[] {
  const told = new Set(shutdowns.map(({ name }) => name))
  return netlink.filter((it) => isLeftBehind(it) && !told.has(`id ${it.id}`))
}

export function concernsOf(report: LogReport): ReadonlySet<Concern> {
  const all = new Set<Concern>()
  const shutdowns = stalledShutdowns(report)
  const pools = stalledPools(report)
  if (shutdowns.length + pools.length + leftBehind(report).length > 0) all.add('stalled')
  if (shutdowns.some(({ trend }) => isStuck(trend)) || pools.some(isStuckPool)) all.add('leak')
  if (report.notices.some(({ property }) => property === 'no-page-freed-with-signature'))
    all.add('leak')
  if ([...report.pools, ...report.shutdowns].some(({ end }) => end === 'freed by force'))
    all.add('leak')
  if (report.verdict === 'impossible') all.add('impossible')
  return all
}
/** No page came back for long, as far as the warnings go. */
export const isStuck = (trend: Trend | null): boolean =>
  trend !== null && trend.to > 0 && trend.until - (trend.fellAfter ?? 0) >= LONG
function isStuckPool({ attempts, lastAttempt }: PoolReport): boolean {
  const run = attempts.at(-1)
  if (run === undefined || lastAttempt === null) return false
  const from = run.from.time
  const to = lastAttempt.time
  // Attempts are a second apart.
  return from === null || to === null ? run.times >= LONG : to - from >= LONG
}
