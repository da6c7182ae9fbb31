import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning, tearingDown } from './situations.ts'

export const noLockInFreedMemory: Property = {
  id: 'no-lock-in-freed-memory',
  says: 'no lock is taken or released inside memory that was freed',
  because:
    'CVE-2025-38129: page_pool_recycle_in_ring() unlocks a pool that the release work has freed (271683bb2cf3).',
  families: [pool, numa],
  never: ['lock-in-freed-memory'],
  exercisedBy: {
    says: 'a page is being returned while the pool is torn down',
    when: (f) => tearingDown(f) && returning(f),
  },
}
