import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, tearingDown } from './situations.ts'

export const noSyncOfAnUnmappedPage: Property = {
  id: 'no-sync-of-an-unmapped-page',
  says: 'no page is synced for the device unless it is mapped',
  because:
    'dma-debug: "device driver tries to sync DMA memory it has not allocated" (kernel/dma/debug.c).',
  families: [pool],
  never: ['sync-of-unmapped'],
  exercisedBy: {
    says: 'a page is being returned while a pool that syncs is torn down',
    when: (f) => f.scope.dmaSync && tearingDown(f) && returning(f),
  },
}
