import { pool } from '../../model/families.ts'
import { NONE } from '../../engine/state/layout.ts'
import type { Facts } from '../property.ts'
import type { LivenessProperty } from './liveness-property.ts'

const WITH_THE_POOL: ReadonlySet<string> = new Set(['alloc cache', 'ring'])
/** No page of a pool is with anybody else: what is left lies in the pool's own cache and ring. */
const nothingOut = (f: Facts): boolean =>
  f.ledger.page.all.every((page) => page.of === NONE || WITH_THE_POOL.has(page.place))
const abandoned = (f: Facts): boolean =>
  f.dev.driver === 'removed' &&
  nothingOut(f) &&
  f.ledger.pool.all.some(({ life }) => life === 'allocated')

export const deferredReleaseDoesNotRunForEver: LivenessProperty = {
  id: 'deferred-release-does-not-run-for-ever',
  says: 'once the driver is gone and nothing of its pool is out any more, release_dw stops being re-queued',
  because:
    'page_pool_release_retry() re-queues itself while page_pool_inflight() is not zero. A count that went negative, or a page left in alloc.cache, keeps it running once a second for ever (43130d02baa1, "page_pool: avoid infinite loop to schedule delayed worker", 2025, CVE-2025-37859).',
  families: [pool],
  assumes:
    'every context that has begun something goes on, and delayed work runs when its time has come',
  fair: ({ sort }) => (sort === 'step' || sort === 'retry' ? 'strong' : 'none'),
  from: abandoned,
  until: (f) => !abandoned(f),
  endless: ({ sort }) => sort === 'retry',
  owes: () => 'release_dw runs again and again, and nothing of the pool is out',
  exercisedBy: {
    says: 'the last page came back to a pool whose driver is gone',
    when: (f) => abandoned(f) && f.ledger.page.all.some(({ used }) => used),
  },
}
