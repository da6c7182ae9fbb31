/** The two scopes that the others are cut from. */
import { base, type Scope } from './bounds.ts'

/** Every mechanism with one page. */
export const corner: Scope = {
  ...base,
  name: 'corner',
  pages: 1,
  bulk: 1,
  cacheSize: 1,
  ringSize: 1,
  rxSlots: 1,
  counterBits: 3,
  counterStarts: [0, 3, 7],
  faults: 1,
  rxqs: 2,
  ids: 2,
}
/** The least that shuts down with a page out. */
export const small: Scope = {
  ...corner,
  name: 'small',
  counterStarts: [0],
  faults: 0,
  holders: ['socket'],
  extraReferences: false,
  reuse: false,
}
