import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning } from './situations.ts'

export const noUseOfFreedNapi: Property = {
  id: 'no-use-of-freed-napi',
  says: 'napi_struct is read only while what it lies in is allocated',
  because:
    'page_pool_napi_local() follows pool->p.napi in any softirq; netif_napi_del() leaves it to the driver to wait for a grace period before it frees the memory.',
  families: [pool],
  asked: (scope) => scope.driver === 'napi-freed-early',
  never: ['use-of-freed-napi'],
  exercisedBy: {
    says: 'a softirq returns a page after the napi_struct was freed',
    when: (f) => f.napi.freed && returning(f),
  },
}
