/** Designs of the pool as a whole: how it goes away while pages of it are out. */
import { drivers } from '../drivers/drivers.ts'
import { nic } from '../drivers/nic.ts'
import type { Family } from '../family.ts'
import type { Kernel } from '../kernel.ts'
import { beforeProbe, poolWorld } from '../pool/world.ts'
import { scopes } from '../scope/named.ts'
import type { Scope } from '../scope/bounds.ts'
import { stack } from '../skb/stack.ts'
import { driverCore } from '../world/io/device.ts'
import { poolEvents } from './events.ts'

export const pool: Family = {
  id: 'pool',
  says: 'a page_pool with a driver that uses it, a stack that holds its pages, and a device that goes away',
  wholePools: true,
  asksForPreemption: true,
  base: () => ({ ...driverCore, ...stack, ...nic }),
  driver: ({ driver }) => drivers[driver],
  fields: poolWorld,
  initial: beforeProbe,
  events: (scope, kernel: Kernel) => poolEvents(scope, kernel),
  size: ({ pages }) => (pages === 1 ? '1 page' : `${pages} pages`),
  scopes: {
    small: scopes.small,
    searched: [scopes.corner, scopes.medium],
    random: scopes.random,
  },
}

/** Where destroy goes through pages by number they cannot be exchanged: two kinds of holders at once, not three. */
export const pagesToldApart = {
  searched: [
    scopes.corner,
    { ...scopes.medium, name: 'medium,holders=socket+defrag', holders: ['socket', 'defrag'] },
    { ...scopes.small, name: 'small,pages=2,reuse=true', pages: 2, reuse: true },
  ],
  random: scopes.random,
} as const satisfies { searched: readonly Scope[]; random: Scope }
