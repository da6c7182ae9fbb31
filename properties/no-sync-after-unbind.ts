import type { Property } from './property.ts'

export const noSyncAfterUnbind: Property = {
  id: 'no-sync-after-unbind',
  says: 'no page is synced for a device whose driver was unbound',
  because:
    'Recycling syncs a page for the device before it goes into the ring (page_pool_dma_sync_for_device()); ee62ce7a1d90 adds a re-check under RCU for it.',
  families: ['pool'],
  never: ['sync-after-unbind'],
  exercisedBy: {
    says: 'the driver is unbound while pages are out, and the pool syncs',
    when: (f) => f.scope.dmaSync && f.ledger.seen.unbound_with_pages_out,
  },
}
