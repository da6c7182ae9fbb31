import type { Property } from './property.ts'

export const locksAreBalanced: Property = {
  id: 'locks-are-balanced',
  says: 'every lock and read section is left by the context that entered it, before it returns',
  because:
    'lockdep; the producer lock variant was once decided twice ("page_pool: fix inconsistency for page_pool_ring_[un]lock()", 2023).',
  families: ['pool', 'numa', 'registration'],
  never: ['lock-imbalance'],
  exercisedBy: {
    says: 'a lock is held',
    when: (f) =>
      f.task.all.some((task) => task.preempt_count + task.bh_disabled > 0) ||
      f.mem.mem_id_lock !== -1,
  },
}
