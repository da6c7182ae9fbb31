import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { pageIsFreed, returning, tearingDown } from './situations.ts'

export const noReadOfFreedPage: Property = {
  id: 'no-read-of-freed-page',
  says: 'struct page is read only by who holds a reference to it',
  because:
    'A struct page is never freed itself, so a read does no harm by itself; what was read is no longer about this page (page_pool_scrub() of 6.12 walks dma_mapped without a page reference).',
  families: [pool],
  apart: 'a read alone does no harm; writes are no-use-of-freed-page',
  never: ['read-of-freed-page'],
  exercisedBy: {
    says: 'a page is back in the allocator while somebody returns pages or tears down',
    when: (f) => pageIsFreed(f) && (returning(f) || tearingDown(f)),
  },
}
