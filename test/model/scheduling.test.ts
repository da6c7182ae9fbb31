/** Who may run when: preemption, spin locks and grace periods of the world, each asked directly. */
import { beforeEach, describe, expect, it } from 'vitest'
import { scopes } from '../../model/scope/named.ts'
import {
  KWORKER,
  mayRun,
  mayStart,
  might_sleep,
  RTNL,
  SOFTIRQ0,
  SOFTIRQ1,
  TASK0,
} from '../../model/world/sync/context.ts'
import { poolFreed } from '../../model/ledger/pools.ts'
import {
  spin_lock,
  spin_lock_bh,
  spin_unlock,
  spin_unlock_bh,
} from '../../model/world/sync/lock.ts'
import {
  endReadSection,
  rcu_read_lock,
  rcu_read_unlock,
  synchronize_rcu,
} from '../../model/world/sync/rcu.ts'
import type { ReportKind } from '../../model/world/reports.ts'
import type { World } from '../../model/world/world.ts'
import { anyWorld, POOL, type AnyWorld } from '../support/any-world.ts'
import { thread } from '../support/thread.ts'

let world: AnyWorld
let w: World
beforeEach(() => {
  world = anyWorld(scopes.random)
  w = world.w
})

const kinds = (): readonly string[] => world.kinds()
const nothing: readonly ReportKind[] = []
const only = (kind: ReportKind): readonly ReportKind[] => [kind]
/** The context stands inside a function. */
const busy = (...contexts: readonly number[]): void => {
  for (const context of contexts) w.task(context).pc = 1
}
/** The context returns from its function. */
function returns(context: number): void {
  w.task(context).pc = 0
  w.current = context
  endReadSection(w)
}

describe('preemption', () => {
  it('lets a softirq keep processes off its CPU, and no other', () => {
    busy(SOFTIRQ0, RTNL, TASK0)
    expect(mayRun(w, TASK0)).toBe(false)
    expect(mayRun(w, RTNL)).toBe(true)
    expect(mayStart(w, KWORKER)).toBe(true)
    expect(mayRun(w, SOFTIRQ0)).toBe(true)
  })
  it('lets a softirq interrupt a process, also one that disabled preemption', () => {
    busy(TASK0)
    w.task(TASK0).preempt_count = 1
    expect(mayStart(w, SOFTIRQ0)).toBe(true)
  })
  it('lets a process that disabled bottom halves keep softirqs off its CPU, and no other', () => {
    busy(TASK0)
    w.task(TASK0).bh_disabled = 1
    expect(mayStart(w, SOFTIRQ0)).toBe(false)
    expect(mayStart(w, SOFTIRQ1)).toBe(true)
    expect(mayRun(w, TASK0)).toBe(true)
  })
  it.each(['preempt_count', 'bh_disabled'] as const)(
    'lets a process with %s keep other processes off its CPU, and no other',
    (count) => {
      busy(RTNL, KWORKER, TASK0)
      expect(mayRun(w, KWORKER)).toBe(true)
      w.task(RTNL)[count] = 1
      expect(mayRun(w, KWORKER)).toBe(false)
      expect(mayStart(w, KWORKER)).toBe(false)
      expect(mayRun(w, RTNL)).toBe(true)
      expect(mayRun(w, TASK0)).toBe(true)
    },
  )
  it('reports sleeping in a softirq, with preemption or bottom halves off, and in a read section', () => {
    const asks = (context: number): void => {
      w.current = context
      might_sleep(w, 'a test')
    }
    asks(TASK0)
    expect(kinds()).toEqual(nothing)
    asks(SOFTIRQ0)
    for (const count of ['preempt_count', 'bh_disabled', 'rcu_nesting'] as const) {
      w.task(TASK0)[count] = 1
      asks(TASK0)
      w.task(TASK0)[count] = 0
    }
    expect(kinds()).toEqual(Array.from({ length: 4 }, () => 'sleeping-while-atomic'))
  })
})

describe('a spin lock', () => {
  it('keeps its contender waiting, and preemption off while it is held', () => {
    const holder = thread(w, RTNL, spin_lock('pool.consumer_lock', POOL))
    const contender = thread(w, TASK0, spin_lock_bh('pool.consumer_lock', POOL))
    holder.finish()
    expect(w.task(RTNL).preempt_count).toBe(1)
    expect(contender.go()).toBe(false)
    expect(w.task(TASK0).bh_disabled).toBe(0)
    thread(w, RTNL, spin_unlock('pool.consumer_lock', POOL)).finish()
    expect(w.task(RTNL).preempt_count).toBe(0)
    expect(contender.go()).toBe(true)
    expect(w.task(TASK0).bh_disabled).toBe(1)
    expect(kinds()).toEqual(nothing)
  })
  it('reports an unlock by a context that does not hold it', () => {
    thread(w, RTNL, spin_lock_bh('pool.consumer_lock', POOL)).finish()
    w.task(TASK0).bh_disabled = 1
    thread(w, TASK0, spin_unlock_bh('pool.consumer_lock', POOL)).finish()
    expect(kinds()).toEqual(only('lock-imbalance'))
  })
  it.each([
    { unlock: spin_unlock, name: 'spin_unlock()' },
    { unlock: spin_unlock_bh, name: 'spin_unlock_bh()' },
  ])('reports $name of a lock that was never taken', ({ unlock }) => {
    thread(w, TASK0, unlock('pool.consumer_lock', POOL)).finish()
    expect(new Set(kinds())).toEqual(new Set(['lock-imbalance']))
  })
  it('reports a lock in freed memory, whether it is taken or released', () => {
    thread(w, RTNL, spin_lock('pool.producer_lock', POOL)).finish()
    poolFreed(w, POOL)
    thread(w, RTNL, spin_unlock('pool.producer_lock', POOL)).finish()
    expect(new Set(kinds())).toEqual(new Set(['lock-in-freed-memory']))
    world.forget()
    thread(w, RTNL, spin_lock('pool.producer_lock', POOL)).finish()
    expect(new Set(kinds())).toEqual(new Set(['lock-in-freed-memory']))
  })
})

describe('synchronize_rcu()', () => {
  const reads = (context: number): void => {
    busy(context)
    thread(w, context, rcu_read_lock()).finish()
  }
  const stops = (context: number): void => thread(w, context, rcu_read_unlock()).finish()

  it('returns at once when nobody reads', () => {
    busy(RTNL, TASK0)
    const waiter = thread(w, RTNL, synchronize_rcu())
    waiter.finish()
    expect(waiter.done).toBe(true)
  })
  it('waits for the readers open at its start, not for later ones', () => {
    busy(RTNL)
    reads(TASK0)
    const waiter = thread(w, RTNL, synchronize_rcu())
    expect(waiter.go()).toBe(true)
    expect(waiter.go()).toBe(false)
    reads(KWORKER)
    stops(TASK0)
    expect(waiter.go()).toBe(true)
    expect(waiter.done).toBe(true)
    expect(w.task(KWORKER).rcu_nesting).toBe(1)
  })
  it('does not wait for the next read section of the same reader', () => {
    busy(RTNL)
    reads(TASK0)
    const waiter = thread(w, RTNL, synchronize_rcu())
    waiter.go()
    stops(TASK0)
    reads(TASK0)
    expect(waiter.go()).toBe(true)
  })
  it('waits for the outermost unlock of a nested read section', () => {
    busy(RTNL)
    reads(TASK0)
    reads(TASK0)
    const waiter = thread(w, RTNL, synchronize_rcu())
    waiter.go()
    stops(TASK0)
    expect(waiter.go()).toBe(false)
    stops(TASK0)
    expect(waiter.go()).toBe(true)
  })
  it('waits for a softirq to return, not only for its read section to end', () => {
    busy(RTNL)
    reads(SOFTIRQ0)
    const waiter = thread(w, RTNL, synchronize_rcu())
    waiter.go()
    stops(SOFTIRQ0)
    expect(waiter.go()).toBe(false)
    returns(SOFTIRQ0)
    expect(waiter.go()).toBe(true)
  })
  it('waits for a process that has bottom halves disabled', () => {
    busy(RTNL, TASK0)
    thread(w, TASK0, spin_lock_bh('pool.consumer_lock', POOL)).finish()
    const waiter = thread(w, RTNL, synchronize_rcu())
    waiter.go()
    expect(waiter.go()).toBe(false)
    thread(w, TASK0, spin_unlock_bh('pool.consumer_lock', POOL)).finish()
    expect(waiter.go()).toBe(true)
  })
})
