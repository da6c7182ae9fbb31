/** Whether the memory of a pool is there. */
import { oneOf } from '../../engine/state/layout.ts'
import { LIVES, type Pool, type World } from '../world/world.ts'
import { inFlight } from './counts.ts'
import { truth } from './truth.ts'

export const lifeTruth = () => ({ life: oneOf(...LIVES) })

export const isFreed = (w: World, pool: Pool): boolean => truth(w).pool(pool).life !== 'allocated'
export function poolAllocated(w: World, pool: Pool): void {
  truth(w).pool(pool).life = 'allocated'
}
export function poolFreed(w: World, pool: Pool): void {
  const out = inFlight(w, pool)
  if (out > 0) w.report('pool-freed-in-flight', `the pool is freed while ${out} pages are out`)
  truth(w).pool(pool).life = 'freed'
}
