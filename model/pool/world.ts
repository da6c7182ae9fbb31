/**
 * The state of a world with whole pools in it, put together of what each mechanism declares: the kernel's own
 * variables, and apart from them the ledger, which is what is true. A design adds fields to `pool`; it never
 * sees the ledger.
 */
import { array, record, type Fields } from '../../engine/state/layout.ts'
import { driverState } from '../drivers/nic.ts'
import { cacheTruth } from '../ledger/alloc-cache.ts'
import { countSeen, countTruth } from '../ledger/counts.ts'
import { descriptorSeen } from '../ledger/descriptors.ts'
import { pageTruth } from '../ledger/page-truth.ts'
import { lifeTruth } from '../ledger/pools.ts'
import type { Scope } from '../scope/bounds.ts'
import { stackState } from '../skb/stack.ts'
import { faults, grantFaults } from '../world/fault.ts'
import { unbindSeen } from '../world/io/device.ts'
import { devices } from '../world/io/devices.ts'
import { clock } from '../world/jiffies.ts'
import { pages } from '../world/memory/page.ts'
import { napi } from '../world/napi.ts'
import { nodes } from '../world/nodes.ts'
import { tasks } from '../world/sync/context.ts'
import type { World } from '../world/world.ts'
import { registry } from '../xdp/registry.ts'
import { netlink, pools } from './fields.ts'

/** The ledger of a world with pools. */
const poolLedger = (s: Scope, truth: Fields) => ({
  ledger: record({
    page: array('page', s.pages, pageTruth(s)),
    pool: array('pool', s.pools, {
      ...lifeTruth(),
      ...cacheTruth(),
      ...countTruth(s),
      ...truth,
    }),
    seen: record({ ...unbindSeen(s), ...descriptorSeen(s), ...countSeen(s) }),
  }),
})

/**
 * What the driver does with memory models is left out of a search: none of it decides who owns a page.
 * @param own fields of the design
 * @param truth of a pool, beside what is true of every one
 */
export const poolWorld = (s: Scope, own: Fields, truth: Fields = {}): Fields => ({
  ...tasks(s),
  ...pages(s),
  ...pools(s, own),
  ...devices(s),
  ...driverState(s),
  ...stackState(s),
  ...nodes(s),
  ...napi(s),
  ...clock(s),
  ...netlink(s),
  ...faults(s),
  ...(s.details ? registry(s) : {}),
  ...poolLedger(s, truth),
})

/** The device is there, and no driver is bound to it. */
export function beforeProbe(w: World): void {
  w.dev.refcount = 1
  w.dev.iommu_group = true
  w.driver.pool = 0
  grantFaults(w)
}
