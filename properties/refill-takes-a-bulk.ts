import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const refillTakesABulk: Property = {
  id: 'refill-takes-a-bulk',
  says: 'a refill takes PP_ALLOC_CACHE_REFILL pages, or fewer up to the first from another node or the end of the ring',
  because:
    'page_pool_refill_alloc_cache() counts the page it returns; until 5.5 one more than a bulk left the ring at once.',
  families: [numa],
  never: ['refill-size'],
  exercisedBy: {
    says: 'a refill takes a bulk',
    when: (f) => f.ledger.pool.all.some((pool) => pool.refill_taken === f.scope.bulk),
  },
}
