import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { pageIsFreed, returning, tearingDown } from './situations.ts'

export const noPageFreedWhileMapped: Property = {
  id: 'no-page-freed-while-mapped',
  says: 'no page goes back to the page allocator with a live DMA mapping',
  because:
    'The device could write into memory that belongs to somebody else (page_pool_return_page() unmaps before put_page()).',
  families: [pool],
  never: ['freed-while-mapped'],
  exercisedBy: {
    says: 'a page is back in the allocator while somebody returns pages and the pool is torn down',
    when: (f) => pageIsFreed(f) && returning(f) && tearingDown(f),
  },
}
