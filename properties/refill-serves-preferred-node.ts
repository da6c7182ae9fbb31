import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const refillServesPreferredNode: Property = {
  id: 'refill-serves-preferred-node',
  says: 'what a refill puts into the cache lies on the node the pool prefers',
  because:
    'page_pool_refill_alloc_cache(): "Refill alloc array, but only if NUMA match" (44768decb7c0, 2020). Pages put straight into the cache are never asked for their node, in any version.',
  families: [numa],
  never: ['remote-page-refilled'],
  exercisedBy: {
    says: 'a page from another node was met',
    when: (f) => f.ledger.pool.all.some((pool) => pool.refill_met_remote),
  },
}
