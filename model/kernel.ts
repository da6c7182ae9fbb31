/** A kernel under test: the pool of a design, the stack and a driver, each function by its kernel name. */
import type { Nic } from './drivers/nic.ts'
import type { PagePool } from './pool/page-pool.ts'
import type { Stack } from './skb/stack.ts'
import type { DriverCore } from './world/io/device.ts'

/** `this` of every function of the stack and of a driver: what calls a function calls the design's. */
export interface Kernel extends PagePool, Nic, Stack, DriverCore {}
