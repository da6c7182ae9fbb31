/** Scopes of one world: what breaks in one of them is broken in the world. */
import type { Scope } from '../model/scope.ts'

/** The same world, whatever its size: what breaks in one scope of it is broken in it. */
export const isOfWorld = (one: Scope, other: Scope): boolean =>
  WORLD.every((bound) => one[bound] === other[bound])
const WORLD = [
  'pools',
  'driver',
  'dmaSync',
  'needSync',
  'indexBits',
  'percpu',
  'preempt',
  'softirqsOnRtnlCpu',
  'duties',
  'descriptors',
  'irqs',
  'napiLinks',
  'nodes',
  'frags',
] as const satisfies readonly (keyof Scope)[]
