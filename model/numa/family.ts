/** Designs of what a pool does about pages of another node. */
import type { Family } from '../family.ts'
import { poolWorld } from '../pool/world.ts'
import { scopes } from '../scope/named.ts'
import { pool } from '../shutdown/family.ts'
import { numaObservers, refillTruth } from './observers.ts'

export const numa: Family = {
  ...pool,
  id: 'numa',
  says: 'the same pool where there is more than one node: which pages are kept, and which are released',
  fields: (scope, own) => poolWorld(scope, own, refillTruth(scope)),
  observers: ({ nodes }) => (nodes > 1 ? numaObservers : {}),
  scopes: {
    small: { ...scopes.small, nodes: 2 },
    /** Every other mechanism with two nodes; and two pages on two nodes. */
    searched: [
      {
        ...scopes.corner,
        name: 'corner-numa',
        nodes: 2,
        counterStarts: [0],
        holders: ['defrag'],
        extraReferences: false,
        reuse: false,
      },
      scopes.numa,
    ],
    random: {
      ...scopes.random,
      name: 'random-numa',
      nodes: 2,
      holders: ['socket', 'defrag'],
      extraReferences: false,
      reuse: false,
    },
  },
}
