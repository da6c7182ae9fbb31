/** What a log says, for a reader: the verdict first, then pool by pool. */
import { concernsOf, leftBehind, stalledPools, stalledShutdowns } from '../logs/concerns.ts'
import {
  isBroken,
  type LogReport,
  type NetlinkPool,
  type Notice,
  type Place,
  type PoolReport,
  type ShutdownReport,
} from '../logs/report.ts'
import { ageText, duration } from './age-histogram.ts'
import { impossible } from './finding.ts'
import { holderHints } from './holder-hints.ts'
import { netlinkPools, notices, shutdown } from './kernel-log-report.ts'
import { para, plural } from './paragraph.ts'

/** Pools told one by one, unless all are asked for; the rest are counted. */
const TOLD = 20

/** `others`: pools as netlink tells them in files that were given together with this one. */
export function logText(
  report: LogReport,
  all = false,
  others: readonly NetlinkPool[] = report.netlink,
): string {
  const name = report.file === '-' ? 'standard input' : report.file
  const lines: string[] = [`${name}: ${headline(report)}`, ...summary(report), ...fits(report)]
  for (const text of report.reasons) lines.push(...para(text, 2))
  if (report.hint !== null) lines.push(...para(report.hint, 2))
  lines.push(...notRead(report))
  lines.push(...pools(report, all))
  const shutdowns = all ? report.shutdowns : told(report.shutdowns)
  for (const it of shutdowns) lines.push('', ...shutdown(it, others))
  if (shutdowns.length < report.shutdowns.length)
    lines.push(
      '',
      `${plural(report.shutdowns.length - shutdowns.length, 'more shutdown')} ended well (--all tells them)`,
    )
  lines.push(...split(report), ...netlinkPools(report), ...notices(report), ...beyond(report))
  lines.push(...holderHints({ ...report, netlink: others }))
  return printable(lines.join('\n'))
}
/** The verdict on the text, and what state the machine is in: a log may be in order, and the machine not. */
function headline(report: LogReport): string {
  const { verdict } = report
  const shutdowns = stalledShutdowns(report)
  const pools = stalledPools(report)
  const left = leftBehind(report)
  const count = shutdowns.length + pools.length + left.length
  const pages = [...shutdowns, ...pools, ...left].reduce(
    (sum, { inflight }) => sum + Math.max(inflight ?? 0, 0),
    0,
  )
  const stalled =
    count === 0
      ? ''
      : `STALLED, ${plural(count, 'pool')} with ${plural(pages, 'page')} in flight${concernsOf(report).has('leak') ? ' (looks like a leak)' : ''}`
  const broken = [...new Set(report.notices.filter(isBroken).map(({ property }) => property))]
  const reported =
    broken.length === 0 ? '' : `: the kernel reports ${broken.slice(0, 3).join(', ')}`
  if (verdict === 'cannot tell') {
    const about = report.notices.find((it) => it.aboutPagePool || it.suspects !== '')
    return `${verdict}${about === undefined ? '' : `: ${noticed(about)}`}${stalled === '' ? '' : `; ${stalled}`}`
  }
  if (verdict !== 'consistent')
    return `${verdict}${reported}${stalled === '' ? '' : `; ${stalled}`}`
  const over = report.shutdowns.filter(({ end }) => end === 'ended').length
  if (stalled !== '') return `${stalled}; the log itself is consistent`
  return over === 0 ? verdict : `${verdict}; ${plural(over, 'stall')} in it, over by the end`
}
const noticed = ({ text, frames, suspects }: Notice): string =>
  suspects !== ''
    ? `perhaps ${suspects}`
    : /^call trace|^backtrace/i.test(text)
      ? `the kernel prints a stack through ${frames[0]}()`
      : `the kernel says "${text.slice(0, 90)}"`
function fits({ fits: it, notices }: LogReport): string[] {
  if (it === null) return []
  const { line, event, says, allowed } = it.refused
  const before =
    it.lines === 0 ? '' : it.lines === 1 ? 'line 1 fits; ' : `lines 1 to ${it.lines} fit; `
  const notice = notices.find((notice) => notice.line === line && isBroken(notice))
  if (notice !== undefined)
    return para(`${before}line ${line} is the first that does not (${notice.property}, below)`, 2)
  return [
    ...para(`${before}line ${line} is refused: ${says}`, 2),
    ...para(event, 4),
    ...para(`allowed there: ${allowed}`, 4),
  ]
}
/** Before 6.8 the kernel names no id: how pools were told apart. */
function split({ shutdowns }: LogReport): string[] {
  const nameless = shutdowns.filter(({ name }) => name.startsWith('a pool (')).length
  return nameless < 2
    ? []
    : [
        '',
        ...para(
          `These kernels name no pool (ids come with 6.8): the warnings were shared out among ${nameless} pools by their times, and because the count of one pool cannot rise.`,
          0,
        ),
      ]
}
/** Names of tasks are whatever their owner wrote: UTF-8 read as bytes, and nothing that moves a terminal. */
const printable = (text: string): string =>
  Buffer.from(text, 'latin1')
    .toString('utf8')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?')

const NAMES: Readonly<Record<string, string>> = {
  hold: 'held',
  release: 'released',
  attempt: 'release attempts',
  nid: 'changes of node',
  connect: 'mem_connect',
  disconnect: 'mem_disconnect',
  'return-failed': 'mem_return_failed',
}
function summary(report: LogReport): string[] {
  const { events, lines, pools, morePools, shutdowns, captures, warnings, netlink } = report
  const counts = Object.entries(events).map(([kind, n]) => `${n} ${NAMES[kind]}`)
  const more = Object.values(morePools).reduce((a, b) => a + b, 0)
  const parts = [
    plural(lines, 'line'),
    ...(counts.length > 0 ? [`${plural(pools.length + more, 'pool')}: ${counts.join(', ')}`] : []),
    ...(shutdowns.length > 0 ? [`${plural(shutdowns.length, 'shutdown')} in the kernel log`] : []),
    ...(warnings.told > 0
      ? [
          `${plural(warnings.told, 'warning')}${warnings.repeated > 0 ? `, and ${warnings.repeated} told before` : ''}`,
        ]
      : []),
    ...(netlink.length > 0 ? [`${plural(netlink.length, 'pool')} as netlink tells them`] : []),
    ...(captures > 1 ? [`${captures} captures one after the other, judged apart`] : []),
  ]
  return para(parts.join('; '), 2)
}
function notRead({ damaged, lost, repeated, events }: LogReport): string[] {
  const lines: string[] = []
  if (lost.marks > 0 && Object.keys(events).length === 0)
    lines.push(
      `  ${plural(lost.marks, 'place')} where lines were left out (the first is line ${lost.examples[0]!.line})`,
    )
  else if (lost.marks > 0) {
    lines.push(`  ${plural(lost.marks, 'mark')} of lost events or lines:`)
    for (const { line, says } of lost.examples) lines.push(`    line ${line}: ${says.slice(0, 80)}`)
    if (lost.marks > lost.examples.length)
      lines.push(`    and ${lost.marks - lost.examples.length} more`)
  }
  if (damaged.count > 0) {
    lines.push(
      `  ${plural(damaged.count, 'line looks like an event and was', 'lines look like events and were')} not understood:`,
    )
    for (const example of damaged.examples) lines.push(...para(example, 4))
    if (damaged.count > damaged.examples.length)
      lines.push(`    and ${damaged.count - damaged.examples.length} more`)
  }
  if (repeated > 0)
    lines.push(
      `  ${plural(repeated, 'line stands', 'lines stand')} there twice and ${repeated === 1 ? 'was' : 'were'} read once`,
    )
  return lines
}

function pools(report: LogReport, all: boolean): string[] {
  const interesting = report.pools.filter((it) => all || !isQuiet(it))
  const quiet = report.pools.filter((it) => !all && isQuiet(it))
  const few = interesting.length + quiet.length <= TOLD
  const lines = (few ? report.pools : interesting.slice(0, all ? Infinity : TOLD)).flatMap((it) => [
    '',
    ...pool(it),
  ])
  if (few) return [...lines, ...more(report)]
  if (!all && interesting.length > TOLD)
    lines.push('', `${interesting.length - TOLD} more like these (--all tells them)`)
  if (quiet.length > 0) lines.push('', 'consistent, freed:', ...grouped(quiet))
  return [...lines, ...more(report)]
}
const more = ({ morePools }: LogReport): string[] =>
  Object.entries(morePools).map(([what, n]) => `${n} further pools, not told one by one: ${what}`)
const isQuiet = ({ verdict, end }: PoolReport): boolean =>
  verdict === 'consistent' && end === 'freed'

/** `10 pools: 64 held, 64 released; in flight at the attempts: 0` */
function grouped(quiet: readonly PoolReport[]): string[] {
  const groups = new Map<string, number>()
  for (const it of quiet) {
    const text = `${counts(it)}${attempts(it)}`
    groups.set(text, (groups.get(text) ?? 0) + 1)
  }
  return [...groups].flatMap(([text, n]) => para(`${plural(n, 'pool')}: ${text}`, 2))
}

function pool(it: PoolReport): string[] {
  const lines = [
    `pool ${it.pool || `of mem_id ${it.memIds.join(', ')}`}: ${it.verdict}`,
    ...para(`${counts(it)}${attempts(it)}`, 2),
    ...para(ending(it), 2),
  ]
  if (it.impossible.length > 0) lines.push(...impossible(it.impossible))
  if (it.verdict === 'cannot tell') {
    lines.push('  cannot tell, because')
    for (const doubt of it.doubts) lines.push(...para(`- ${doubt}`, 4))
    lines.push(...certain(it))
  }
  if (it.holders !== null && it.end === 'stalled') lines.push(...holders(it))
  return lines
}
const counts = ({ hold, release, seen }: PoolReport): string => {
  const known = `${hold ?? '?'} held, ${release ?? '?'} released`
  return hold === seen.holds && (release ?? 0) === seen.releases
    ? known
    : `${known} by the kernel's counters; ${seen.holds} and ${seen.releases} of these events were seen`
}
const attempts = ({ attempts }: PoolReport): string =>
  attempts.length === 0
    ? ''
    : `; in flight at the attempts: ${attempts.map(({ inflight, times }) => (times > 1 ? `${inflight} (x${times})` : String(inflight))).join(', ')}`

function ending(it: PoolReport): string {
  const out = plural(it.inflight ?? 0, 'page')
  switch (it.end) {
    case 'freed':
      return `freed${at(it.lastAttempt ?? it.last)}`
    case 'freed by force':
      return `freed by force${at(it.last)}, with ${out} in flight`
    case 'freed unseen':
      return 'freed: another pool has its address, but no event shows it'
    case 'stalled':
      return `STALLED: ${out} in flight since the first attempt seen${at(it.firstAttempt!)}${spent(it)}; not freed when the capture ends`
    case 'negative':
      return `NEGATIVE: ${Math.abs(it.inflight ?? 0)} more releases than holds; the kernel stops trying after the next attempt and never frees the pool`
    case 'ended':
      return 'over'
    case 'alive':
      return `alive: never destroyed in this capture${(it.inflight ?? 0) > 0 ? `, ${out} in flight` : ''}`
  }
}
const at = ({ line, time }: Place): string =>
  `${time === null ? '' : ` at ${time.toFixed(6)} s`} (line ${line})`
function spent({ firstAttempt, lastAttempt, cnt }: PoolReport): string {
  const from = firstAttempt?.time ?? null
  const to = lastAttempt?.time ?? null
  const tries = cnt === null ? '' : `, ${plural(cnt, 'attempt')}`
  return from === null || to === null ? tries : `${tries} in ${duration(to - from)}`
}

/** What the printed counters say whatever was lost. */
function certain(it: PoolReport): string[] {
  const sure: string[] = []
  if (it.lastAttempt !== null)
    sure.push(
      `at the last attempt seen the kernel itself counted ${it.attempts.at(-1)!.inflight} in flight`,
    )
  if (it.end === 'freed') sure.push('the pool was freed with nothing in flight')
  if (it.attempts.some(({ inflight }) => inflight < 0)) sure.push('in flight was negative')
  return sure.length === 0
    ? []
    : ['  certain all the same:', ...sure.flatMap((text) => para(`- ${text}`, 4))]
}

function holders(it: PoolReport): string[] {
  const { pages, groups, others, ages, examples } = it.holders!
  const lines = [
    `  its ${plural(pages, 'page')} out of ${it.inflight ?? '?'} in flight were last seen (when the pool took them):`,
  ]
  for (const { cpu, task, stack, pages: n, firstLine } of groups) {
    const where = `${cpu === null ? '' : `CPU ${cpu}, `}${task || 'task not recorded'}`
    lines.push(`    ${String(n).padStart(7)}  ${where} (from line ${firstLine})`)
    if (stack.length > 0) lines.push(...para(stack.join(' <- '), 13))
  }
  if (others > 0) lines.push(`    ${String(others).padStart(7)}  elsewhere`)
  lines.push(
    ...para(
      `for example ${examples.map(({ page, line }) => `${page} (line ${line})`).join(', ')}`,
      4,
    ),
  )
  if (ages.length > 0)
    lines.push('  age, since the pool took the page (recycling is not traced):', ...ageText(ages))
  return lines
}

/** Those that did not end well, or all if they are few. */
const told = (shutdowns: readonly ShutdownReport[]): readonly ShutdownReport[] =>
  shutdowns.length <= TOLD
    ? shutdowns
    : shutdowns.filter(
        ({ verdict, end }) => verdict !== 'consistent' || end === 'stalled' || end === 'negative',
      )

const beyond = ({ beyond }: LogReport): string[] => [
  ...(beyond.shutdowns === 0 ? [] : ['', `${beyond.shutdowns} more shutdowns, not judged`]),
  ...(beyond.notices === 0 ? [] : ['', `${beyond.notices} more reports of the kernel, not told`]),
]
