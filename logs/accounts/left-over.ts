/** Pages at the end of a life: what is left over when everything was seen. */
import { placeOf, surelyBefore, type Where } from '../text/where.ts'
import type { Counts } from './counts.ts'
import type { Contradiction, Life } from './life.ts'
import { u32 } from './numbers.ts'

/** More pages released than held, and pages released that were not held. `last`: the end of the capture. */
export function releasedTooMuch(
  life: Life,
  { hold, release, missing }: Counts,
  last: Where,
): Contradiction[] {
  if (life.holds.empty || missing.holds > 0) return []
  const found: Contradiction[] = []
  if (missing.releases === 0 && release > hold && life.releaseTop !== undefined)
    found.push({
      check: 'negative',
      where: life.releaseTop,
      says: `release=${u32(release)}, and only ${u32(hold)} pages were ever held`,
      allowed: `no release above ${u32(hold)}`,
      window: [],
      since: life.first,
    })
  // If a block of lines was cut out, the rest of the next pool at the address may fit number by number;
  // then many pages do not, and the counters are balanced all the same.
  const isCertain = release > hold || life.orphans.size === 1
  for (const it of isCertain ? life.orphans.values() : [])
    if (!Number.isNaN(life.attempts.hold) || isWellBefore(it, last))
      found.push({
        check: 'page',
        where: it,
        says: 'a page is released that this pool does not hold: it never held it, or released it before',
        allowed: 'the release of one of the pages held and not yet released',
        window: it.window,
        since: life.first,
      })
  return found
}
/** Far enough from the end that a hold printed late would have come. */
const isWellBefore = (a: Where, last: Where): boolean =>
  last.line - a.line > 200 || last.time - a.time > 0.1

/**
 * A page that others hold while this pool counts it left without page_pool_release_page(). Certain only
 * if the pool's releases are known up to a later time.
 */
export function takenPages(life: Life): Contradiction[] {
  const found: Contradiction[] = []
  const { attempts, releaseTop } = life
  for (const holding of life.pages.values()) {
    const { taken, hashed, line } = holding
    if (taken === undefined || hashed || found.length > MOST_TAKEN) continue
    const isKnown = [attempts.last, releaseTop].some(
      (it) => it !== undefined && surelyBefore(taken, it),
    )
    if (!isKnown) continue
    const by = taken.pool === life.pool ? 'the same pool' : `pool ${taken.pool}`
    found.push({
      check: 'taken',
      where: taken,
      says: `the page held in line ${line} is held again, by ${by}, and was never released`,
      allowed: 'a release of this page first: a page is in one place only',
      window: taken.window,
      since: placeOf(holding),
    })
  }
  return found
}
const MOST_TAKEN = 8
