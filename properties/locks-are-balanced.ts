import { families } from '../model/families.ts'
import type { Property } from './property.ts'
import { lockBesideOthers } from './situations.ts'

export const locksAreBalanced: Property = {
  id: 'locks-are-balanced',
  says: 'every lock and read section is left by the context that entered it, before it returns',
  because:
    'lockdep; the producer lock variant was once decided twice ("page_pool: fix inconsistency for page_pool_ring_[un]lock()", 2023).',
  families,
  never: ['lock-imbalance'],
  exercisedBy: {
    says: 'somebody holds a lock while another context is inside a function',
    when: (f) => lockBesideOthers(f),
  },
}
