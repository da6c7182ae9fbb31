import { numa, pool } from '../model/families.ts'
import type { Property } from './property.ts'
import { returning } from './situations.ts'

export const inFlightEqualsLedger: Property = {
  id: 'in-flight-equals-ledger',
  says: 'whenever the kernel acts on the in-flight count, it is the number of pages really out',
  because:
    'page_pool_inflight(): hold and release counters, compared as serial numbers (RFC 1982); d956a048cd3f.',
  families: [pool, numa],
  never: ['inflight-wrong'],
  exercisedBy: {
    says: 'the count is read while a page is on its way back',
    when: (f) => f.ledger.pool.all.some((pool) => pool.out_at_read > 0) && returning(f),
  },
}
