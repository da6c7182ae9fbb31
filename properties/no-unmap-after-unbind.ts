import type { Property } from './property.ts'

export const noUnmapAfterUnbind: Property = {
  id: 'no-unmap-after-unbind',
  says: "no DMA mapping is undone after the device's driver was unbound",
  because:
    'Fundamentally a mapping must not outlive the driver it belongs to (R. Murphy, in "[BUG REPORT]net: page_pool: kernel crash at iommu_get_dma_domain", 2024-08); the crash is a NULL dereference in iommu_get_dma_domain() under page_pool_return_page().',
  families: ['pool'],
  never: ['unmap-after-unbind'],
  exercisedBy: {
    says: 'the driver is unbound while pages are out',
    when: (f) => f.ledger.seen.unbound_with_pages_out,
  },
}
