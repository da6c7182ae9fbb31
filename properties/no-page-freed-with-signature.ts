import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { pageIsFreed, returning, tearingDown } from './situations.ts'

export const noPageFreedWithSignature: Property = {
  id: 'no-page-freed-with-signature',
  says: 'a page goes back to the page allocator only after it was disconnected from its pool',
  because:
    'mm/page_alloc.c reports "page_pool leak" for a page freed with PP_SIGNATURE (dba1b8a7ab68, "mm/page_pool: catch page_pool memory leaks").',
  families: [pool],
  never: ['freed-with-signature'],
  exercisedBy: {
    says: 'a page is back in the allocator while somebody returns pages and the pool is torn down',
    when: (f) => pageIsFreed(f) && returning(f) && tearingDown(f),
  },
}
