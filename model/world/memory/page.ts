/** struct page and the page allocator (mm/page_alloc.c, include/linux/mm.h). */
import {
  indexOf,
  NONE,
  scalarsetBase,
  array,
  flag,
  optional,
  ref,
  uint,
  type View,
  type Indexed,
} from '../../../engine/state/layout.ts'
import { choose, detail, functions, only, step, type Steps } from '../../step.ts'
import { mayFail } from '../fault.ts'
import { lockdep_assert_no_hardirq } from '../sync/context.ts'
import { pr_bug } from '../printk.ts'
import { allocated, freed, leftToOthers } from '../../ledger/pages.ts'
import { truth } from '../../ledger/truth.ts'
import type { Scope } from '../../scope/bounds.ts'
import { preferredNode } from '../nodes.ts'
import { scalarsets } from '../scalarsets.ts'
import type { Page, Pool, World } from '../world.ts'

const pageFields = (s: Scope) => ({
  refcount: uint(3),
  pp_magic: flag(),
  pp: ref('pool', s.pools),
  dma_addr: flag(),
  /** Index in the pool's dma_mapped xarray kept in the upper bits of pp_magic; 0 is none. */
  dma_index: uint(Math.min(s.pages, 2 ** 32 - 1)),
  /** The node the page lies on. */
  nid: optional(s.nodes > 1, ref('node', s.nodes), 0),
  /** Bit 1 of the word of pp_magic: the page comes from the emergency reserves. */
  pfmemalloc: optional(s.details, flag(), false),
  /** `pp_frag_count` (6.1), `pp_ref_count` (6.12): a long, here up to 2^50. */
  pp_ref_count: optional(s.wideCounts || s.frags, uint(15), 0),
})
export const pages = (s: Scope) => ({ page: array('page', s.pages, pageFields(s)) })
declare module '../world.ts' {
  interface PageState extends View<ReturnType<typeof pageFields>> {}
  interface Parts {
    readonly page: Indexed<PageState>
  }
}

/** pfn_to_page(): struct page number `pfn`, 0..pages-1. Whoever goes by it tells pages apart by number. */
export const pfn_to_page = (pfn: number): Page => scalarsetBase(scalarsets.indexOf('page')) + pfn

/** The pages the allocator may hand out next: any that is free; where there is no end of pages, a new one. */
export const freePages = (w: World): Page[] =>
  w.scope.pages === Infinity
    ? [pfn_to_page(w.page.all.length)]
    : w.page.refs.filter((page) => truth(w).page(page).place === 'page allocator')

/** page_count(): may be asked of any struct page at any time; struct pages are never freed themselves. */
export function page_count(w: World, page: Page): number {
  w.looked |= 1 << page
  return w.page(page).refcount
}

/** alloc_pages(): the page leaves the allocator with one reference. Outside a pool's code `pool` is NONE. */
export function take_page(w: World, page: Page, pool: Pool): void {
  allocated(w, page, pool)
  const it = w.page(page)
  it.refcount = 1
  it.pp_magic = false
  it.pp = NONE
  it.dma_addr = false
  it.dma_index = 0
  it.pfmemalloc = false
  it.pp_ref_count = 0
}

/** alloc_pages_node(): a page of the allocator with one reference, or NONE (an injected failure). */
export function* alloc_pages_node(pool: Pool): Steps<Page> {
  const page = yield* choose(
    'alloc_pages_node()',
    (w) => {
      const free = freePages(w)
      return mayFail(w) || free.length === 0 ? [...free, NONE] : free
    },
    (w, picked) => {
      if (picked !== NONE) take_page(w, picked, pool)
      else if (freePages(w).length > 0) w.faults_left -= 1
      return picked
    },
  )
  if (page !== NONE) yield* only('nodes', () => lies_on_node(pool, page))
  return page
}
/** The node a new page lies on: the one asked for, unless the zone is dry (an injected failure). */
const lies_on_node = (pool: Pool, page: Page): Steps =>
  choose(
    'page_to_nid(page)',
    (w) => {
      const wanted = preferredNode(w, pool)
      const others = Array.from({ length: w.scope.nodes }, (_, node) => node)
      return w.faults_left > 0 ? [wanted, ...others.filter((node) => node !== wanted)] : [wanted]
    },
    (w, node) => {
      if (node !== preferredNode(w, pool)) w.faults_left -= 1
      w.page(page).nid = node
      w.trace?.('newpage', page, node)
    },
  )
/** alloc_pages_bulk_array_node(): up to `bulk` pages; none after the first that is not to be had. */
export function* alloc_pages_bulk_array_node(pool: Pool, bulk: number): Steps<readonly Page[]> {
  yield* detail('alloc_pages_bulk_array_node()', undefined, (w) => w.trace?.('bulk_request', bulk))
  const pages: Page[] = []
  while (pages.length < bulk) {
    const page = yield* alloc_pages_node(pool)
    if (page === NONE) break
    pages.push(page)
  }
  return pages
}
/** Does the page lie on this node? Where there is one node, it does. */
export const netmem_is_pref_nid = (page: Page, pref_nid: number): Steps<boolean> =>
  detail('page_to_nid(page) == pref_nid', true, (w) => w.page(page).nid === pref_nid, 'nodes')
/**
 * May the pool keep the page? It has the only reference, and it is not from the emergency reserves.
 * @param asserts the function that asserts in the same instant that interrupts are on
 */
export const page_is_recyclable = (page: Page, asserts?: string): Steps<boolean> =>
  step('page_ref_count(page) == 1', (w) => {
    if (asserts !== undefined) lockdep_assert_no_hardirq(w, asserts)
    return w.page(page).refcount === 1 && !w.page(page).pfmemalloc
  })

export const { put_page, put_extra_reference } = functions({
  *put_page(page: Page): Steps {
    yield* step('put_page(page)', (w) => drop_page(w, page, true))
  },

  /** put_page() by the holder of an extra reference. */
  *put_extra_reference(page: Page): Steps {
    yield* step('put_page(page)', (w) => drop_page(w, page, false))
  },
})
export function get_page(w: World, page: Page): void {
  w.touched |= 1 << page
  w.page(page).refcount += 1
}

/**
 * put_page(): the last reference gives the page back. `owner` is false when the reference dropped is
 * an extra one (a pipe's), so that the page stays where it is while others remain.
 */
export function drop_page(w: World, page: Page, owner: boolean): void {
  const it = w.page(page)
  const { place } = truth(w).page(page)
  if (w.scope.goesOnAfterMistakes) return drop_any_page(w, page)
  if (it.refcount === 0 || place === 'page allocator') {
    w.report('page-freed-twice', `put_page() on page ${indexOf(page)}, which is free`)
    return
  }
  if (place === 'somebody else') {
    w.report(
      'page-freed-twice',
      `put_page() on page ${indexOf(page)}, which somebody else owns by now`,
    )
    return
  }
  w.touched |= 1 << page
  it.refcount -= 1
  if (it.refcount === 0) {
    freed(w, page)
    // Where it lies matters again when it is allocated: until then free pages are alike.
    it.nid = 0
  } else if (owner) leftToOthers(w, page)
}
/** The same where nothing stops at the first mistake: the count goes on below zero, and frees nothing. */
function drop_any_page(w: World, page: Page): void {
  const it = w.page(page)
  if (it.refcount <= 0) pr_bug(w, `put_page of page ${indexOf(page)} with refcount ${it.refcount}`)
  it.refcount -= 1
  w.trace?.('put_page', page, it.refcount)
  if (it.refcount !== 0) return
  w.trace?.('free', page)
  if (truth(w).page(page).mapped) w.trace?.('free-while-mapped', page)
  if (it.pp_magic) pr_bug(w, `Bad page state page ${indexOf(page)}: page_pool leak`)
  freed(w, page)
}

/** Somebody who has nothing to do with the pool allocates this page, writes to it, and frees it again. */
export function allocateElsewhere(w: World, page: Page): void {
  take_page(w, page, NONE)
}
export function freeElsewhere(w: World, page: Page): void {
  w.touched |= 1 << page
  w.page(page).refcount = 0
  freed(w, page)
}
export const ownedElsewhere = (w: World, page: Page): boolean =>
  truth(w).page(page).place === 'somebody else'

/**
 * A write to struct page by a context that no longer owns it changes a page that is free or in use
 * by somebody else: compare what changed in this step with who was entitled to it.
 */
export function auditPageWrites(w: World, changed: (page: Page) => boolean): void {
  for (const page of w.page.refs) {
    if ((w.touched >>> page) & 1) continue
    const { place } = truth(w).page(page)
    if (place !== 'page allocator' && place !== 'somebody else') continue
    if (changed(page))
      w.report(
        'use-of-freed-page',
        `struct page ${indexOf(page)} is written while it belongs to ${place === 'page allocator' ? 'the page allocator' : place}`,
      )
  }
}
