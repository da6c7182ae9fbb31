/** What of a life was not seen. */
import type { Loss } from '../text/loss.ts'
import type { Where } from '../text/where.ts'
import type { Counts } from './counts.ts'
import type { Life } from './life.ts'
import { u32 } from './numbers.ts'

/** What has to be known of a capture to judge a life in it. */
export interface CaptureEnd {
  readonly loss: Loss
  /** The last event of the capture. */
  readonly last: Where
}

export function incomplete(
  life: Life,
  { hold, release, missing }: Counts,
  { loss, last }: CaptureEnd,
): string[] {
  const doubts: string[] = []
  if (life.orphans.size > 0)
    doubts.push(
      `${life.orphans.size} pages were released that this pool is not seen to hold: events are missing, or they were released twice`,
    )
  const lost = loss.between(life.first, life.last)
  const why = lost === undefined ? '' : ` (line ${lost.line}: ${lost.says})`
  const late = lateness(life)
  if (late !== undefined) doubts.push(late)
  if (missing.holds > 0)
    doubts.push(`${missing.holds} of ${hold} hold events are not in the capture${why}`)
  if (missing.releases > 0)
    doubts.push(`${missing.releases} of ${release} release events are not in the capture${why}`)
  if (missing.attempts > 0 && late === undefined)
    doubts.push(
      `${missing.attempts} of ${life.attempts.cnts.top} release attempts are not in the capture${why}`,
    )
  const after = life.ended === undefined ? loss.between(life.last, last) : undefined
  if (after !== undefined)
    doubts.push(
      `events were lost after its last one (line ${after.line}: ${after.says}): it may have been freed since`,
    )
  return doubts
}
/** Its beginning was not seen. */
function lateness(life: Life): string | undefined {
  const { attempts, holds, releases } = life
  if (!attempts.cnts.empty && attempts.cnts.least > 1)
    return `the capture began after the pool was destroyed: the first attempt seen is number ${attempts.cnts.least}`
  if (holds.empty && !releases.empty)
    return 'no page is seen being held: the capture began later, or does not record page_pool_state_hold'
  if (!holds.empty && holds.least > 1)
    return `the capture began when the pool had held ${u32(holds.least - 1)} pages`
  return undefined
}
