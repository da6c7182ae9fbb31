import { registration } from '../model/families.ts'
import type { Facts, Property } from './property.ts'

export const noMemIdLeaked: Property = {
  id: 'no-mem-id-leaked',
  says: 'once nothing is running, an id is taken if and only if a registered queue can look it up',
  because:
    'xdp_rxq_info_unreg_mem_model() frees an id only if it finds it (J. D. Brouer, "xdp: fix leak of IDA cyclic id if rhashtable_insert_slow fails", 2019).',
  families: [registration],
  never: ['id-freed-twice'],
  always: (f) => {
    if (f.task.all.some((task) => task.pc !== 0)) return undefined
    const { mem_id_pool, mem_id_ht, rcu_pending } = f.mem
    const wrong = mem_id_pool.mask ^ (mem_id_ht.mask | rcu_pending.mask)
    if (wrong === 0) return leftOver(f)
    const id = 31 - Math.clz32(wrong)
    return mem_id_pool.has(id)
      ? `id ${id + 1} is taken and cannot be looked up`
      : `id ${id + 1} can be looked up and is not taken`
  },
  exercisedBy: {
    says: 'an insert into the hash table failed',
    when: (f) => f.ledger.seen.insert_failed,
  },
}

/** No queue is registered, no grace period is pending, and an id is still taken. */
function leftOver(f: Facts): string | undefined {
  const registered = f.rxq.all.some(({ state }) => state !== 'new')
  const { mem_id_pool, rcu_pending } = f.mem
  if (registered || !rcu_pending.isEmpty || mem_id_pool.isEmpty) return undefined
  return `id ${32 - Math.clz32(mem_id_pool.mask)} is taken and no queue is registered`
}
