/** Functions by what they are about: the frames of a report are told apart by them. */
import type { Frame } from './frames.ts'

export const POOL = /^_*(?:page_pool_|napi_pp_|skb_pp_)/
export const XDP =
  /^_*(?:xdp_(?:un)?reg_|xdp_rxq_info_|xdp_return|mem_allocator_disconnect|mem_xa_remove|mem_id_disconnect)/
export const UNMAP =
  /^_*(?:dma_unmap_|iommu_dma_unmap|iommu_get_dma_domain|dma_direct_unmap|dma_iommu_unmap|iommu_unmap|iommu_free|intel_unmap|intel_iommu_unmap|amd_iommu_unmap|arm_lpae_unmap|arm_iommu_unmap|arm_smmu_unmap|swiotlb_(?:tbl_)?unmap|xen_swiotlb_unmap|s390_dma_unmap|tce_free|debug_dma_unmap|unmap_page)/
export const SYNC =
  /^_*(?:dma_sync_|iommu_dma_sync|dma_direct_sync|swiotlb_(?:tbl_)?sync|page_pool_dma_sync)/
export const LOCK =
  /^_*(?:raw_|do_raw_|native_queued_|queued_|lock_acquire|spin_|_raw)?_*(?:raw_)?(?:spin_(?:un)?lock|lock_acquire|lock_release|pv_queued_spin|queued_spin|local_bh_enable)/

/** Without those that are only found on the stack, if others are sure. */
export const namesOf = (frames: readonly Frame[]): string[] => {
  const sure = frames.filter(({ isGuess }) => !isGuess)
  return (sure.length > 0 ? sure : frames).map(({ fn }) => fn).filter((fn) => !PRINTERS.test(fn))
}
/** Frames of the printing itself. */
const PRINTERS =
  /^(?:dump_backtrace|show_stack|_*dump_stack|dump_stack_lvl|__warn|report_bug|handle_bug|exc_invalid_op|asm_exc_\w+|warn_slowpath\w*|__warn_printk|print_report|kasan_report|__asan_\w+|kasan_check_range|__asan_load\d*|page_fault_oops|exc_page_fault|die|__die\w*|do_kern_addr_fault|no_context|bad_area_nosemaphore|do_translation_fault|do_mem_abort|el1\w*|unwind_backtrace|print_address_description\w*|bug_handler|do_error_trap)$/
