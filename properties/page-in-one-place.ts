import { numa, pool, ptrRing } from '../model/families.ts'
import type { Property } from './property.ts'
import { besideNapi } from './situations.ts'

export const pageInOnePlace: Property = {
  id: 'page-in-one-place',
  says: 'a page is in one place at a time: allocator, cache, ring, RX ring, stack or one pair of hands',
  because:
    'A page in two places is handed out twice; the API asks for one put per page (Documentation/networking/page_pool.rst).',
  families: [pool, numa, ptrRing],
  never: ['two-places'],
  exercisedBy: {
    says: 'a page is in the ring while NAPI and somebody who returns pages are both at it',
    when: (f) => besideNapi(f) && f.ledger.page.all.some((page) => page.place === 'ring'),
  },
}
