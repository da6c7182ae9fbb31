import type { Property } from './property.ts'

export const noPageFreedTwice: Property = {
  id: 'no-page-freed-twice',
  says: 'a page reference is dropped only by who holds one',
  because:
    'put_page() below zero frees a page under its next owner (mm/page_alloc.c: bad page state).',
  families: ['pool', 'numa'],
  never: ['page-freed-twice'],
  exercisedBy: {
    says: 'a page that was in use is back in the allocator',
    when: (f) => f.ledger.page.all.some((page) => page.used && page.place === 'page allocator'),
  },
}
