import { pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { poolIsFreed, unboundWithPagesOut } from './situations.ts'

export const poolFreedOnlyWhenEmpty: Property = {
  id: 'pool-freed-only-when-empty',
  says: 'a pool is freed only when none of its pages is out',
  because:
    'c3f812cea0d7 ("page_pool: do not release pool until inflight == 0."): page->pp must stay valid while any page is out.',
  families: [pool],
  never: ['pool-freed-in-flight'],
  exercisedBy: {
    says: 'a pool is freed that destroy had left to its release work',
    when: (f) => poolIsFreed(f) && unboundWithPagesOut(f),
  },
}
