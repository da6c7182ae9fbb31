import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const refillReleasesOnePage: Property = {
  id: 'refill-releases-one-page',
  says: 'one refill releases at most one page',
  because:
    '"release 1 page to page-allocator and break out to fallthrough to alloc_pages_node. This limits stress on page buddy allocator" (44768decb7c0). Until 5.17 this is under consumer_lock, bottom halves off.',
  families: [numa],
  never: ['refill-releases-many'],
  exercisedBy: {
    says: 'a page from another node was met',
    when: (f) => f.ledger.pool.all.some((pool) => pool.refill_met_remote),
  },
}
