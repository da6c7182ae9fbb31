/** The DMA API under page_pool: what was unmapped or synced, and how that failed. */
import { POOL, SYNC, UNMAP } from './functions.ts'
import type { Meaning } from './meaning.ts'
import { CRASH, type Trace } from './trace.ts'

export function dma(trace: Trace, all: readonly string[]): Meaning | undefined {
  const { joined, isWarn, workqueue } = trace
  const pool = all.findIndex((it) => POOL.test(it))
  const inner = pool < 0 ? (POOL.test(workqueue) ? all : []) : all.slice(0, pool + 1)
  const isLate = isRetry(trace, all)
  const how = isLate
    ? 'called from page_pool_release_retry(), that is after page_pool_destroy()'
    : `called from ${pool < 0 ? workqueue : all[pool]!}()`
  const unmap = inner.find((it) => UNMAP.test(it))
  if (unmap !== undefined && findsNothing(trace)) return twice(trace.fn, how, isLate)
  const isCrash = CRASH.test(joined)
  if (unmap !== undefined && (isCrash || !isWarn || /plpar_tce|tce_\w+:/.test(joined)))
    return {
      property: 'no-unmap-after-unbind',
      says: `${unmap}() ${isCrash ? 'crashes' : 'is refused'}, ${how}: what the device needs for DMA (${whatIsGone(joined, all)}) is gone, the driver was unbound or the device removed with pages out`,
    }
  const sync = pool < 0 || !isCrash ? undefined : inner.find((it) => SYNC.test(it))
  return sync === undefined ? undefined : lateSync(sync, how)
}
/** page_pool_release_retry() is at work, by the work queue or by the frames. */
const isRetry = ({ workqueue }: Trace, all: readonly string[]): boolean =>
  POOL.test(workqueue) || all.some((it) => /page_pool_release_retry/.test(it))
const twice = (fn: string, how: string, isLate: boolean): Meaning => ({
  property: 'no-mapping-unmapped-twice',
  says: `${fn}() finds nothing mapped at the address it is to unmap, ${how}; the mapping was undone before${isLate ? ' (or the address belongs to a domain that was replaced since)' : ''}`,
})
const lateSync = (sync: string, how: string): Meaning => ({
  property: 'no-sync-after-unbind',
  says: `${sync}() crashes, ${how}: what the device needs for DMA is gone, the driver was unbound or the device removed with pages out`,
})
const whatIsGone = (joined: string, all: readonly string[]): string => {
  if (/iommu_get_dma_domain/.test(all.join(' '))) return 'its IOMMU group and domain'
  return /tce/.test(joined) ? 'its window in the TCE table' : 'its IOMMU domain or DMA ops'
}
/** WARN_ON(unmapped != size), WARN_ON(!phys), WARN_ON(!pte): nothing is mapped there. */
const findsNothing = ({ joined, fn, isWarn, file }: Trace): boolean =>
  isWarn &&
  !CRASH.test(joined) &&
  (/^_*(?:iommu_dma_unmap|iommu_unmap|arm_lpae_unmap|arm_v7s_unmap|dma_pte_clear|intel_iommu_unmap|iommu_v1_unmap)/.test(
    fn,
  ) ||
    /dma-iommu\.c|io-pgtable|iommu\.c/.test(file))
