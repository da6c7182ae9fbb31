/** NUMA nodes (include/linux/topology.h). */
import { NONE, optional, uint } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'
import type { Pool, World } from './world.ts'

/** The node of the CPU that runs NAPI, and each present call in a sequential run: numa_mem_id(). */
export const nodes = (s: Scope) => ({ numa_mem_id: optional(s.nodes > 1, uint(s.nodes - 1), 0) })
declare module './world.ts' {
  interface Parts {
    numa_mem_id: number
  }
}

/** The node pages of this pool should lie on: the one asked for, or that of the CPU NAPI runs on. */
export const preferredNode = (w: World, pool: Pool): number => {
  const { nid } = w.pool(pool)
  return nid === NONE ? w.numa_mem_id : nid
}
