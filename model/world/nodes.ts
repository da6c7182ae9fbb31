/** NUMA nodes (include/linux/topology.h). */
import { optional, uint } from '../../engine/state/layout.ts'
import type { Scope } from '../scope/bounds.ts'

/** The node of the CPU that runs NAPI, and each present call in a sequential run: numa_mem_id(). */
export const nodes = (s: Scope) => ({ numa_mem_id: optional(s.nodes > 1, uint(s.nodes - 1), 0) })
declare module './world.ts' {
  interface Parts {
    numa_mem_id: number
  }
}
