/** Every design, in time order within its family. */
import type { Design } from './design.ts'
import { bulkStatisticsAfterUnlock, bulkStatisticsInside } from './bulk-statistics.ts'
import { deferredRelease } from './deferred-release.ts'
import { destroyCountOnly } from './destroy-count-only.ts'
import { idaLeak, idaLeakFixed } from './ida-leak.ts'
import { linux61 } from './linux-6-1.ts'
import { linux612 } from './linux-6-12.ts'
import { numaCheckOnPut } from './numa-check-on-put.ts'
import { numaRefillMerged, numaRefillNoFlush } from './numa-refill-merged.ts'
import { numaRefillV3 } from './numa-refill-v3.ts'
import { pageScanDestroyLock } from './page-scan-destroy-lock.ts'
import { percpuCpuidKept, percpuCpuidWaits } from './percpu-recycling.ts'
import { producerBarrier } from './producer-barrier.ts'
import { xarrayAddressFirst } from './xarray-address-first.ts'
import { xarrayTrackingWaits } from './xarray-tracking-waits.ts'
import { xarrayTracking } from './xarray-tracking.ts'

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
]
export type { Design } from './design.ts'
