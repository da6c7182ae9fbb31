import { registration } from '../model/families.ts'
import type { Property } from './property.ts'

export const noUseOfFreedAllocator: Property = {
  id: 'no-use-of-freed-allocator',
  says: 'struct xdp_mem_allocator is used only while it is allocated',
  because:
    '__xdp_return() looks the allocator up under rcu_read_lock(); it is freed by call_rcu() after it has left the table (8d5d88527587).',
  families: [registration],
  never: ['use-of-freed-allocator'],
  exercisedBy: {
    says: 'a returned frame found its allocator',
    when: (f) => f.ledger.seen.allocator_used,
  },
}
