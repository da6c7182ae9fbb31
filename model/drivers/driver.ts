/** What a driver brings along: functions in place of those of nic.ts and the stack, and events of its own. */
import type { Start } from '../../engine/program/machine.ts'
import type { Kernel } from '../kernel.ts'
import type { Scope } from '../scope.ts'
import type { Stack } from '../skb/stack.ts'
import type { DriverCore } from '../world/io/device.ts'
import type { World } from '../world/world.ts'
import type { Nic } from './nic.ts'

export interface Driver {
  readonly functions: Partial<Nic & Stack & DriverCore>
  readonly events: (scope: Scope, kernel: Kernel) => readonly Start<World>[]
}
