/** Every promise, in the order of the verdict table. */
import { allocCacheHasOneUser } from './alloc-cache-has-one-user.ts'
import { deviceReferencesBalance } from './device-references-balance.ts'
import { inFlightEqualsLedger } from './in-flight-equals-ledger.ts'
import { inFlightNeverNegative } from './in-flight-never-negative.ts'
import { locksAreBalanced } from './locks-are-balanced.ts'
import { noOtherReport } from './no-other-report.ts'
import { noDmaAfterIommuRelease } from './no-dma-after-iommu-release.ts'
import { noReadOfFreedPage } from './no-read-of-freed-page.ts'
import { noUseOfFreedNapi } from './no-use-of-freed-napi.ts'
import { noUnsyncedPageToTheDevice } from './no-unsynced-page-to-the-device.ts'
import { noDeadlock } from './no-deadlock.ts'
import { noLockInFreedMemory } from './no-lock-in-freed-memory.ts'
import { noMappingOutlivesItsDriver } from './no-mapping-outlives-its-driver.ts'
import { noMappingUnmappedTwice } from './no-mapping-unmapped-twice.ts'
import { noMemIdLeaked } from './no-mem-id-leaked.ts'
import { noPageFreedTwice } from './no-page-freed-twice.ts'
import { noPageFreedWhileMapped } from './no-page-freed-while-mapped.ts'
import { noSleepingWhileAtomic } from './no-sleeping-while-atomic.ts'
import { noSyncAfterUnbind } from './no-sync-after-unbind.ts'
import { noUnmapAfterUnbind } from './no-unmap-after-unbind.ts'
import { noPageFreedWithSignature } from './no-page-freed-with-signature.ts'
import { noUseOfFreedPage } from './no-use-of-freed-page.ts'
import { noUseOfFreedPool } from './no-use-of-freed-pool.ts'
import { noSyncOfAnUnmappedPage } from './no-sync-of-an-unmapped-page.ts'
import { noUseOfFreedAllocator } from './no-use-of-freed-allocator.ts'
import { noUseOfFreedDevice } from './no-use-of-freed-device.ts'
import { nothingLeftAtRest } from './nothing-left-at-rest.ts'
import { pageInOnePlace } from './page-in-one-place.ts'
import { poolFreedOnlyWhenEmpty } from './pool-freed-only-when-empty.ts'
import { noRingSlotOverwritten } from './no-ring-slot-overwritten.ts'
import { registeredQueueCanBeFound } from './registered-queue-can-be-found.ts'
import { refillServesPreferredNode } from './refill-serves-preferred-node.ts'
import { localPagesAreRecycled } from './local-pages-are-recycled.ts'
import { refillReleasesOnePage } from './refill-releases-one-page.ts'
import { refillTakesABulk } from './refill-takes-a-bulk.ts'
import { noAllocationFailsWithPages } from './no-allocation-fails-with-pages.ts'
import { newNidEmptiesTheCache } from './new-nid-empties-the-cache.ts'
import { noReturnWithInterruptsOff } from './no-return-with-interrupts-off.ts'
import { napiAndItsPoolAgree } from './napi-and-its-pool-agree.ts'
import type { Property } from './property.ts'

export const properties: readonly Property[] = [
  refillServesPreferredNode,
  newNidEmptiesTheCache,
  localPagesAreRecycled,
  refillReleasesOnePage,
  refillTakesABulk,
  noAllocationFailsWithPages,
  noUnmapAfterUnbind,
  noSyncAfterUnbind,
  noMappingOutlivesItsDriver,
  noMappingUnmappedTwice,
  noSyncOfAnUnmappedPage,
  noPageFreedWhileMapped,
  noPageFreedWithSignature,
  noUseOfFreedPool,
  noLockInFreedMemory,
  noUseOfFreedPage,
  noPageFreedTwice,
  pageInOnePlace,
  allocCacheHasOneUser,
  inFlightEqualsLedger,
  inFlightNeverNegative,
  poolFreedOnlyWhenEmpty,
  noUseOfFreedDevice,
  deviceReferencesBalance,
  noMemIdLeaked,
  registeredQueueCanBeFound,
  noRingSlotOverwritten,
  noUseOfFreedAllocator,
  noSleepingWhileAtomic,
  locksAreBalanced,
  noDeadlock,
  nothingLeftAtRest,
  noOtherReport,
  noUnsyncedPageToTheDevice,
  noUseOfFreedNapi,
  noDmaAfterIommuRelease,
  noReadOfFreedPage,
  noReturnWithInterruptsOff,
  napiAndItsPoolAgree,
]
export type { Property } from './property.ts'
