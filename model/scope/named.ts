/** The scopes that belong to no family: those every pool is searched in, and the other worlds. */
import { base, type Scope } from './bounds.ts'
import { corner, small } from './sizes.ts'
import { worlds } from './worlds.ts'

/**
 * Named scopes. `random` is for random runs. The others are searched: `small` is the least that
 * shuts down with a page out, `corner` has every mechanism with one page, `medium` has two pages on
 * their way back from four holders at once, `large` has every mechanism with two pages and is run by
 * hand (minutes, some GB).
 */
const sizes = {
  random: { ...base, name: 'random' },
  small,
  corner,
  medium: {
    ...corner,
    name: 'medium',
    pages: 2,
    counterStarts: [0],
    faults: 0,
    holders: ['socket', 'defrag', 'defer'],
    extraReferences: false,
    reuse: false,
    rxqs: 3,
  },
  large: {
    ...corner,
    name: 'large',
    pages: 2,
    bulk: 2,
    cacheSize: 2,
    ringSize: 2,
    rxSlots: 2,
    faults: 2,
    ids: 3,
  },
  /** Two nodes: interrupts move, zones run dry, packets come back on the CPU of NAPI. */
  numa: {
    ...corner,
    name: 'numa',
    pages: 2,
    cacheSize: 2,
    ringSize: 2,
    rxSlots: 2,
    counterStarts: [0],
    faults: 1,
    dmaSync: false,
    holders: ['socket'],
    extraReferences: false,
    reuse: false,
    nodes: 2,
  },
} as const satisfies Record<string, Scope>

export const scopes = { ...sizes, ...worlds }
