/** WARN()s of page_pool.c, by the function they stand in. */
import { POOL } from './functions.ts'
import type { Meaning } from './meaning.ts'
import { CRASH, type Trace } from './trace.ts'

interface Warned {
  readonly functions: readonly string[]
  readonly property: string
  readonly says: (all: readonly string[]) => string
}
const WARNED: readonly Warned[] = [
  {
    functions: [
      'page_pool_destroy',
      'page_pool_unlink_napi',
      'page_pool_disable_direct_recycling',
      'page_pool_enable_direct_recycling',
    ],
    property: 'napi-and-its-pool-agree',
    says: () =>
      'the pool is destroyed while its NAPI still runs: napi_disable() has to come first, and the XDP rxq, if it is registered, has to be unregistered before the pool is destroyed',
  },
  {
    functions: ['page_pool_clear_pp_info', 'netmem_clear_pp_magic'],
    property: 'no-page-freed-twice',
    says: (all) =>
      `the page still carries the index of a DMA mapping when it leaves the pool, and the pool has no such mapping any more: the page was given back before, ${giver(all)} gives it back a second time`,
  },
  {
    functions: ['page_pool_inflight'],
    property: 'in-flight-never-negative',
    says: () => 'the kernel counts more pages released than held',
  },
  {
    functions: ['page_pool_alloc_frag', 'page_pool_alloc_frag_netmem'],
    property: '',
    says: () =>
      "the driver asks for a fragment that the pool cannot give: larger than its pages, or (until 6.6) from a pool made without PP_FLAG_PAGE_FRAG. No page is handed out; no property of a page's life is concerned",
  },
  {
    functions: ['page_pool_empty_ring'],
    property: 'page-in-one-place',
    says: () => 'a page in the ring has another owner as well',
  },
]

export function ofFunction(
  { fn, isWarn, joined }: Trace,
  all: readonly string[],
): Meaning | undefined {
  if (/refcount_t:/.test(joined) && all.some((it) => /page_pool_(?:destroy|put)$/.test(it)))
    return {
      property: 'no-use-of-freed-pool',
      says: 'page_pool_destroy() was called once more than the pool has users',
    }
  if (!isWarn || CRASH.test(joined)) return undefined
  const name = fn.replace(/^_+/, '')
  const found = WARNED.find(({ functions }) => functions.includes(name))
  return found && { property: found.property, says: found.says(all) }
}
const giver = (all: readonly string[]): string => {
  const caller = all.find((fn) => !POOL.test(fn) && !fn.startsWith('netmem_'))
  return caller === undefined ? 'its caller' : `${caller}()`
}
