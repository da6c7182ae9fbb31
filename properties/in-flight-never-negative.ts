import { pool } from '../model/families.ts'
import type { Property } from './property.ts'

export const inFlightNeverNegative: Property = {
  id: 'in-flight-never-negative',
  says: 'the in-flight count is never negative, also when the counters wrap',
  because:
    'page_pool_inflight() warns "Negative(%d) inflight packet-pages"; 43130d02baa1 (CVE-2025-37859) is about what follows.',
  families: [pool],
  never: ['inflight-negative'],
  exercisedBy: {
    says: 'the count is read with pages out, after the hold counter passed 2^(bits-1) or wrapped to 0',
    when: (f) =>
      f.ledger.seen.counter_wrapped && f.ledger.pool.all.some((pool) => pool.out_at_read > 0),
  },
}
