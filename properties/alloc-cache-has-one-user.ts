import type { Property } from './property.ts'
import { besideNapi, napiInCache } from './situations.ts'

export const allocCacheHasOneUser: Property = {
  id: 'alloc-cache-has-one-user',
  says: 'only one context at a time is inside alloc.cache',
  because:
    'alloc.cache has no lock; NAPI is its protection (include/net/page_pool/types.h, struct pp_alloc_cache; 8c48eea3adf3 and its fixes).',
  families: ['pool', 'numa'],
  never: ['alloc-cache-race'],
  exercisedBy: {
    says: 'NAPI is inside alloc.cache while somebody else is in the pool, or on the way to empty it',
    when: (f) => napiInCache(f) && besideNapi(f),
  },
}
