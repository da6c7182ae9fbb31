/** Every mutant, by subject. */
import { accounting } from './accounting.ts'
import { address } from './address.ts'
import { allocation } from './allocation.ts'
import { barrier } from './barrier.ts'
import { destroy } from './destroy.ts'
import { device } from './device.ts'
import { dma } from './dma.ts'
import { drivers } from './drivers.ts'
import { fragments } from './fragments.ts'
import { locks } from './locks.ts'
import type { Mutant } from './mutant.ts'
import { numa } from './numa.ts'
import { pages } from './pages.ts'
import { races } from './races.ts'
import { rcu } from './rcu.ts'
import { recycling } from './recycling.ts'
import { registration } from './registration.ts'
import { scan } from './scan.ts'
import { sync } from './sync.ts'

export const mutantsBySubject: readonly (readonly [subject: string, readonly Mutant[]])[] = [
  ['locks', locks],
  ['read sections and grace periods', rcu],
  ['pages', pages],
  ['DMA mappings', dma],
  ['who unmaps, and who waits for it', address],
  ['syncing for the device', sync],
  ['fragments', fragments],
  ['in-flight counters', accounting],
  ['the allocation side', allocation],
  ['NUMA', numa],
  ['destroy', destroy],
  ['the barrier before the kfree()', barrier],
  ['direct recycling', recycling],
  ['drivers and users', drivers],
  ['device and driver core', device],
  ['the page scan', scan],
  ['known races', races],
  ['registration of memory models', registration],
]
export const mutants: readonly Mutant[] = mutantsBySubject.flatMap(([, list]) => list)
export type { Mutant } from './mutant.ts'
