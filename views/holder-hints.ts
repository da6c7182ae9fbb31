/** Once for all that is stalled: what to ask first, who can hold the pages, and what to run next. */
import { stalledPools, stalledShutdowns } from '../logs/concerns.ts'
import {
  askDmesg,
  askNetlink,
  holderClasses,
  nextCommands,
  ruledOut,
  type HolderClass,
  type Stall,
} from '../logs/holders/classes.ts'
import type { LogReport, PoolReport, ShutdownReport } from '../logs/report.ts'
import { duration } from './age-histogram.ts'
import { para, plural } from './paragraph.ts'

/** Below both, a stall is not worth a page of text yet. */
const FEW = 16
const YOUNG = 180
/** Seconds over which a count has to be watched before it can be called constant. */
const STEADY = 60

export function holderHints(report: LogReport): string[] {
  const pools = stalledPools(report)
  const shutdowns = stalledShutdowns(report)
  if (pools.length + shutdowns.length === 0) return []
  const stall = stallOf(report, pools, shutdowns)
  const pages = [...pools, ...shutdowns].reduce((sum, it) => sum + Math.max(it.inflight ?? 0, 0), 0)
  const isSmall = pages > 0 && pages <= FEW && stall.age !== null && stall.age < YOUNG
  const classes = holderClasses(stall)
  return [
    ...askFirst(report, shutdowns),
    '',
    ...(isSmall ? short(pages, stall, classes) : long(stall, classes)),
    ...(isSmall ? [] : next(pools)),
  ]
}

function stallOf(
  { notices }: LogReport,
  pools: readonly PoolReport[],
  shutdowns: readonly ShutdownReport[],
): Stall {
  const ages = [...pools.map(ageOf), ...shutdowns.map(({ seconds }) => seconds)].filter(
    (age) => age !== null,
  )
  return {
    cpu: pools[0]?.holders?.groups[0]?.cpu ?? null,
    // What is over for the youngest stall is over for all.
    age: ages.length === 0 ? null : Math.min(...ages),
    trend: trendOf(
      pools.filter((it) => (ageOf(it) ?? 0) >= STEADY),
      shutdowns,
    ),
    seen: notices.map(({ holder }) => holder).filter((holder) => holder !== ''),
  }
}
function ageOf({ firstAttempt, lastAttempt }: PoolReport): number | null {
  const from = firstAttempt?.time ?? null
  const to = lastAttempt?.time ?? null
  return from === null || to === null ? null : to - from
}
/** Falling, if any pool's last step was down; constant, if all that say it are. */
function trendOf(
  pools: readonly PoolReport[],
  shutdowns: readonly ShutdownReport[],
): Stall['trend'] {
  const trends = [
    ...pools.flatMap(({ attempts }) => {
      const [before, last] = attempts.slice(-2)
      if (last === undefined) return before !== undefined && before.times > 1 ? ['constant'] : []
      return [last.times > before!.times ? 'constant' : 'falling']
    }),
    ...shutdowns.flatMap(({ trend }) =>
      trend === null || trend.until === (trend.fellAfter ?? trend.constantSince)
        ? []
        : [trend.constantSince === trend.until ? 'falling' : 'constant'],
    ),
  ]
  return trends.length === 0
    ? 'unknown'
    : trends.every((it) => it === 'constant')
      ? 'constant'
      : 'falling'
}

/** What tells at once which device it is, and what happened to it. */
function askFirst({ netlink }: LogReport, shutdowns: readonly ShutdownReport[]): string[] {
  const known = new Set(netlink.map(({ id }) => id))
  const ids = shutdowns
    .map(({ name }) => Number(/^id (\d+)$/.exec(name)?.[1] ?? NaN))
    .filter((id) => !Number.isNaN(id) && !known.has(id))
  const lines: string[] = []
  if (ids.length > 0)
    lines.push(
      '',
      'first: which device is it, and are the pages still out?',
      `      ${askNetlink([...new Set(ids)])}`,
      ...para(
        'ifindex is the device (none: it is gone, and the pool with its pages is left behind), napi-id the queue, inflight what is out now; detach-time is when it was destroyed, in seconds since boot. ynl is in tools/net/ynl of a kernel tree. Give its output to log together with this one.',
        4,
      ),
    )
  const destroyed = shutdowns.flatMap(({ destroyedAt, around }) =>
    destroyedAt !== null && around.length === 0 ? [destroyedAt] : [],
  )
  if (destroyed.length > 0)
    lines.push(
      '',
      'what was done to the device just before: a reset, ifdown, XDP detached, a VF removed?',
      `      ${askDmesg(destroyed[0]!)}`,
    )
  return lines
}

function short(pages: number, { age }: Stall, classes: readonly HolderClass[]): string[] {
  const first = classes.slice(0, 2)
  return [
    ...para(
      `${plural(pages, 'page')} for ${duration(age!)} is not much: most often ${first.map(({ name }) => name).join(' or ')}. Look again in some minutes; if ${pages === 1 ? 'it is' : 'they are'} still out:`,
      0,
    ),
    ...first.map(({ run }) => `      ${run[0]}`),
  ]
}
function long(stall: Stall, classes: readonly HolderClass[]): string[] {
  const why = {
    falling: 'the count falls: likeliest first',
    constant: 'the count does not fall: likeliest first',
    unknown: 'what would tell',
  }[stall.trend]
  const lines = [`who can hold the pages (${why}; guesses until one of them is seen):`]
  for (const { name, how, tells, run } of classes) {
    const seen = stall.seen.includes(name) ? ' [a call trace in this log shows it]' : ''
    lines.push(...para(`- ${name}${seen}: ${how}. If so: ${tells}.`, 2))
    for (const command of run) lines.push(`      ${command}`)
  }
  const over = ruledOut(stall)
  if (over.length > 0)
    lines.push(...para(`Not after ${duration(stall.age!)}: ${over.join(', ')}.`, 2))
  return lines
}
function next(pools: readonly PoolReport[]): string[] {
  const lines = ['who returns the next ones, and where later ones are taken:']
  for (const command of nextCommands(pools.length === 1 ? pools[0]!.pool : ''))
    lines.push(`      ${command}`)
  if (pools.length === 0)
    lines.push(
      ...para(
        'The kernel log names no page: docs/logs.md says how to record a trace that does, and how drgn finds the pages of a pool and who refers to them.',
        0,
      ),
    )
  return lines
}
