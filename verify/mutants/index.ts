/** Every mutant, by subject. */
import { accounting } from './accounting.ts'
import { allocation } from './allocation.ts'
import { destroy } from './destroy.ts'
import { device } from './device.ts'
import { dma } from './dma.ts'
import { locks } from './locks.ts'
import type { Mutant } from './mutant.ts'
import { numa } from './numa.ts'
import { pages } from './pages.ts'
import { races } from './races.ts'
import { rcu } from './rcu.ts'
import { registration } from './registration.ts'
import { scan } from './scan.ts'

export const mutantsBySubject: readonly (readonly [subject: string, readonly Mutant[]])[] = [
  ['locks', locks],
  ['read sections and grace periods', rcu],
  ['pages', pages],
  ['DMA mappings', dma],
  ['in-flight counters', accounting],
  ['the allocation side', allocation],
  ['NUMA', numa],
  ['destroy', destroy],
  ['device and driver core', device],
  ['the page scan', scan],
  ['known races', races],
  ['registration of memory models', registration],
]
export const mutants: readonly Mutant[] = mutantsBySubject.flatMap(([, list]) => list)
export type { Mutant } from './mutant.ts'
