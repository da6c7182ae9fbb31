import type { Property } from './property.ts'

export const noPageFreedWhileMapped: Property = {
  id: 'no-page-freed-while-mapped',
  says: 'no page goes back to the page allocator with a live DMA mapping',
  because:
    'The device could write into memory that belongs to somebody else (page_pool_return_page() unmaps before put_page()).',
  families: ['pool'],
  never: ['freed-while-mapped'],
  exercisedBy: {
    says: 'a page that was in use is back in the allocator',
    when: (f) => f.ledger.page.all.some((page) => page.used && page.place === 'page allocator'),
  },
}
