/** What a driver brings along: functions in place of those of nic.ts and the stack, and events of its own. */
import type { Start } from '../../engine/program/machine.ts'
import type { DriverCore, Kernel, Nic, Stack } from '../kernel.ts'
import type { Scope } from '../scope/bounds.ts'
import type { World } from '../world/world.ts'

export interface Driver {
  readonly functions: Partial<Nic & Stack & DriverCore>
  readonly events: (scope: Scope, kernel: Kernel) => readonly Start<World>[]
}
