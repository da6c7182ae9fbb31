import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, tearingDown } from './situations.ts'

export const noMappingUnmappedTwice: Property = {
  id: 'no-mapping-unmapped-twice',
  says: 'a mapping is undone once: nothing is unmapped that is not mapped',
  because:
    'dma-debug: "device driver tries to free DMA memory it has not allocated"; iommu_dma_unmap_page() warns when the IOVA is not mapped (CVE-2024-44984 is one such).',
  families: [pool],
  never: ['unmap-of-unmapped'],
  exercisedBy: {
    says: 'a page is being returned while the pool is torn down',
    when: (f) => tearingDown(f) && returning(f),
  },
}
