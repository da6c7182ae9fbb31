/**
 * A driver that destroys its pool in ndo_stop(): unregister_netdevice_many_notify() (net/core/dev.c) then waits
 * for a grace period before remove() goes on to unbind.
 */
import type { Steps } from '../step.ts'
import type { Kernel } from '../kernel.ts'
import { synchronize_rcu } from '../world/sync/rcu.ts'
import type { Driver } from './driver.ts'
import { nic } from './nic.ts'

export const unregisters: Driver = {
  functions: {
    *nic_remove(this: Kernel): Steps {
      yield* nic.nic_remove.call(this)
      yield* synchronize_rcu()
    },
  },
  events: () => [],
}
