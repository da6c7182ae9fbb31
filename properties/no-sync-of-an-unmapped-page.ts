import type { Property } from './property.ts'

export const noSyncOfAnUnmappedPage: Property = {
  id: 'no-sync-of-an-unmapped-page',
  says: 'no page is synced for the device unless it is mapped',
  because:
    'dma-debug: "device driver tries to sync DMA memory it has not allocated" (kernel/dma/debug.c).',
  families: ['pool'],
  never: ['sync-of-unmapped'],
  exercisedBy: {
    says: 'a page is in the ring of a pool that syncs',
    when: (f) => f.scope.dmaSync && f.ledger.page.all.some((page) => page.place === 'ring'),
  },
}
