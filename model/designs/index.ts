/** Every design, in time order within its family. */
import type { Design } from './design.ts'
import { deferredRelease } from './deferred-release.ts'
import { destroyCountOnly } from './destroy-count-only.ts'
import { idaLeak, idaLeakFixed } from './ida-leak.ts'
import { pageScanDestroyLock } from './page-scan-destroy-lock.ts'
import { xarrayTracking } from './xarray-tracking.ts'

export const designs: readonly Design[] = [
  deferredRelease,
  pageScanDestroyLock,
  destroyCountOnly,
  xarrayTracking,
  idaLeak,
  idaLeakFixed,
]
export type { Design } from './design.ts'
