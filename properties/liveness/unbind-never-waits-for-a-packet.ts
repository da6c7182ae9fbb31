import { pool } from '../../model/families.ts'
import type { LivenessProperty } from './liveness-property.ts'

/** NAPI ends its poll by itself: napi_disable() may wait for it. */
const NAPI_ENDS = 'napi_complete_done()'

export const unbindNeverWaitsForAPacket: LivenessProperty = {
  id: 'unbind-never-waits-for-a-packet',
  says: 'once the VF is being disabled its driver is unbound, even if no packet is ever released',
  because:
    'A packet may wait in a socket for ever, or in a defer_list until the next softirq of its CPU. device_release_driver() that waits for it hangs pci_disable_sriov() with the device lock held: why stalling netdev unregistration was rejected (J. Kicinski, RFC "net: make page pool stall netdev unregistration", 2024-08) and why ee62ce7a1d90 (2025) unmaps at destroy instead.',
  families: [pool],
  assumes:
    'every context that has begun something goes on, delayed work runs when its time has come, and NAPI completes its poll. No packet need ever be released: readers, timers, TX completions, the defer list and pipes may do nothing for ever',
  // Named by what is fair: a new way to release a packet is unfair until somebody says otherwise.
  fair: ({ sort, name }) =>
    sort === 'step' || sort === 'retry' || name === NAPI_ENDS ? 'strong' : 'none',
  from: (f) => f.dev.driver === 'removing',
  until: (f) => f.dev.driver !== 'removing',
  owes: () => 'the driver is still being removed',
  exercisedBy: {
    says: 'the VF is being disabled while a packet is in the stack',
    when: (f) =>
      f.dev.driver === 'removing' && f.ledger.page.all.some(({ place }) => place === 'stack'),
  },
}
