import { deferredRelease } from '../../model/shutdown/deferred-release.ts'
import { machineOf } from '../../model/machine.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { TASK0 } from '../../model/world/sync/context.ts'
import { poolAllocated } from '../../model/ledger/pools.ts'
import type { World } from '../../model/world/world.ts'

export const POOL = 0
export interface AnyWorld {
  readonly w: World
  /** The kinds of what was reported so far; what follows counts as another step. */
  readonly kinds: () => readonly string[]
  readonly details: () => readonly string[]
  /** Forgets what was reported so far. */
  readonly forget: () => void
}

/** A world to ask mechanisms in: the driver is bound, its pool is allocated, nothing runs. */
export function anyWorld(scope: Scope): AnyWorld {
  const { world, reports } = machineOf(deferredRelease, scope)
  world.current = TASK0
  world.dev.dma_ready = true
  poolAllocated(world, POOL)
  return {
    w: world,
    kinds: () => {
      world.stopped = false
      return reports.map(({ kind }) => kind)
    },
    details: () => reports.map(({ detail }) => detail),
    forget: () => void (reports.length = 0),
  }
}
