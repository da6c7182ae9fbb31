import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const noAllocationFailsWithPages: Property = {
  id: 'no-allocation-fails-with-pages',
  says: 'no allocation fails while pages of the preferred node that it found in the ring are still there',
  because:
    'A driver whose refill fails stops receiving, or drops packets, for want of a page that is there.',
  families: [numa],
  never: ['allocation-failed-with-pages'],
  exercisedBy: {
    says: 'NAPI refills while the page allocator has no page',
    when: (f) =>
      f.driver.napi_scheduled && f.ledger.page.all.every(({ place }) => place !== 'page allocator'),
  },
}
