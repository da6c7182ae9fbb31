import { numa } from '../model/families.ts'
import type { Property } from './property.ts'

export const newNidEmptiesTheCache: Property = {
  id: 'new-nid-empties-the-cache',
  says: 'when page_pool_update_nid() returns, no page of another node is left in the cache',
  because:
    'What is in the cache is served without being asked for its node: "Flush pool alloc cache, as refill will check NUMA node" (page_pool_update_nid(), 44768decb7c0).',
  families: [numa],
  never: ['remote-page-kept'],
  exercisedBy: {
    says: 'NAPI runs on another node than that of a page in the cache',
    when: (f) =>
      f.driver.napi_scheduled &&
      f.ledger.page.all.some(
        ({ place }, i) => place === 'alloc cache' && f.page.all[i]!.nid !== f.numa_mem_id,
      ),
  },
}
