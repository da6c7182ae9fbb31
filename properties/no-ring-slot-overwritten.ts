import { ptrRing } from '../model/families.ts'
import { SOFTIRQ0, SOFTIRQ1 } from '../model/world/sync/context.ts'
import type { Property } from './property.ts'

export const noRingSlotOverwritten: Property = {
  id: 'no-ring-slot-overwritten',
  says: 'no producer of a ptr_ring writes into a slot that another one has filled: no pointer is lost',
  because: '"Callers must hold producer_lock" (include/linux/ptr_ring.h, __ptr_ring_produce()).',
  families: [ptrRing],
  never: ['slot-overwritten'],
  exercisedBy: {
    says: 'both producers are at it at once',
    when: (f) => f.task(SOFTIRQ0).pc !== 0 && f.task(SOFTIRQ1).pc !== 0,
  },
}
