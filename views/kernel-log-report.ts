/** What the kernel log tells: stalled shutdowns, the kernel's own checks, pools as netlink has them. */
import {
  isLeftBehind,
  type LogReport,
  type NetlinkPool,
  type Notice,
  type ShutdownReport,
  type Trend,
} from '../logs/report.ts'
import { duration } from './age-histogram.ts'
import { impossible } from './finding.ts'
import { para, plural } from './paragraph.ts'

/** Warnings told line by line: the first and the last ones. */
const STORY = 12

export function shutdown(it: ShutdownReport, netlink: readonly NetlinkPool[]): string[] {
  const host = it.host === null ? '' : `${it.host}, `
  const where =
    it.firstLine === it.lastLine
      ? `line ${it.firstLine}`
      : `lines ${it.firstLine} to ${it.lastLine}`
  const lines = [`kernel log, ${host}${it.name} (${where}): ${it.verdict}`]
  const story =
    it.story.length > STORY
      ? [
          ...it.story.slice(0, 8),
          `... ${it.story.length - STORY} lines like these ...`,
          ...it.story.slice(-4),
        ]
      : it.story
  for (const text of story) lines.push(...para(text, 2))
  if (it.repeated > 0)
    lines.push(
      `  ${plural(it.repeated, 'line says', 'lines say')} the same once more, and were counted once`.replace(
        /^ {2}1 (.*), and were/,
        '  1 $1, and was',
      ),
    )
  lines.push(...para(shutdownEnd(it), 2))
  if (it.end === 'stalled' && it.trend !== null) lines.push(...para(trendText(it.trend), 2))
  for (const doubt of it.doubts) lines.push(...para(`cannot tell: ${doubt}`, 2))
  if (it.impossible.length > 0) lines.push(...impossible(it.impossible))
  if (it.around.length > 0) {
    lines.push('  the log says, from when this pool was destroyed:')
    for (const text of it.around) lines.push(...para(text, 4))
  }
  const pool = netlink.find(({ id }) => it.name === `id ${id}`)
  if (pool !== undefined) lines.push(...para(netlinkText(pool), 2))
  return lines
}
function shutdownEnd(it: ShutdownReport): string {
  const tries = it.attempts === null ? '' : `, ${plural(it.attempts, 'attempt')}`
  const time = it.seconds === null ? '' : `, ${it.seconds} s after it was destroyed`
  const pages = it.inflight === null ? 'an unknown number of pages' : plural(it.inflight, 'page')
  switch (it.end) {
    case 'stalled':
      return `STALLED: ${pages} in flight${tries}${time}, when the log ends`
    case 'ended':
      return `over: ${pages} in flight at the last warning${tries}${time}; ${it.over}`
    case 'freed by force':
      return `FREED BY FORCE with ${pages} in flight${tries}${time}`
    case 'negative':
      return `NEGATIVE: ${it.inflight} in flight; the pool is never freed`
    case 'freed':
    case 'freed unseen':
      return 'ended with nothing in flight'
    case 'alive':
      return 'the log does not say what was in flight'
  }
}
function trendText({ from, to, constantSince, until, fellAfter }: Trend): string {
  if (fellAfter === null && until === constantSince)
    return 'one warning: whether the count falls, the next one will say'
  if (fellAfter === null)
    return `not one page came back between the first warning (${constantSince} s) and the last (${until} s): constant for ${duration(until - constantSince)}`
  const fell = `fell from ${from} to ${to}, the last time between ${fellAfter} and ${constantSince} s`
  return constantSince === until
    ? `falling: ${fell}`
    : `${fell}; constant since, for ${duration(until - constantSince)}`
}

const netlinkText = (pool: NetlinkPool): string => {
  const { id, ifindex, napiId, inflight, inflightBytes, detachTime } = pool
  const parts = [
    ifindex === null ? 'no device (left behind)' : `ifindex ${ifindex}`,
    ...(napiId === null ? [] : [`napi-id ${napiId}`]),
    ...(inflight === null ? [] : [`${plural(inflight, 'page')} in flight`]),
    ...(inflightBytes === null ? [] : [bytes(inflightBytes)]),
    ...(detachTime === null ? [] : [`destroyed ${detachTime} s after boot`]),
  ]
  return `netlink, pool id ${id}: ${parts.join(', ')}`
}
const bytes = (n: number): string =>
  n < 2 ** 20 ? `${Math.round(n / 1024)} kB` : `${Number((n / 2 ** 20).toFixed(1))} MB`

/** Pools that no warning tells of; those that behave are counted. */
export function netlinkPools({ netlink, shutdowns }: LogReport): string[] {
  const told = new Set(shutdowns.map(({ name }) => name))
  const rest = netlink.filter(({ id }) => !told.has(`id ${id}`))
  if (rest.length === 0) return []
  const left = rest.filter(isLeftBehind)
  const lines = ['']
  for (const pool of left.slice(0, 20)) {
    lines.push(...para(netlinkText(pool), 0))
    lines.push(
      ...para(
        `STALLED: its driver has destroyed it, and ${pool.inflight === null ? 'pages' : plural(pool.inflight, 'page')} did not come back. From 60 s on the kernel warns of it as "stalled pool shutdown: id ${pool.id}": give dmesg too`,
        2,
      ),
    )
  }
  if (left.length > 20) lines.push(`${left.length - 20} more of these`)
  const alive = rest.length - left.length
  if (alive > 0) lines.push(`netlink: ${plural(alive, 'pool')} in use by a device`)
  return lines
}

export function notices({ notices }: LogReport): string[] {
  if (notices.length === 0) return []
  const lines = ['', "the kernel's own checks:"]
  for (const it of notices) {
    const times = it.times > 1 ? ` (${it.times} times)` : ''
    lines.push(...para(`line ${it.line}: ${it.text}${times}`, 2), ...para(noticeMeans(it), 4))
    if (it.aboutPagePool && it.frames.length > 0)
      lines.push(...para(`in ${it.frames.slice(0, 8).join(' <- ')}`, 4))
  }
  return lines
}
function noticeMeans({ property, aboutPagePool, says, suspects }: Notice): string {
  if (suspects !== '') return `perhaps ${suspects}: ${says}`
  if (property === '') return aboutPagePool ? says : `${says}: not counted`
  return aboutPagePool
    ? `breaks ${property}: ${says}`
    : `breaks ${property}, if this is about page_pool: its call trace does not say so`
}
