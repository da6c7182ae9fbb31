import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, unboundWithPagesOut } from './situations.ts'

export const noUnmapAfterUnbind: Property = {
  id: 'no-unmap-after-unbind',
  says: "no DMA mapping is undone after the device's driver was unbound",
  because:
    'Fundamentally a mapping must not outlive the driver it belongs to (R. Murphy, in "[BUG REPORT]net: page_pool: kernel crash at iommu_get_dma_domain", 2024-08); the crash is a NULL dereference in iommu_get_dma_domain() under page_pool_return_page().',
  families: [pool],
  never: ['unmap-after-unbind', 'unmap-after-iommu-release'],
  exercisedBy: {
    says: 'a page is being returned after the driver was unbound',
    when: (f) => unboundWithPagesOut(f) && returning(f),
  },
}
