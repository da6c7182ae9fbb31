/** What is true of a page, as far as any mechanism follows it: the scope leaves out what nobody asks about. */
import type { Scope } from '../scope/bounds.ts'
import { mappingTruth } from '../world/io/dma.ts'
import { inFlightTruth } from './counts.ts'
import { descriptorTruth } from './descriptors.ts'
import { fragmentTruth } from './fragments.ts'
import { placeTruth, ringTruth, usedTruth } from './pages.ts'

export const pageTruth = (s: Scope) => ({
  ...placeTruth(s),
  ...inFlightTruth(),
  ...mappingTruth(s),
  ...fragmentTruth(s),
  ...descriptorTruth(s),
  ...usedTruth(),
  ...ringTruth(s),
})
