/** What a log says, for a reader: the verdict first, then pool by pool. */
import { holderClasses, nextCommands } from '../logs/holder-classes.ts'
import type { Finding, LogReport, Place, PoolReport, ShutdownReport } from '../logs/report.ts'
import { ageText, duration } from './age-histogram.ts'
import { wrap } from './columns.ts'

const WIDTH = 96
/** Pools told one by one, unless all are asked for; the rest are counted. */
const TOLD = 20

export function logText(report: LogReport, all = false): string {
  const name = report.file === '-' ? 'standard input' : report.file
  const lines: string[] = [`${name}: ${report.verdict}`, ...summary(report)]
  for (const text of report.reasons) lines.push(...para(text, 2))
  if (report.hint !== null) lines.push(...para(report.hint, 2))
  lines.push(...notRead(report))
  lines.push(...pools(report, all))
  const shutdowns = all ? report.shutdowns : told(report.shutdowns)
  for (const it of shutdowns) lines.push('', ...shutdown(it))
  if (shutdowns.length < report.shutdowns.length)
    lines.push(
      '',
      `${report.shutdowns.length - shutdowns.length} more shutdowns ended well (--all tells them)`,
    )
  lines.push(...notices(report), ...beyond(report), ...whoCanHold(report))
  return printable(lines.join('\n'))
}
/** Names of tasks are whatever their owner wrote: UTF-8 read as bytes, and nothing that moves a terminal. */
const printable = (text: string): string =>
  Buffer.from(text, 'latin1')
    .toString('utf8')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?')

const para = (text: string, indent: number): string[] =>
  wrap(text, WIDTH - indent).map((line, i) => ' '.repeat(indent + (i > 0 ? 2 : 0)) + line)

const NAMES: Readonly<Record<string, string>> = {
  hold: 'held',
  release: 'released',
  attempt: 'release attempts',
  nid: 'changes of node',
  connect: 'mem_connect',
  disconnect: 'mem_disconnect',
  'return-failed': 'mem_return_failed',
}
function summary({ events, lines, pools, morePools, shutdowns, captures }: LogReport): string[] {
  const counts = Object.entries(events).map(([kind, n]) => `${n} ${NAMES[kind]}`)
  const more = Object.values(morePools).reduce((a, b) => a + b, 0)
  const parts = [
    `${lines} lines`,
    ...(counts.length > 0 ? [`${plural(pools.length + more, 'pool')}: ${counts.join(', ')}`] : []),
    ...(shutdowns.length > 0 ? [`${plural(shutdowns.length, 'shutdown')} in the kernel log`] : []),
    ...(captures > 1 ? [`${captures} captures one after the other, judged apart`] : []),
  ]
  return para(parts.join('; '), 2)
}
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

function notRead({ damaged, lost, repeated }: LogReport): string[] {
  const lines: string[] = []
  if (lost.marks > 0) {
    lines.push(`  ${plural(lost.marks, 'mark')} of lost events or lines:`)
    for (const { line, says } of lost.examples) lines.push(`    line ${line}: ${says.slice(0, 80)}`)
    if (lost.marks > lost.examples.length)
      lines.push(`    and ${lost.marks - lost.examples.length} more`)
  }
  if (damaged.count > 0) {
    lines.push(`  ${plural(damaged.count, 'line')} look like events and were not understood:`)
    for (const example of damaged.examples) lines.push(...para(example, 4))
    if (damaged.count > damaged.examples.length)
      lines.push(`    and ${damaged.count - damaged.examples.length} more`)
  }
  if (repeated > 0) lines.push(`  ${plural(repeated, 'line')} stand there twice and were read once`)
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

function impossible(findings: readonly Finding[]): string[] {
  const [first, ...rest] = findings as [Finding, ...Finding[]]
  const lines = [
    ...para(`impossible: no behaviour of the model explains line ${first.at.line}`, 2),
    ...para(first.says, 4),
    ...para(`the model allows: ${first.allowed}`, 4),
    ...first.window.map((text, i) => {
      const mark = i === first.window.length - 1 ? '>' : ' '
      return `  ${mark} ${text.length > 200 ? `${text.slice(0, 200)}...` : text}`
    }),
  ]
  if (rest.length > 0) lines.push('  and what follows from it, or comes on top:')
  for (const { at, says } of rest.slice(0, 4)) lines.push(...para(`line ${at.line}: ${says}`, 4))
  if (rest.length > 4) lines.push(`    and ${rest.length - 4} more`)
  return lines
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

/** Once for all that is stalled: the classes of holder, and what to run next. */
function whoCanHold({ pools, shutdowns }: LogReport): string[] {
  const stalled = pools.filter(({ end }) => end === 'stalled')
  if (stalled.length === 0 && !shutdowns.some(({ end }) => end === 'stalled')) return []
  const lines = [
    '',
    'who can hold the pages, and what would tell (guesses until one of them is seen):',
  ]
  const busiest = stalled[0]?.holders?.groups[0]?.cpu ?? null
  for (const { name, how, tells, run } of holderClasses(busiest)) {
    lines.push(...para(`- ${name}: ${how}. If so: ${tells}.`, 2))
    for (const command of run) lines.push(`      ${command}`)
  }
  lines.push('who returns the next ones, and where later ones are taken:')
  for (const command of nextCommands(stalled.length === 1 ? stalled[0]!.pool : ''))
    lines.push(`      ${command}`)
  if (stalled.length === 0)
    lines.push(
      ...para(
        'The kernel log names no page: docs/logs.md says how to record a trace that does.',
        0,
      ),
    )
  return lines
}

/** Those that did not end well, or all if they are few. */
const told = (shutdowns: readonly ShutdownReport[]): readonly ShutdownReport[] =>
  shutdowns.length <= TOLD
    ? shutdowns
    : shutdowns.filter(
        ({ verdict, end }) => verdict !== 'consistent' || end === 'stalled' || end === 'negative',
      )

function shutdown(it: ShutdownReport): string[] {
  const lines = [`kernel log, ${it.name} (lines ${it.firstLine} to ${it.lastLine}): ${it.verdict}`]
  const story =
    it.story.length > 12
      ? [
          ...it.story.slice(0, 8),
          `... ${it.story.length - 12} lines like these ...`,
          ...it.story.slice(-4),
        ]
      : it.story
  for (const text of story) lines.push(...para(text, 2))
  lines.push(...para(shutdownEnd(it), 2))
  if (it.impossible.length > 0) lines.push(...impossible(it.impossible))
  return lines
}
function shutdownEnd(it: ShutdownReport): string {
  const tries = it.attempts === null ? '' : `, ${plural(it.attempts, 'attempt')}`
  const time = it.seconds === null ? '' : `, ${it.seconds} s`
  switch (it.end) {
    case 'stalled':
      return `STALLED: ${it.inflight ?? 'an unknown number of'} pages in flight${tries}${time} when the log ends`
    case 'freed by force':
      return `FREED BY FORCE with ${it.inflight} pages in flight${tries}${time}`
    case 'negative':
      return `NEGATIVE: ${it.inflight} in flight; the pool is never freed`
    case 'freed':
    case 'freed unseen':
      return 'ended with nothing in flight'
    case 'alive':
      return 'the log does not say what was in flight'
  }
}

const beyond = ({ beyond }: LogReport): string[] => [
  ...(beyond.shutdowns === 0 ? [] : ['', `${beyond.shutdowns} more shutdowns, not judged`]),
  ...(beyond.notices === 0 ? [] : ['', `${beyond.notices} more reports of the kernel, not told`]),
]

function notices({ notices }: LogReport): string[] {
  if (notices.length === 0) return []
  const lines = ['', "the kernel's own checks:"]
  for (const { line, text, property, aboutPagePool } of notices) {
    lines.push(...para(`line ${line}: ${text}`, 2))
    lines.push(...para(noticeMeans(property, aboutPagePool), 4))
  }
  return lines
}

function noticeMeans(property: string, aboutPagePool: boolean): string {
  if (!aboutPagePool)
    return `${property === '' ? 'a crash or warning' : property}, if this is about page_pool: its call trace does not say so`
  return property === ''
    ? 'page_pool is in it or in its call trace; which rule is broken, it does not say'
    : `breaks ${property}`
}
