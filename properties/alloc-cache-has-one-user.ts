import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { cacheIsWanted } from './situations.ts'

export const allocCacheHasOneUser: Property = {
  id: 'alloc-cache-has-one-user',
  says: 'only one context at a time is inside alloc.cache',
  because:
    'alloc.cache has no lock; NAPI is its protection (include/net/page_pool/types.h, struct pp_alloc_cache; 8c48eea3adf3 and its fixes).',
  families: [pool, numa],
  never: ['alloc-cache-race'],
  exercisedBy: {
    says: "a softirq of NAPI's CPU is inside alloc.cache while the driver waits for NAPI, or destroys the pool",
    when: (f) => cacheIsWanted(f),
  },
}
