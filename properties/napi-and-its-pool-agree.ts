import { pool } from '../model/families.ts'
import { RTNL } from '../model/world/sync/context.ts'
import type { Property } from './property.ts'

export const napiAndItsPoolAgree: Property = {
  id: 'napi-and-its-pool-agree',
  says: 'an enabled NAPI polls a pool that knows it, and no pool that knows it is destroyed meanwhile',
  because:
    '64fdaa94bfe0 ("net: page_pool: allow enabling recycling late, fix false positive warning", 2025): after a failed restart the new pool was destroyed under a running NAPI, and the old one had lost direct recycling.',
  families: [pool],
  asked: (scope) => scope.napiLinks,
  never: ['napi-may-race', 'recycling-lost'],
  exercisedBy: {
    says: 'two pools are there while NAPI is enabled and the queue is being restarted',
    when: (f) =>
      f.driver.napi_enabled &&
      f.task(RTNL).pc !== 0 &&
      f.ledger.pool.all.filter((pool) => pool.life === 'allocated').length > 1,
  },
}
