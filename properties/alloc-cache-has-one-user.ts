import type { Property } from './property.ts'

export const allocCacheHasOneUser: Property = {
  id: 'alloc-cache-has-one-user',
  says: 'only one context at a time is inside alloc.cache',
  because:
    'alloc.cache has no lock; NAPI is its protection (include/net/page_pool/types.h, struct pp_alloc_cache; 8c48eea3adf3 and its fixes).',
  families: ['pool'],
  never: ['alloc-cache-race'],
  exercisedBy: {
    says: 'a page is in the alloc cache',
    when: (f) => f.ledger.page.all.some((page) => page.place === 'alloc cache'),
  },
}
