/**
 * Which property a report of the kernel shows broken, and why: from its message, the function it is about and its
 * callers. Where they do not say it, what they do and do not show. Facts of net/core/page_pool.c, net/core/xdp.c,
 * drivers/iommu/dma-iommu.c and kernel/dma/debug.c, 4.18 to 6.19.
 */
import { creationFailed, messageMeans } from './kernel-messages.ts'
import type { Frame } from './frames.ts'
import { returnedBy } from '../../holders/returners.ts'
import type { Notice } from '../../report.ts'

export interface Trace {
  readonly line: number
  /** Head, message and trace without blanks. */
  readonly joined: string
  /** The same with blanks, the lines joined. */
  readonly text: string
  /** The head as it was printed. */
  readonly head: string
  /** Of a WARNING, where it names one. */
  readonly file: string
  /** What the report is about: the function of a WARNING, the program counter of a crash. */
  readonly fn: string
  readonly isWarn: boolean
  /** Innermost first. */
  readonly frames: readonly Frame[]
  /** KASAN: who freed the memory. */
  readonly freed: readonly Frame[]
  /** dma-debug: who made the mapping. */
  readonly mapped: readonly Frame[]
  /** The work function a kworker was at. */
  readonly workqueue: string
  readonly kernel: string
}
export interface Meaning {
  /** '' if none can be named. */
  readonly property: string
  readonly says: string
}

const POOL = /^_*(?:page_pool_|napi_pp_|skb_pp_)/
const XDP =
  /^_*(?:xdp_(?:un)?reg_|xdp_rxq_info_|xdp_return|mem_allocator_disconnect|mem_xa_remove|mem_id_disconnect)/
const UNMAP =
  /^_*(?:dma_unmap_|iommu_dma_unmap|iommu_get_dma_domain|dma_direct_unmap|dma_iommu_unmap|iommu_unmap|iommu_free|intel_unmap|intel_iommu_unmap|amd_iommu_unmap|arm_lpae_unmap|arm_iommu_unmap|arm_smmu_unmap|swiotlb_(?:tbl_)?unmap|xen_swiotlb_unmap|s390_dma_unmap|tce_free|debug_dma_unmap|unmap_page)/
const SYNC =
  /^_*(?:dma_sync_|iommu_dma_sync|dma_direct_sync|swiotlb_(?:tbl_)?sync|page_pool_dma_sync)/
const LOCK =
  /^_*(?:raw_|do_raw_|native_queued_|queued_|lock_acquire|spin_|_raw)?_*(?:raw_)?(?:spin_(?:un)?lock|lock_acquire|lock_release|pv_queued_spin|queued_spin|local_bh_enable)/
export const CRASH =
  /BUG:(?:kernelNULL|KernelNULL|unabletohandle)|Unabletohandlekernel|Oops:|generalprotectionfault/
/** In the text as it was printed: without blanks the next word could be taken for more digits. */
const NULL_AT = /(?:address:?|dereference at)\s+(?:0x)?0*[0-9a-f]{1,3}(?![0-9a-f])/

/** Undefined: the report is of somebody else, and no crash. */
export function judgeTrace(trace: Trace): Notice | undefined {
  const names = namesOf(trace.frames)
  const all = trace.fn === '' || names[0] === trace.fn ? names : [trace.fn, ...names]
  const isAbout =
    all.some((fn) => POOL.test(fn) || XDP.test(fn)) ||
    POOL.test(trace.workqueue) ||
    [...namesOf(trace.freed), ...namesOf(trace.mapped)].some((fn) => POOL.test(fn)) ||
    /page_pool|page_poolleak/.test(messageOf(trace))
  const isMessage = messageMeans(trace.joined) !== undefined
  if (!isAbout && !isMessage && !CRASH.test(trace.joined) && !/KASAN|KFENCE/.test(trace.joined))
    return undefined
  // Told by lines of their own.
  if (/Negative\(-?\d+\)inflight|Stillin-flightpages/.test(trace.joined)) return undefined
  const meaning =
    isAbout || isMessage
      ? meaningOf(trace, all)
      : { property: '', says: 'a crash; neither its text nor its call trace names page_pool' }
  return {
    line: trace.line,
    text: trace.head,
    property: meaning.property,
    aboutPagePool:
      isAbout ||
      /^Missing|^Driver|XDP/.test(messageOf(trace)) ||
      creationFailed(trace.joined) !== undefined,
    says: meaning.says,
    suspects: '',
    isNull: NULL_AT.test(trace.text),
    frames: all.slice(0, 12),
    kernel: trace.kernel,
    holder: returnedBy(all),
    times: 1,
  }
}
const namesOf = (frames: readonly Frame[]): string[] => {
  const sure = frames.filter(({ isGuess }) => !isGuess)
  return (sure.length > 0 ? sure : frames).map(({ fn }) => fn).filter((fn) => !PRINTERS.test(fn))
}
/** Frames of the printing itself. */
const PRINTERS =
  /^(?:dump_backtrace|show_stack|_*dump_stack|dump_stack_lvl|__warn|report_bug|handle_bug|exc_invalid_op|asm_exc_\w+|warn_slowpath\w*|__warn_printk|print_report|kasan_report|__asan_\w+|kasan_check_range|__asan_load\d*|page_fault_oops|exc_page_fault|die|__die\w*|do_kern_addr_fault|no_context|bad_area_nosemaphore|do_translation_fault|do_mem_abort|el1\w*|unwind_backtrace|print_address_description\w*|bug_handler|do_error_trap)$/
/** The text before the call trace, but for the warnings of stalled shutdowns that stand in between. */
const messageOf = ({ joined }: Trace): string =>
  joined
    .replaceAll(/page_pool_release_retry\(\)stalled.*?(?:sec|$)/g, '')
    .split(/CallTrace:|Calltrace:|Backtrace:/)[0]!
    .slice(0, 600)

function meaningOf(trace: Trace, all: readonly string[]): Meaning {
  return (
    messageMeans(trace.joined) ??
    freedMemory(trace, all) ??
    dma(trace, all) ??
    registration(trace, all) ??
    context(trace) ??
    ofFunction(trace, all) ??
    rest(trace, all)
  )
}

/** KASAN and KFENCE: what was freed, and who still used it. */
function freedMemory(trace: Trace, all: readonly string[]): Meaning | undefined {
  if (!/(?:KASAN|KFENCE):[\w-]*(?:use-after-free|UAF)/i.test(trace.joined)) return undefined
  const freed = namesOf(trace.freed)
  const pool = all.findIndex((fn) => POOL.test(fn))
  const inner = all.slice(0, Math.max(pool, 0))
  const by = freed.find((fn) => POOL.test(fn) || XDP.test(fn))
  const freer = by === undefined ? '' : `, freed under ${by}()`
  if (freed.some((fn) => /xdp_mem_allocator/.test(fn)))
    return {
      property: 'no-use-of-freed-allocator',
      says: `struct xdp_mem_allocator is used after it was freed${freer}`,
    }
  if (
    freed.some((fn) => /device_release|put_device|kobject_put/.test(fn)) &&
    inner.some((fn) => UNMAP.test(fn))
  )
    return {
      property: 'no-use-of-freed-device',
      says: 'the DMA API is given a struct device that was freed',
    }
  if (inner.some((fn) => LOCK.test(fn)) || LOCK.test(trace.fn))
    return {
      property: 'no-lock-in-freed-memory',
      says: `a lock is taken or released in memory that was freed, under ${all[Math.max(pool, 0)]}()${freer}: whoever frees the pool does not wait for the one who returns a page`,
    }
  if (inner.some((fn) => UNMAP.test(fn) || SYNC.test(fn)))
    return {
      property: 'no-use-of-freed-device',
      says: `${inner.find((fn) => UNMAP.test(fn) || SYNC.test(fn))}() under ${all[pool]}() reads memory that was freed: of the device the pool was made for`,
    }
  if (POOL.test(trace.fn) || by !== undefined)
    return {
      property: 'no-use-of-freed-pool',
      says: `${trace.fn}() uses memory that was freed${freer}`,
    }
  return {
    property: '',
    says: `memory that was freed is used below ${all[pool] ?? 'page_pool'}(); whose it was, the report does not say`,
  }
}

/** The DMA API under page_pool: what was unmapped or synced, and how that failed. */
function dma(
  { joined, fn, isWarn, file, workqueue }: Trace,
  all: readonly string[],
): Meaning | undefined {
  const pool = all.findIndex((it) => POOL.test(it))
  const inner = pool < 0 ? (POOL.test(workqueue) ? all : []) : all.slice(0, pool + 1)
  const unmap = inner.find((it) => UNMAP.test(it))
  const sync = inner.find((it) => SYNC.test(it))
  const under = pool < 0 ? workqueue : all[pool]!
  const isLate = POOL.test(workqueue) || all.some((it) => /page_pool_release_retry/.test(it))
  const how = isLate
    ? 'called from page_pool_release_retry(), that is after page_pool_destroy()'
    : `called from ${under}()`
  if (unmap !== undefined && isMapped(joined, fn, isWarn, file))
    return {
      property: 'no-mapping-unmapped-twice',
      says: `${fn}() finds nothing mapped at the address it is to unmap, ${how}; the mapping was undone before${isLate ? ' (or the address belongs to a domain that was replaced since)' : ''}`,
    }
  if (unmap !== undefined && (CRASH.test(joined) || /plpar_tce|tce_\w+:/.test(joined) || !isWarn))
    return {
      property: 'no-unmap-after-unbind',
      says: `${unmap}() ${CRASH.test(joined) ? 'crashes' : 'is refused'}, ${how}: what the device needs for DMA (${/iommu_get_dma_domain/.test(all.join(' ')) ? 'its IOMMU group and domain' : /tce/.test(joined) ? 'its window in the TCE table' : 'its IOMMU domain or DMA ops'}) is gone, the driver was unbound or the device removed with pages out`,
    }
  if (sync !== undefined && pool >= 0 && CRASH.test(joined))
    return {
      property: 'no-sync-after-unbind',
      says: `${sync}() crashes, ${how}: what the device needs for DMA is gone, the driver was unbound or the device removed with pages out`,
    }
  return undefined
}
/** WARN_ON(unmapped != size), WARN_ON(!phys), WARN_ON(!pte): nothing is mapped there. */
const isMapped = (joined: string, fn: string, isWarn: boolean, file: string): boolean =>
  isWarn &&
  !CRASH.test(joined) &&
  (/^_*(?:iommu_dma_unmap|iommu_unmap|arm_lpae_unmap|arm_v7s_unmap|dma_pte_clear|intel_iommu_unmap|iommu_v1_unmap)/.test(
    fn,
  ) ||
    /dma-iommu\.c|io-pgtable|iommu\.c/.test(file))

/** net/core/xdp.c: the memory model of an RX queue. */
function registration({ joined }: Trace, all: readonly string[]): Meaning | undefined {
  if (CRASH.test(joined) && /^_*xdp_unreg_mem_model$/.test(all[0] ?? ''))
    return {
      property: 'registered-queue-can-be-found',
      says: 'the id of a registered queue is no longer in the table: it was unregistered before under another struct xdp_rxq_info, as when a driver copies its ring (ethtool -G) together with a registration',
    }
  if (CRASH.test(joined) && /^_*xdp_(?:return|rxq_info_unreg)/.test(all[0] ?? ''))
    return {
      property: '',
      says: `${all[0]}() crashes: the frame's memory model, or page->pp, leads nowhere. Whether its pool was freed (no-use-of-freed-pool) or the frame was overwritten, KASAN would say`,
    }
  return undefined
}

/** Where page_pool is called from and must not be. */
function context({ joined, fn }: Trace): Meaning | undefined {
  if (/BUG:(?:sleepingfunction|schedulingwhileatomic)/.test(joined))
    return {
      property: 'no-sleeping-while-atomic',
      says: 'something below page_pool sleeps, or is called by somebody who may not',
    }
  if (/possible(?:circular|recursive)lock|inconsistentlockstate|HARDIRQ-safe/i.test(joined))
    return {
      property: 'no-deadlock',
      says: 'lockdep: taken in this order, or with interrupts like this, the locks can wait for each other for ever',
    }
  if (
    /^__local_bh_enable_ip$|lockdep_assert_no_hardirq/.test(fn) ||
    /irqs_disabled\(\)|in_hardirq\(\)/.test(joined)
  )
    return {
      property: 'no-return-with-interrupts-off',
      says: 'bottom halves are enabled with hard interrupts off: a page is returned from where that is not allowed',
    }
  if (/badunlockbalance/.test(joined))
    return { property: 'locks-are-balanced', says: 'a lock is released that is not held' }
  return undefined
}

/** WARN()s of page_pool.c, by the function they stand in. */
function ofFunction({ fn, isWarn, joined }: Trace, all: readonly string[]): Meaning | undefined {
  if (/refcount_t:/.test(joined) && all.some((it) => /page_pool_(?:destroy|put)$/.test(it)))
    return {
      property: 'no-use-of-freed-pool',
      says: 'page_pool_destroy() was called once more than the pool has users',
    }
  if (!isWarn || CRASH.test(joined)) return undefined
  switch (fn.replace(/^_+/, '')) {
    case 'page_pool_destroy':
    case 'page_pool_unlink_napi':
    case 'page_pool_disable_direct_recycling':
    case 'page_pool_enable_direct_recycling':
      return {
        property: 'napi-and-its-pool-agree',
        says: 'the pool is destroyed while its NAPI still runs: napi_disable() has to come first, and the XDP rxq, if it is registered, has to be unregistered before the pool is destroyed',
      }
    case 'page_pool_clear_pp_info':
    case 'netmem_clear_pp_magic':
      return {
        property: 'no-page-freed-twice',
        says: `the page still carries the index of a DMA mapping when it leaves the pool, and the pool has no such mapping any more: the page was given back before, ${giver(all)} gives it back a second time`,
      }
    case 'page_pool_inflight':
      return {
        property: 'in-flight-never-negative',
        says: 'the kernel counts more pages released than held',
      }
    case 'page_pool_alloc_frag':
    case 'page_pool_alloc_frag_netmem':
      return {
        property: '',
        says: "the driver asks for a fragment that the pool cannot give: larger than its pages, or (until 6.6) from a pool made without PP_FLAG_PAGE_FRAG. No page is handed out; no property of a page's life is concerned",
      }
    case 'page_pool_empty_ring':
      return { property: 'page-in-one-place', says: 'a page in the ring has another owner as well' }
    default:
      return undefined
  }
}
const giver = (all: readonly string[]): string => {
  const caller = all.find((fn) => !POOL.test(fn) && !fn.startsWith('netmem_'))
  return caller === undefined ? 'its caller' : `${caller}()`
}

/** What remains: what the frames show, and what they do not. */
function rest({ joined, fn, isWarn, workqueue }: Trace, all: readonly string[]): Meaning {
  const pool = all.find((it) => POOL.test(it)) ?? all.find((it) => XDP.test(it)) ?? workqueue
  if (/BUG:Badpage/.test(joined)) {
    const isAlloc = all.some((it) => /^_*page_pool_(?:alloc|refill)/.test(it))
    return {
      property: '',
      says: isAlloc
        ? `the page allocator hands ${pool}() a page that is still in use elsewhere, or was written to after it was freed: who did that is not in this trace, page_pool only asked`
        : `a page that ${pool}() frees is still in use elsewhere. Its "page dumped because" and flags say by whom; the trace shows only who gave it back`,
    }
  }
  if (CRASH.test(joined))
    return {
      property: '',
      says: POOL.test(fn)
        ? `${fn}() itself crashes: page->pp or the pool leads nowhere. A pool that was freed too early (no-use-of-freed-pool) looks like this, and so does a page that was overwritten; KASAN would tell them apart`
        : `it crashes in ${fn === '' ? 'a function that is not named' : `${fn}()`}, called by ${pool}(); which property is broken, the frames do not say`,
    }
  if (/softlockup|self-detectedstall|blockedformore/.test(joined))
    return {
      property: '',
      says: `a CPU or a task does not get on in ${fn || pool}(); the trace shows where it is, not what it waits for`,
    }
  if (isWarn)
    return {
      property: '',
      says: `a check in ${fn || 'a function that is not named'}() fails${POOL.test(fn) ? '' : `, called by ${pool}()`}; which property is broken, it does not say`,
    }
  const holder = returnedBy(all)
  return {
    property: '',
    says:
      holder === ''
        ? `a stack that somebody printed, no error by itself: it goes through ${pool}()`
        : `a stack that somebody printed, no error by itself: a page goes back to its pool, and until then it was held by: ${holder}`,
  }
}
