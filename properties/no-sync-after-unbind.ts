import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, unboundWithPagesOut } from './situations.ts'

export const noSyncAfterUnbind: Property = {
  id: 'no-sync-after-unbind',
  says: 'no page is synced for a device whose driver was unbound',
  because:
    'Recycling syncs a page for the device before it goes into the ring (page_pool_dma_sync_for_device()); ee62ce7a1d90 adds a re-check under RCU for it.',
  families: [pool],
  never: ['sync-after-unbind', 'sync-after-iommu-release'],
  exercisedBy: {
    says: 'a page is being returned to a pool that syncs after the driver was unbound',
    when: (f) => f.scope.dmaSync && unboundWithPagesOut(f) && returning(f),
  },
}
