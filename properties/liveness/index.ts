/** Every promise about the end, in the order of the verdict table. */
import { deferredReleaseDoesNotRunForEver } from './deferred-release-does-not-run-for-ever.ts'
import type { LivenessProperty } from './liveness-property.ts'
import { shutdownCompletesOncePacketsAreReleased } from './shutdown-completes-once-packets-are-released.ts'
import { unbindNeverWaitsForAPacket } from './unbind-never-waits-for-a-packet.ts'

export const livenessProperties: readonly LivenessProperty[] = [
  shutdownCompletesOncePacketsAreReleased,
  unbindNeverWaitsForAPacket,
  deferredReleaseDoesNotRunForEver,
]
export type { LivenessProperty } from './liveness-property.ts'
