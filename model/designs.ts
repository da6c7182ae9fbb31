/** Every design, in time order within its family. */
import type { Design } from './design.ts'
import { bulkStatisticsAfterUnlock, bulkStatisticsInside } from './kernels/bulk-statistics.ts'
import { deferredRelease } from './shutdown/deferred-release.ts'
import { destroyCountOnly } from './shutdown/destroy-count-only.ts'
import { idaLeak, idaLeakFixed } from './mem-id/ida-leak.ts'
import { linux61 } from './kernels/linux-6-1.ts'
import { linux612 } from './kernels/linux-6-12.ts'
import { numaCheckOnPut } from './numa/numa-check-on-put.ts'
import { numaRefillMerged, numaRefillNoFlush } from './numa/numa-refill-merged.ts'
import { numaRefillV3 } from './numa/numa-refill-v3.ts'
import { pageScanDestroyLock } from './shutdown/page-scan-destroy-lock.ts'
import { percpuCpuidKept, percpuCpuidWaits } from './kernels/percpu-recycling.ts'
import { producerBarrier } from './shutdown/producer-barrier.ts'
import { ptrRingLocked, ptrRingUnlocked } from './ptr-ring/two-producers.ts'
import { xarrayAddressFirst } from './shutdown/xarray-address-first.ts'
import { xarrayTrackingWaits } from './shutdown/xarray-tracking-waits.ts'
import { xarrayTracking } from './shutdown/xarray-tracking.ts'

export const designs: readonly Design[] = [
  deferredRelease,
  pageScanDestroyLock,
  destroyCountOnly,
  xarrayTracking,
  xarrayAddressFirst,
  xarrayTrackingWaits,
  linux61,
  linux612,
  producerBarrier,
  bulkStatisticsAfterUnlock,
  bulkStatisticsInside,
  percpuCpuidKept,
  percpuCpuidWaits,
  numaCheckOnPut,
  numaRefillV3,
  numaRefillMerged,
  numaRefillNoFlush,
  idaLeak,
  idaLeakFixed,
  ptrRingLocked,
  ptrRingUnlocked,
]
export type { Design } from './design.ts'
