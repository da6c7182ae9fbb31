/**
 * Spin locks and mutexes (kernel/locking): disabled until the lock is free, then taken in one step.
 */
import { NONE, type Ref } from '../../../engine/state/layout.ts'
import { Misuse } from '../../../engine/authoring/misuse.ts'
import { didYouMean } from '../../../engine/authoring/near.ts'
import { functions, step, when, type Steps } from '../../step.ts'
import { local_bh_disable, local_bh_enable, might_sleep } from './context.ts'
import { isFreed } from '../../ledger/pools.ts'
import { leaveReadSection } from './rcu.ts'
import type { Pool, World } from '../world.ts'

/** `<object>.<field>`; locks of a pool live and die with it. */
export type Lock = `pool.${string}` | 'softnet.defer_lock' | 'xdp.mem_id_lock'

const says = (lock: Lock): string => `&${lock.replace('.', '->')}`

function owner(w: World, lock: Lock, of: Ref): Ref<'context'> {
  if (lock === 'softnet.defer_lock') return w.stack.defer_lock
  if (lock === 'xdp.mem_id_lock') return w.mem.mem_id_lock
  return lockIn(w, of as Pool, lock)[lock.slice('pool.'.length)]!
}
function setOwner(w: World, lock: Lock, of: Ref, context: Ref<'context'>): void {
  if (lock === 'softnet.defer_lock') w.stack.defer_lock = context
  else if (lock === 'xdp.mem_id_lock') w.mem.mem_id_lock = context
  else lockIn(w, of as Pool, lock)[lock.slice('pool.'.length)] = context
}
/** The pool's locks by name. A field that is none would never be free, and wait for ever in silence. */
function lockIn(w: World, pool: Pool, lock: Lock): Record<string, Ref<'context'>> {
  const view = ofPool(w, pool)
  const name = lock.slice('pool.'.length)
  const { locks } = w
  if (!locks.includes(name))
    throw new Misuse(
      `there is no lock "${lock}" in this design.${didYouMean(name, locks)} struct page_pool has ${locks.map((it) => `pool.${it}`).join(', ')}; one of the design's own is declared in its "fields": { ${name}: lock() }.`,
    )
  return view
}
/** The pool as its locks by name; one in freed memory is its own kind of report. */
function ofPool(w: World, pool: Pool): Record<string, Ref<'context'>> {
  const { firing } = w
  if (firing && pool !== NONE && isFreed(w, pool))
    w.report('lock-in-freed-memory', 'a lock inside the freed struct page_pool is used')
  w.firing = false
  const view = w.pool(pool)
  w.firing = firing
  return view as unknown as Record<string, Ref<'context'>>
}

const release = (w: World, lock: Lock, of: Ref): void => {
  if (owner(w, lock, of) !== w.current)
    w.report('lock-imbalance', `spin_unlock(${says(lock)}) by a context that does not hold it`)
  else setOwner(w, lock, of, NONE)
}

export const { spin_lock, spin_unlock, spin_lock_bh, spin_unlock_bh, mutex_lock, mutex_unlock } =
  functions({
    /**
     * preempt_disable() and taking the lock are one step. No interleaving is lost: between the two, other
     * contexts of this CPU are kept out and the rest of the world cannot tell, so the pair can be moved
     * together to the instant the lock is free (test/model/lock-steps.test.ts holds both forms side by side).
     */
    *spin_lock(lock: Lock, of: Ref): Steps {
      yield* when(
        `spin_lock(${says(lock)})`,
        (w) => owner(w, lock, of) === NONE,
        (w) => {
          w.task(w.current).preempt_count += 1
          setOwner(w, lock, of, w.current)
        },
      )
    },

    *spin_unlock(lock: Lock, of: Ref): Steps {
      yield* step(`spin_unlock(${says(lock)})`, (w) => {
        release(w, lock, of)
        const task = w.task(w.current)
        if (task.preempt_count > 0) task.preempt_count -= 1
        leaveReadSection(w)
      })
    },

    *spin_lock_bh(lock: Lock, of: Ref): Steps {
      yield* when(
        `spin_lock_bh(${says(lock)})`,
        (w) => owner(w, lock, of) === NONE,
        (w) => {
          local_bh_disable(w)
          setOwner(w, lock, of, w.current)
        },
      )
    },

    *spin_unlock_bh(lock: Lock, of: Ref): Steps {
      yield* step(`spin_unlock_bh(${says(lock)})`, (w) => {
        release(w, lock, of)
        local_bh_enable(w)
        leaveReadSection(w)
      })
    },

    *mutex_lock(lock: Lock, of: Ref = NONE): Steps {
      yield* when(
        `mutex_lock(${says(lock)})`,
        (w) => owner(w, lock, of) === NONE,
        (w) => {
          might_sleep(w, 'mutex_lock()')
          setOwner(w, lock, of, w.current)
        },
      )
    },

    *mutex_unlock(lock: Lock, of: Ref = NONE): Steps {
      yield* step(`mutex_unlock(${says(lock)})`, (w) => release(w, lock, of))
    },
  })
