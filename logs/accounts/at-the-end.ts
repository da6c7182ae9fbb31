/** What contradicts the accounting only once the whole life is known. */
import type { Where } from '../text/where.ts'
import { isLone } from './attempts.ts'
import type { Counts } from './counts.ts'
import { releasedTooMuch, takenPages } from './left-over.ts'
import type { Contradiction, Life, Outlier } from './life.ts'
import { u32 } from './numbers.ts'

/** `last`: the end of the capture. */
export function atTheEnd(life: Life, counts: Counts, last: Where): Contradiction[] {
  const { missing } = counts
  const isWhole = missing.holds + missing.releases + missing.attempts + life.doubts.length === 0
  return [
    ...displaced(life.outliers, (n) => life.holds.has(n), 'hold'),
    ...displaced(life.releaseOutliers, (n) => life.releases.has(n), 'release'),
    ...displaced(life.cntOutliers, (n) => life.attempts.cnts.has(n), 'cnt'),
    ...(isWhole ? ids(life) : []),
    ...afterTheEnd(life),
    ...releasedTooMuch(life, counts, last),
    ...(missing.releases > 0 ? [] : takenPages(life)),
  ]
}

/** Numbers that stand in another's place, which never comes. */
function displaced(
  outliers: readonly Outlier[],
  has: (n: number) => boolean,
  name: string,
): Contradiction[] {
  return outliers
    .filter(({ due }) => !has(due))
    .map(({ number, due, where, window }) => ({
      check: 'counter' as const,
      where,
      says: `${name}=${u32(number)} stands where ${name}=${u32(due)} is due: the event after it on this CPU is ${u32(due + 1)}, and ${u32(due)} never comes`,
      allowed: `${name}=${u32(due)}`,
      window,
      // Pages are held one after the other; releases of several CPUs may overtake each other.
      since: name === 'release' || where.cpu < 0 ? where : undefined,
    }))
}

/** A release number that the counter of a freed pool never reached. */
function afterTheEnd({ ended, releases, attempts, releaseTop }: Life): Contradiction[] {
  if (ended?.how !== 'freed' || Number.isNaN(attempts.release)) return []
  if (!isLone(releases, attempts.release)) return []
  return [
    {
      check: 'counter',
      where: releaseTop!,
      says: `release=${u32(releases.top)}, and the pool was freed at release=${u32(attempts.release)} in line ${ended.where.line}`,
      allowed: `no release above ${u32(attempts.release)}`,
      window: [],
      since: releaseTop,
    },
  ]
}

/** A freed pool whose connected id stays, while an id that was never connected goes. */
function ids(life: Life): Contradiction[] {
  if (life.ended === undefined) return []
  const left = [...life.ids].filter(([, it]) => it.connected && it.disconnected === undefined)
  const odd = [...life.ids].find(([, it]) => !it.connected && it.disconnected !== undefined)
  if (left.length === 0 || odd === undefined) return []
  return [
    {
      check: 'id',
      where: odd[1].disconnected!,
      says: `mem_disconnect of mem_id=${odd[0]}, and this pool was connected as mem_id=${left[0]![0]}`,
      allowed: `mem_id=${left[0]![0]}`,
      window: [],
      since: life.first,
    },
  ]
}
