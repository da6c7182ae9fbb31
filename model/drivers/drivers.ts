/** The drivers a scope may name. */
import type { DriverName } from '../scope/bounds.ts'
import type { Driver } from './driver.ts'
import { napiFreedEarly } from './napi-freed-early.ts'
import {
  lateUnlink,
  queueRestart,
  queueRestartWaits,
  queueRestartWaitsEarly,
} from './queue-restart.ts'
import { twoPorts } from './two-ports.ts'
import { unregisters } from './unregisters.ts'

export const drivers: Readonly<Record<DriverName, Driver>> = {
  nic: { functions: {}, events: () => [] },
  'queue-restart': queueRestart,
  'queue-restart-waits': queueRestartWaits,
  'queue-restart-waits-early': queueRestartWaitsEarly,
  'late-unlink': lateUnlink,
  'napi-freed-early': napiFreedEarly,
  'two-ports': twoPorts,
  unregisters,
}
