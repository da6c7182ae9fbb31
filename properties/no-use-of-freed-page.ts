import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { pageIsFreed, returning, tearingDown } from './situations.ts'

export const noUseOfFreedPage: Property = {
  id: 'no-use-of-freed-page',
  says: 'struct page is not written once the page belongs to the allocator or to somebody else',
  because:
    'page->pp, pp_magic and dma_addr share their words with what other users keep in struct page (include/linux/mm_types.h).',
  families: [pool, numa],
  never: ['use-of-freed-page'],
  exercisedBy: {
    says: 'a page is back in the allocator while somebody returns pages or tears down',
    when: (f) => pageIsFreed(f) && (returning(f) || tearingDown(f)),
  },
}
