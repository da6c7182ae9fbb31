import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning } from './situations.ts'

export const noUseOfFreedDevice: Property = {
  id: 'no-use-of-freed-device',
  says: 'struct device is not handed to the DMA API after its last reference was dropped',
  because:
    'f71fec47c2df ("page_pool: make sure struct device is stable"): pool->p.dev dangles once the core has put the device.',
  families: [pool, numa],
  never: ['use-of-freed-device'],
  exercisedBy: {
    says: 'struct device is freed while somebody returns a page',
    when: (f) => f.dev.refcount === 0 && returning(f),
  },
}
