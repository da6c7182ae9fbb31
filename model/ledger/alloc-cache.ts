/** Who is inside alloc.cache. */
import { NONE, ref, type View } from '../../engine/state/layout.ts'
import { contexts } from '../world/sync/contexts.ts'
import type { Pool, World } from '../world/world.ts'
import { truth } from './truth.ts'

export const cacheTruth = () => ({
  /** The context that is inside alloc.cache. */
  cache_user: ref('context', contexts.length),
})
declare module '../world/world.ts' {
  interface PoolTruth extends View<ReturnType<typeof cacheTruth>> {}
}

/** alloc.cache belongs to one context at a time. */
export function entersCache(w: World, pool: Pool): void {
  const it = truth(w).pool(pool)
  if (it.cache_user !== NONE && it.cache_user !== w.current)
    w.report('alloc-cache-race', 'alloc.cache is used by two contexts at once')
  it.cache_user = w.current
}
export function leavesCache(w: World, pool: Pool): void {
  truth(w).pool(pool).cache_user = NONE
}
