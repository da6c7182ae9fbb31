/**
 * RCU (kernel/rcu/tree.c): a grace period ends when every context that was a reader at its start has
 * left its read section once. Preempt-off, BH-off and softirq regions are read sections too.
 */
import type { RefSet } from '../../../engine/state/layout.ts'
import { functions, step, when, type Steps } from '../../step.ts'
import { contexts, isReader, might_sleep } from './context.ts'
import type { World } from '../world.ts'

/** The contexts inside a read section now, the asking one left out. */
function readers(w: World): number {
  let mask = 0
  for (let context = 0; context < contexts.length; context += 1)
    if (context !== w.current && isReader(w, context)) mask |= 1 << context
  return mask
}

/** Called wherever a read section may have ended: the grace periods that waited for it go on. */
export function leaveReadSection(w: World): void {
  if (isReader(w, w.current)) return
  endReadSection(w)
}

/** A context is idle again: whatever it was reading, it has left. */
export function endReadSection(w: World): void {
  for (const part of w.waiters)
    for (const { gp_wait } of part.all) if (!gp_wait.isEmpty) gp_wait.delete(w.current)
}

export const { rcu_read_lock, rcu_read_unlock, synchronize_rcu } = functions({
  *rcu_read_lock(): Steps {
    yield* step('rcu_read_lock()', (w) => {
      w.task(w.current).rcu_nesting += 1
    })
  },

  *rcu_read_unlock(): Steps {
    yield* step('rcu_read_unlock()', (w) => {
      const task = w.task(w.current)
      if (task.rcu_nesting === 0)
        w.report('lock-imbalance', 'rcu_read_unlock() without rcu_read_lock()')
      else task.rcu_nesting -= 1
      leaveReadSection(w)
    })
  },

  /** Waits for the read sections open now. Sleeps. */
  *synchronize_rcu(): Steps {
    yield* step('synchronize_rcu()', (w) => {
      might_sleep(w, 'synchronize_rcu()')
      w.trace?.('synchronize_net')
      w.task(w.current).gp_wait.mask = readers(w)
    })
    yield* when('synchronize_rcu() returns', (w) => w.task(w.current).gp_wait.isEmpty)
  },
})

/** call_rcu() of the object `of`: the callback may run once the read sections open now have ended. */
export function call_rcu(
  w: World,
  head: { readonly gp_wait: RefSet<'context'> },
  of: number,
): void {
  head.gp_wait.mask = readers(w)
  w.trace?.('call_rcu', of)
}
