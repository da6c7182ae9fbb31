/** The worlds mutants are searched in: the smallest in which each can show. */
import { scopes } from '../model/scope/named.ts'
import { worlds } from '../model/scope/worlds.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { ptrRing } from '../model/families.ts'

const { small, random, numa } = scopes
const twoNodes: Scope = { ...numa, name: 'two-nodes', rxSlots: 1, faults: 0 }
const two: Scope = { ...small, name: 'two', pages: 2, rxSlots: 2 }
const shared: Scope = { ...small, name: 'shared', extraReferences: true }

export const mutantScopes = {
  small,
  /** One injected failure. */
  fault: { ...small, name: 'fault', faults: 1 },
  /** The page may have a second user, so that it is not recycled but given back by whoever puts it. */
  shared,
  /** The same without `PP_FLAG_DMA_SYNC_DEV`: designs that sync too late show their other sides. */
  'no-sync': { ...shared, name: 'no-sync', dmaSync: false },
  /** Two pages, and one slot in the ring. */
  two,
  /** Packets are freed by a process on CPU 0 and by a softirq on CPU 1. */
  'two-holders': { ...two, name: 'two-holders', holders: ['socket', 'defrag'] },
  /** Packets go back to CPU 0 by its defer_list, too. */
  'defer-list': { ...two, name: 'defer-list', holders: ['socket', 'defer'] },
  /** A percpu pool whose pages come back in softirqs of another CPU. */
  'percpu-elsewhere': { ...worlds['percpu-pool'], name: 'percpu-elsewhere', holders: ['defrag'] },
  /** A bulk finds room for one page. */
  'bulk-full-ring': { ...worlds['bulk-return'], name: 'bulk-full-ring', ringSize: 1 },
  /** Whether a pool and its NAPI know each other is followed through a restart. */
  'restart-links': { ...worlds['queue-restart'], name: 'restart-links', napiLinks: true },
  /** Somebody disables interrupts. */
  interrupts: { ...small, name: 'interrupts', irqs: true },
  /** Two NUMA nodes, between which the interrupt moves. */
  'two-nodes': twoNodes,
  /** The same, and a refill takes two pages. */
  'two-nodes-bulk-2': { ...twoNodes, name: 'two-nodes-bulk-2', bulk: 2, cacheSize: 2 },
  /** Other drivers, devices, holders: model/scope/worlds.ts says what each is about. */
  ...worlds,
  /** A ring by itself. */
  'ptr-ring': ptrRing.scopes.small,
  /** 32-bit counters that begin near a wrap: for random runs. */
  wrap: { ...random, name: 'wrap', counterStarts: [2 ** 31 - 2, 2 ** 32 - 2] },
} as const satisfies Record<string, Scope>
export type MutantScope = keyof typeof mutantScopes
/** Too large to be searched: explored by random runs. */
export const randomScopes: ReadonlySet<MutantScope> = new Set(['wrap'])
