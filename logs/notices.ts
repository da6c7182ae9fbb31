/** Reports of the kernel's own checks: dma-debug, the page allocator, KASAN, WARN(). */
import type { Notice } from './report.ts'

const MOST_NOTICES = 100
/** Lines after a report in which its call trace is looked for. */
const TRACE_LINES = 120
/** One of these is in every report. */
const SIGNS = [
  'DMA-API:',
  'dumped because: page_pool',
  'BUG: ',
  'Unable to handle',
  'general protection',
  'refcount_t: ',
  'WARNING: ',
  'page_pool refcnt',
]
type Writable<T> = { -readonly [K in keyof T]: T[K] }

const PROPERTIES: readonly (readonly [RegExp, string])[] = [
  [/pending DMA allocations while released/, 'no-mapping-outlives-its-driver'],
  [/tries to free DMA memory it has not allocated/, 'no-mapping-unmapped-twice'],
  [/tries to sync DMA memory it has not allocated/, 'no-sync-of-an-unmapped-page'],
  [
    /DMA-API:.*(?:different size|wrong function|different CPU address)/,
    'no-mapping-unmapped-twice',
  ],
  [/dumped because: page_pool leak/, 'no-page-freed-with-signature'],
  [/page_pool refcnt/, 'page-in-one-place'],
  [
    /(?:KASAN|KFENCE): [\w-]*use-after-free (?:read |write )?in \w*page_pool_/,
    'no-use-of-freed-pool',
  ],
  [/BUG: KASAN|BUG: KFENCE|BUG: unable to handle|BUG: kernel NULL|Unable to handle/, ''],
  [/general protection fault|refcount_t: /, ''],
  // What page_pool.c warns of. The negative count is told by its own line.
  [/WARNING: .* at net\/core\/page_pool\.c:\d+ (?!page_pool_inflight)/, ''],
]

export class Notices {
  private readonly list: Writable<Notice>[] = []
  /** Reports beyond those kept. */
  omitted = 0
  private watched: { readonly notice: Writable<Notice>; left: number } | undefined

  get all(): readonly Notice[] {
    return this.list
  }
  /** True if the line is such a report. */
  feed(text: string, line: number): boolean {
    if (!SIGNS.some((it) => text.includes(it))) return false
    const property = PROPERTIES.find(([pattern]) => pattern.test(text))?.[1]
    if (property === undefined) return false
    const notice: Writable<Notice> = {
      line,
      text: text.trim(),
      property,
      aboutPagePool: text.includes('page_pool'),
    }
    if (this.list.length < MOST_NOTICES) this.list.push(notice)
    else this.omitted += 1
    this.watched = { notice, left: TRACE_LINES }
    return true
  }
  /** Every line: the call trace of a report comes after it. */
  callTrace(text: string): void {
    const { watched } = this
    if (watched === undefined) return
    watched.left -= 1
    if (/\bpage_pool_\w+\+0x/.test(text)) watched.notice.aboutPagePool = true
    // The oops of the thread of RFC v4: iommu_get_dma_domain <- dma_unmap_page_attrs <- page_pool_return_page.
    if (
      watched.notice.property === '' &&
      /BUG|Unable to handle|general protection/.test(watched.notice.text) &&
      /\bdma_unmap_page_attrs\+0x/.test(text)
    )
      watched.notice.property = 'no-unmap-after-unbind'
    if (watched.left === 0 || text.includes('---[ end trace')) this.watched = undefined
  }
}
