import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, tearingDown } from './situations.ts'

export const noUseOfFreedPool: Property = {
  id: 'no-use-of-freed-pool',
  says: 'struct page_pool is touched only while it is allocated, never through a stale or NULL page->pp',
  because:
    'page_pool_release() frees the pool as soon as nothing is in flight; whoever still works on it uses freed memory (KASAN: slab-use-after-free).',
  families: [pool, numa],
  never: ['use-of-freed-pool', 'null-pool'],
  exercisedBy: {
    says: 'a page is being returned while the pool is torn down',
    when: (f) => tearingDown(f) && returning(f),
  },
}
