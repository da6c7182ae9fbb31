import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, unboundWithPagesOut } from './situations.ts'

export const noDmaAfterIommuRelease: Property = {
  id: 'no-dma-after-iommu-release',
  says: 'no page is unmapped or synced after iommu_release_device() took group and domain from the device',
  because:
    'device_del() notifies the IOMMU driver (drivers/base/core.c, drivers/iommu/iommu.c): what comes later finds no domain (6.1 on x86: the oops in iommu_get_dma_domain()), or one that was freed.',
  families: [pool],
  apart: 'the same as no-unmap-after-unbind and no-sync-after-unbind, where it crashes',
  never: ['unmap-after-iommu-release', 'sync-after-iommu-release'],
  exercisedBy: {
    says: 'a page is being returned after device_del()',
    when: (f) => !f.dev.iommu_group && unboundWithPagesOut(f) && returning(f),
  },
}
