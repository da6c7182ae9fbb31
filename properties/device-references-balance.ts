import { pool } from '../model/families.ts'
import type { Property } from './property.ts'

export const deviceReferencesBalance: Property = {
  id: 'device-references-balance',
  says: 'every get_device() has its put_device(): none too many, none left in the end',
  because:
    'f71fec47c2df ("page_pool: make sure struct device is stable"): page_pool_init() gets what page_pool_uninit() puts.',
  families: [pool],
  never: ['device-reference-underflow'],
  rest: (f) =>
    f.dev.driver === 'removed' && f.ledger.pool.all.every((pool) => pool.life !== 'allocated')
      ? leftover(f.dev.refcount)
      : undefined,
  exercisedBy: {
    says: 'the device is gone and everything has ended',
    when: (f) => f.dev.driver === 'removed',
  },
}
const leftover = (references: number): string | undefined =>
  references === 0 ? undefined : `struct device still has ${references} references at rest`
