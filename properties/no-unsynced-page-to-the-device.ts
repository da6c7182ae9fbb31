import { pool } from '../model/families.ts'
import type { Property } from './property.ts'

export const noUnsyncedPageToTheDevice: Property = {
  id: 'no-unsynced-page-to-the-device',
  says: 'a page is synced for the device before the device may write into it again',
  because:
    'PP_FLAG_DMA_SYNC_DEV promises it to the driver (include/net/page_pool/types.h); without it a dirty cache line is written back over what the device wrote.',
  families: [pool],
  asked: (scope) => scope.duties && scope.dmaSync && scope.needSync,
  never: ['unsynced-page-posted'],
  exercisedBy: {
    says: 'a page that was recycled is in the RX ring again',
    when: (f) => f.ledger.seen.posted_again,
  },
}
