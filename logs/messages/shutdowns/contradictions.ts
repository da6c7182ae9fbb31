/** What the numbers of a warning contradict: what was said before, what comes later, and themselves. */
import type { Finding } from '../../report/finding.ts'
import { wallPassed } from '../../text/kernel-line.ts'
import { rises, SAME_WALL } from './fits.ts'
import { finding } from './line-finding.ts'
import type { Shutdown } from './shutdown.ts'
import type { Warning } from './warning.ts'

/** Below this the difference of two u32 is as likely a positive one that passed 2^31 (bnxt, January 2020). */
const MAY_HAVE_WRAPPED = -(2 ** 30)

/** It has the id of a pool, its time is no other boot's, as far as the stamps go, and does not fit. */
export function misfit(old: Shutdown, w: Warning): Finding | undefined {
  const last = old.last!
  if (!(w.at >= last.at) || last.stretch !== w.stretch) return undefined
  if (!w.isExact || !last.isExact) return undefined
  const clock = w.at - last.at
  // Only where a warning of this pool is due, and could say so, is it this pool's and wrong. Elsewhere it is the
  // pool of another boot or machine, whose lines follow or are mixed in.
  const isDue = clock >= w.interval && clock <= w.interval + 3
  const byWall = wallPassed(last.wall, w.wall)
  if (!isDue || rises(last, w) || Math.abs(byWall - clock) > SAME_WALL) return undefined
  return finding(
    'time',
    w.line,
    `${w.seconds} sec, and ${last.seconds} sec in the warning before, ${clock.toFixed(1)} s earlier by the clock of the log: a stalled shutdown is reported every ${w.interval + 1} s`,
    `about ${last.seconds + Math.round(clock)} sec${w.host === '' ? ' (or this is another machine, which the log does not name)' : ''}`,
    w.text,
  )
}

interface Odd {
  readonly check: 'sum' | 'time'
  readonly says: string
  readonly allowed: string
}
/** It is the same pool by its id and the time it was destroyed: does the rest fit? */
export function contradictions(it: Shutdown, w: Warning, isMixed: boolean): void {
  const i = it.told.findIndex((o) => o.seconds > w.seconds)
  const before = i < 0 ? it.last : it.told[i - 1]
  const after = i < 0 ? undefined : it.told[i]
  const isSure = before?.stretch === w.stretch && before.isExact && w.isExact && !isMixed
  for (const { check, says, allowed } of [
    ...count(w, before, after),
    ...(before === undefined ? [] : [...interval(w, before), ...attempts(w, before)]),
  ])
    if (isSure) it.impossible.push(finding(check, w.line, says, allowed, w.text))
    else
      it.doubts.push(
        `line ${w.line}: ${says}; another machine's or boot's line, or the text was changed`,
      )
}
function count(
  { inflight }: Warning,
  before: Warning | undefined,
  after: Warning | undefined,
): Odd[] {
  if (inflight === null) return []
  if ((before?.inflight ?? Infinity) < inflight)
    return [
      {
        check: 'sum',
        says: `${inflight} in flight, and ${before!.inflight} before: after page_pool_destroy() no page is added`,
        allowed: `${before!.inflight} or fewer`,
      },
    ]
  if ((after?.inflight ?? -Infinity) > inflight)
    return [
      {
        check: 'sum',
        says: `${inflight} in flight, and ${after!.inflight} later`,
        allowed: `${after!.inflight} or more`,
      },
    ]
  return []
}
function interval(w: Warning, before: Warning): Odd[] {
  if (w.seconds - before.seconds >= w.interval) return []
  return [
    {
      check: 'time',
      says: `${w.seconds} sec, and ${before.seconds} sec in the warning before: a stalled shutdown is reported every ${w.interval + 1} s`,
      allowed: `about ${before.seconds + w.interval + 1} sec`,
    },
  ]
}
function attempts(w: Warning, before: Warning): Odd[] {
  if (w.attempts === null || w.attempts > (before.attempts ?? -1)) return []
  return [
    {
      check: 'time',
      says: `${w.attempts} attempts, and ${before.attempts} before: attempts count up`,
      allowed: 'more than before',
    },
  ]
}

/** What the numbers of one warning say by themselves. */
export function signs(it: Shutdown, w: Warning): void {
  if (w.attempts !== null && w.attempts - 1 > w.seconds + 1)
    it.impossible.push(
      finding(
        'time',
        w.line,
        `${w.attempts} attempts in ${w.seconds} s: attempts come a second apart`,
        `at most ${w.seconds + 2} attempts`,
        w.text,
      ),
    )
  if (w.inflight === null || w.inflight >= 0) return
  if (w.inflight < MAY_HAVE_WRAPPED) {
    it.ended = 'stalled'
    const says = `the count has 32 bits and a sign: ${w.inflight + 2 ** 32} pages were held and never released, or ${-w.inflight} more were released than held`
    it.tell(`line ${w.line}: ${says}`)
    it.doubts.push('the count may have passed 2^31')
  } else belowZero(it, w.inflight, w.text, w.line)
}

export function belowZero(it: Shutdown, inflight: number, text: string, line: number): void {
  it.ended = 'negative'
  it.inflight = inflight
  if (it.impossible.length === 0)
    it.impossible.push(
      finding(
        'negative',
        line,
        `the kernel counts ${inflight} pages in flight: more were released than held`,
        'a page is released once for each time it is held (in-flight-never-negative)',
        text,
      ),
    )
}
