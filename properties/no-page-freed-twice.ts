import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { pageIsFreed, returning, tearingDown } from './situations.ts'

export const noPageFreedTwice: Property = {
  id: 'no-page-freed-twice',
  says: 'a page reference is dropped only by who holds one',
  because:
    'put_page() below zero frees a page under its next owner (mm/page_alloc.c: bad page state).',
  families: [pool, numa],
  never: ['page-freed-twice'],
  exercisedBy: {
    says: 'a page is back in the allocator while somebody returns pages or tears down',
    when: (f) => pageIsFreed(f) && (returning(f) || tearingDown(f)),
  },
}
