/** The contexts of a world: where each runs, and what runs there. Who may run when: context.ts. */
import type { Ref } from '../../../engine/state/layout.ts'

export type Context = Ref<'context'>
export interface ContextDecl {
  readonly name: string
  readonly cpu: number
  readonly softirq: boolean
}

export const contexts = [
  { name: 'CPU 0 softirq', cpu: 0, softirq: true },
  { name: 'CPU 0 task', cpu: 0, softirq: false },
  { name: 'CPU 2 softirq', cpu: 2, softirq: true },
  { name: 'CPU 1 rtnl', cpu: 1, softirq: false },
  { name: 'CPU 1 kworker', cpu: 1, softirq: false },
  { name: 'elsewhere', cpu: -1, softirq: false },
] as const satisfies readonly ContextDecl[]

const indexOf = (name: (typeof contexts)[number]['name']): number =>
  contexts.findIndex((context) => context.name === name)
/** NAPI of the device, and the flush of CPU 0's defer_list. */
export const SOFTIRQ0 = indexOf('CPU 0 softirq')
/** A process that reads sockets. */
export const TASK0 = indexOf('CPU 0 task')
/** Timers, TX completion of another device, RCU callbacks: on a CPU of their own, so truly beside a destroy. */
export const SOFTIRQ1 = indexOf('CPU 2 softirq')
/** Whoever binds, unbinds and reconfigures, under rtnl. */
export const RTNL = indexOf('CPU 1 rtnl')
export const KWORKER = indexOf('CPU 1 kworker')
/** The rest of the machine: other users of the page allocator. Its events are instantaneous. */
export const ELSEWHERE = indexOf('elsewhere')
