/** The end of the log: what it tells of one pool, and if its stall is over. */
import type { ShutdownReport, Trend } from '../../report/shutdown.ts'
import { wallPassed } from '../../text/kernel-line.ts'
import { MOST_STORY, type Shutdown } from './shutdown.ts'
import type { Warning } from './warning.ts'

/** A crash: what comes after it in the log is of a kernel that may do nothing more. */
export interface Crash {
  readonly host: string
  readonly line: number
  /** Seconds of the kernel's clock, or NaN. */
  readonly at: number
}
/** Seconds without the warning that is due after which a stall is over: one and a half intervals. */
const OVER = 90

/** `isMixed`: lines of several machines stand between each other. */
export function judgeShutdown(
  it: Shutdown,
  isMixed: boolean,
  crashes: readonly Crash[],
): ShutdownReport {
  const { suspicion } = it
  const isSure = suspicion !== undefined && !isMixed
  const impossible = isSure ? [...it.impossible, suspicion] : it.impossible
  const doubts = [...it.doubts]
  if (suspicion !== undefined && isMixed)
    doubts.push(
      `line ${suspicion.at.line}: ${suspicion.says}; lines of other machines or boots are mixed in`,
    )
  const over = it.ended === 'stalled' ? whyOver(it, crashes) : null
  return {
    name: it.name,
    host: it.host === '' ? null : it.host,
    verdict:
      impossible.length > 0 ? 'impossible' : doubts.length > 0 ? 'cannot tell' : 'consistent',
    end: over === null ? (it.ended ?? 'alive') : 'ended',
    over,
    story: wholeStory(it),
    inflight: it.inflight,
    hold: it.hold,
    release: it.release,
    attempts: it.attempts ?? (it.tries > 0 ? it.tries : null),
    seconds: it.last?.seconds ?? null,
    warnings: it.warnings,
    repeated: it.repeated,
    trend: trendOf(it),
    destroyedAt: destroyedAt(it),
    doubts,
    around: it.around,
    firstLine: it.firstLine,
    lastLine: it.lastLine,
    impossible,
  }
}

function wholeStory({ hold, release, ended, runs, told, story }: Shutdown): string[] {
  const counters =
    hold === null || ended === 'freed by force' ? [] : [`${hold} held, ${release} released`]
  const asked = runs.map(
    ({ inflight, times, line }) =>
      `line ${line}: ${inflight} in flight${times > 1 ? ` (said ${times} times)` : ''}`,
  )
  const warned = told.map(
    ({ line, inflight, attempts, seconds }) =>
      `line ${line}: ${attempts === null ? `${inflight} in flight after ${seconds} s` : `still not disconnected after ${attempts} attempts, ${seconds} s`}`,
  )
  if (warned.length > MOST_STORY) warned.splice(MOST_STORY >> 1, warned.length - MOST_STORY)
  return [...counters, ...[...warned, ...story, ...asked].sort((a, b) => lineIn(a) - lineIn(b))]
}
const lineIn = (text: string): number => Number(/line (\d+)/.exec(text)?.[1] ?? 0)

/** Why the stall is over although no line says so; null: it is not, as far as the log goes. */
function whyOver(it: Shutdown, crashes: readonly Crash[]): string | null {
  const { last, boot } = it
  if (boot.endedBy !== undefined)
    return `the machine was booted again (line ${boot.endedBy}), and this went with the old kernel`
  if (last === undefined || isCutShort(it, last, crashes)) return null
  const until = Math.max(...it.stretches.map((stretch) => stretch.until))
  const silent = Number.isNaN(last.at) ? wallPassed(last.wall, boot.wall) : until - last.at
  if (silent > OVER)
    return `the log goes on for ${Math.round(silent)} s without the warning that is due every ${last.interval + 1} s: the pages came back, most likely, and the pool was freed`
  return it.followedBy === undefined
    ? null
    : `from line ${it.followedBy} on another pool has this id: the log goes on in another boot, or on another machine`
}
/** The kernel crashed before the next warning was due: that none comes means nothing. */
const isCutShort = (it: Shutdown, last: Warning, crashes: readonly Crash[]): boolean =>
  crashes.some(
    ({ host, line, at }) =>
      (host === it.host || it.host === '') && line > last.line && !(at - last.at > OVER),
  )

function destroyedAt({ told }: Shutdown): number | null {
  const stamped = told.find(({ at }) => !Number.isNaN(at))
  return stamped === undefined ? null : stamped.at - stamped.seconds
}
function trendOf({ told }: Shutdown): Trend | null {
  const counts = told.filter(({ inflight }) => inflight !== null)
  const last = counts.at(-1)
  const isOdd = counts.some(({ inflight }, i) => i > 0 && inflight! > counts[i - 1]!.inflight!)
  if (last === undefined || isOdd) return null
  const since = counts.findLastIndex(({ inflight }) => inflight !== last.inflight) + 1
  return {
    from: counts[0]!.inflight!,
    to: last.inflight!,
    constantSince: counts[since]!.seconds,
    until: last.seconds,
    fellAfter: since === 0 ? null : counts[since - 1]!.seconds,
  }
}
