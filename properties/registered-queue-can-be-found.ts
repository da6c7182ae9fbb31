import { registration } from '../model/families.ts'
import type { Property } from './property.ts'

export const registeredQueueCanBeFound: Property = {
  id: 'registered-queue-can-be-found',
  says: 'a registered queue has an id of its own, and the id can be looked up',
  because:
    '__xdp_return() and xdp_rxq_info_unreg_mem_model() find the allocator by mem.id (net/core/xdp.c, 5.1); an id that belongs to two queues is unregistered under one of them.',
  families: [registration],
  always: (f) => {
    let ids = 0
    for (const [queue, { state, mem_id }] of f.rxq.all.entries()) {
      if (state !== 'registered') continue
      if (mem_id === -1 || !f.mem.mem_id_ht.has(mem_id))
        return `rxq ${queue} is registered and its id cannot be looked up`
      if ((ids >>> mem_id) & 1) return `rxq ${queue} shares id ${mem_id + 1} with another queue`
      ids |= 1 << mem_id
    }
    return undefined
  },
  exercisedBy: {
    says: 'two queues are registered',
    when: (f) => f.rxq.all.filter(({ state }) => state === 'registered').length > 1,
  },
}
