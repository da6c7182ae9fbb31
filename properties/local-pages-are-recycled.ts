import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const localPagesAreRecycled: Property = {
  id: 'local-pages-are-recycled',
  says: 'no page on the node the pool prefers is released because of its node',
  because:
    'A pool that asks for no node prefers that of the CPU: with NUMA_NO_NODE the check of d5394610b1ba recycles nothing (Li RongQing and Y. Lin, 2019-12).',
  families: [numa],
  never: ['local-page-released'],
  exercisedBy: {
    says: 'a refill met a page of the preferred node',
    when: (f) => f.ledger.pool.all.some((pool) => pool.refill_taken > 0 && !pool.refill_met_remote),
  },
}
