import { pool, registration } from '../model/families.ts'
import type { Property } from './property.ts'
import { sleeperBesideAtomic } from './situations.ts'

export const noSleepingWhileAtomic: Property = {
  id: 'no-sleeping-while-atomic',
  says: 'nothing sleeps with a spin lock held, bottom halves disabled, or inside an RCU read section',
  because:
    'CONFIG_DEBUG_ATOMIC_SLEEP; CVE-2024-43834 (page_pool_destroy() under rcu_read_lock()) was one such.',
  families: [pool, registration],
  never: ['sleeping-while-atomic'],
  exercisedBy: {
    says: 'rtnl, which may sleep, runs beside a softirq, a read section or a lock holder',
    when: (f) => sleeperBesideAtomic(f),
  },
}
