/** Drivers that register and unregister RX queues, frames that come back, and grace periods. */
import type { Start } from '../../engine/program/machine.ts'
import { functions, step, type Steps } from '../step.ts'
import type { Scope } from '../scope/bounds.ts'
import { RTNL, SOFTIRQ0, SOFTIRQ1, TASK0 } from '../world/sync/context.ts'
import type { World } from '../world/world.ts'
import type { Rxq, XdpRegistration } from './registration.ts'

const { register_rxq, unregister_rxq } = functions({
  /** A driver's open path: on failure it unregisters, as xdp_rxq_info_unreg() asks it to. */
  *register_rxq(this: XdpRegistration, rxq: Rxq): Steps {
    const done = yield* this.xdp_rxq_info_reg_mem_model(rxq)
    if (!done) yield* this.xdp_rxq_info_unreg_mem_model(rxq)
    yield* step(done ? 'REG_STATE_REGISTERED' : 'REG_STATE_UNREGISTERED', (w) => {
      w.rxq(rxq).state = done ? 'registered' : 'new'
      if (!done) w.rxq(rxq).mem_id = -1
    })
  },

  *unregister_rxq(this: XdpRegistration, rxq: Rxq): Steps {
    yield* this.xdp_rxq_info_unreg_mem_model(rxq)
    yield* step('REG_STATE_UNREGISTERED', (w) => {
      w.rxq(rxq).state = 'new'
      w.rxq(rxq).mem_id = -1
    })
  },
})

export function registrationEvents(s: Scope, design: XdpRegistration): Start<World>[] {
  const queues = Array.from({ length: s.rxqs }, (_, rxq): Start<World>[] => [
    {
      context: rxq % 2 === 0 ? RTNL : TASK0,
      name: 'a driver registers its RX queue',
      sort: 'work',
      args: [rxq],
      says: `rxq ${rxq}`,
      guard: (w) => w.rxq(rxq).state === 'new',
      effect: (w) => {
        w.rxq(rxq).state = 'registering'
      },
      fn: register_rxq,
    },
    {
      context: rxq % 2 === 0 ? RTNL : TASK0,
      name: 'a driver unregisters its RX queue',
      sort: 'end',
      args: [rxq],
      says: `rxq ${rxq}`,
      guard: (w) => w.rxq(rxq).state === 'registered',
      effect: (w) => {
        w.rxq(rxq).state = 'unregistering'
      },
      fn: unregister_rxq,
    },
  ])
  const callbacks = Array.from({ length: s.ids }, (_, id): Start<World> => ({
    context: SOFTIRQ1,
    name: 'RCU callback of an allocator',
    sort: 'end',
    args: [id],
    says: `id ${id + 1}`,
    guard: (w) => w.mem.rcu_pending.has(id) && w.mem_head(id).gp_wait.isEmpty,
    effect: (w) => w.mem.rcu_pending.delete(id),
    fn: design.__xdp_mem_allocator_rcu_free as Start<World>['fn'],
  }))
  const frames = Array.from({ length: s.ids }, (_, id): Start<World> => ({
    context: SOFTIRQ0,
    name: 'a frame is returned',
    sort: 'work',
    args: [id],
    says: `id ${id + 1}`,
    guard: (w) => w.mem.mem_id_ht.has(id),
    fn: design.__xdp_return as Start<World>['fn'],
  }))
  return [...queues.flat(), ...callbacks, ...frames]
}
