/** Designs of the registration of XDP memory models: ids, the hash table, and allocators freed by RCU. */
import { record, type Fields } from '../../engine/state/layout.ts'
import type { Family } from '../family.ts'
import { allocatorSeen, allocatorTruth } from '../ledger/allocators.ts'
import { scopes } from '../scope/named.ts'
import type { Scope } from '../scope/bounds.ts'
import { faults, grantFaults } from '../world/fault.ts'
import { tasks } from '../world/sync/context.ts'
import { registry, registrySeen } from '../xdp/registry.ts'
import { registrationEvents } from './events.ts'
import type { XdpRegistration } from './registration.ts'

const fields = (s: Scope): Fields => ({
  ...tasks(s),
  ...faults(s),
  ...registry(s),
  ledger: record({
    ...allocatorTruth(s),
    seen: record({ ...registrySeen(), ...allocatorSeen() }),
  }),
})

/** Three queues and a failure: two pages make no difference to the registration of memory models. */
const queues: Scope = { ...scopes.medium, name: 'queues', faults: 1 }

export const registration: Family = {
  id: 'registration',
  says: 'the registration of XDP memory models, without pages and pools',
  wholePools: false,
  asksForPreemption: false,
  base: () => ({}),
  fields,
  initial: (w) => {
    grantFaults(w)
    w.mem.mem_id_next = 1
  },
  events: (scope, kernel: XdpRegistration) => registrationEvents(scope, kernel),
  size: ({ rxqs, ids }) => `${rxqs} RX queues, ${ids} ids`,
  scopes: {
    small: scopes.small,
    searched: [scopes.corner, queues],
    random: scopes.random,
  },
}
