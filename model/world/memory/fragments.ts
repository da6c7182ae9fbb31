/**
 * Pages cut in fragments: `pp_frag_count` (6.1), `pp_ref_count` (since 6.8). A page that may be cut further is
 * counted in advance as BIAS_MAX fragments; what was not handed out is taken off when the page is given up.
 */
import {
  indexOf,
  NONE,
  flag,
  optional,
  ref,
  uint,
  type View,
} from '../../../engine/state/layout.ts'
import { detail, step, type Steps } from '../../step.ts'
import { cut, fragmentHandedOut, fragmentsGivenUp } from '../../ledger/fragments.ts'
import { WARN } from '../printk.ts'
import type { Page, Pool, World } from '../world.ts'
import type { Scope } from '../../scope/bounds.ts'

export const fragFlag = (s: Scope) => ({
  /** PP_FLAG_PAGE_FRAG (until 6.5). */
  page_frag: optional(s.details || s.frags, flag(), false),
})
export const fragFields = (s: Scope) => ({
  frag_page: optional(s.details || s.frags, ref('page', s.pages), NONE),
  frag_offset: optional(s.details || s.frags, uint(2 ** 22), 0),
  frag_users: optional(s.details || s.frags, uint(2 ** 20), 0),
})
declare module '../world.ts' {
  interface PoolState extends View<ReturnType<typeof fragFlag> & ReturnType<typeof fragFields>> {}
}

const PAGE_SIZE = 4096
/** dma_get_cache_alignment() of a coherent device, or of struct skb_shared_info. */
const ALIGNMENT = 8
/** LONG_MAX in 6.1, half of it in 6.12: far more than can be handed out, and exact in a double. */
export const BIAS_MAX = 2 ** 50
/** Where states are stored, a page is never cut in more pieces than this. */
const biasOf = (w: World): number => (w.scope.wideCounts ? BIAS_MAX : 8)

/** Every page is one fragment until it is cut. */
export const set_pp_ref_count = (page: Page, nr: number): Steps =>
  detail('atomic_long_set(&page->pp_ref_count, nr)', undefined, setTo(page, nr), 'frags')
const setTo = (page: Page, nr: number) => (w: World) => {
  w.page(page).pp_ref_count = nr
}
/** The last user leaves the count at one, or what is cut anew at BIAS_MAX. */
export const pp_ref_count_is_bias = (page: Page): Steps =>
  step('atomic_long_set(&page->pp_ref_count, BIAS_MAX)', (w) => {
    w.page(page).pp_ref_count = biasOf(w)
  })
/** Does who gives up `nr` fragments have all that are left? Then the page is theirs. */
export const pp_ref_count_is = (page: Page, nr: number, name = 'pp_ref_count'): Steps<boolean> =>
  detail(
    `atomic_long_read(&page->${name}) == nr`,
    true,
    (w) => {
      if (w.page(page).pp_ref_count !== nr) return false
      fragmentsGivenUp(w, page, nr === 1 ? 'holder' : 'pool')
      return true
    },
    'frags',
  )
/** atomic_long_sub_return(), and the warning when there were fewer. */
export const sub_pp_ref_count = (page: Page, nr: number, who: string): Steps<number> =>
  step('atomic_long_sub_return(nr, &page->pp_ref_count)', (w) => {
    const it = w.page(page)
    const left = it.pp_ref_count - nr
    fragmentsGivenUp(w, page, nr === 1 ? 'holder' : 'pool')
    if (left < 0) {
      WARN(w, `WARN_ON(ret < 0) in ${who}`)
      w.report(
        'page-freed-twice',
        `more fragments of page ${indexOf(page)} are given up than it has`,
      )
    }
    if (left >= 0 || w.scope.wideCounts) it.pp_ref_count = left
    return left
  })

const align = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT
const max_size = (w: World, pool: Pool): number => PAGE_SIZE << w.pool(pool).order
export const exceeds_page = (w: World, pool: Pool, size: number): boolean =>
  size > max_size(w, pool)

/** The page being cut; NONE when there is none. */
export const frag_page = (pool: Pool): Steps<Page> =>
  step('page = pool->frag_page', (w) => w.pool(pool).frag_page)
export const frag_has_no_room = (pool: Pool, size: number): Steps<boolean> =>
  step('*offset + size > max_size', (w) => {
    return w.pool(pool).frag_offset + align(size) > max_size(w, pool)
  })
/** How many fragments of the page being cut nobody was given. */
export const drain_count = (pool: Pool): Steps<number> =>
  step('drain_count = BIAS_MAX - pool->frag_users', (w) => biasOf(w) - w.pool(pool).frag_users)
/** @returns the page that was cut until now, or NONE. */
export const forget_frag_page = (pool: Pool): Steps<Page> =>
  detail(
    'pool->frag_page = NULL',
    NONE,
    (w) => {
      const it = w.pool(pool)
      const was = it.frag_page
      it.frag_page = NONE
      return was
    },
    'frags',
  )
/** The first fragment of a page is handed out. */
export const begin_frag_page = (pool: Pool, page: Page, size: number): Steps =>
  step('pool->frag_page = page', (w) => {
    const it = w.pool(pool)
    it.frag_page = page
    it.frag_users = 1
    cut(w, page)
    fragmentHandedOut(w, page)
    it.frag_offset = align(size)
  })
/** One more of it. */
export const hand_out_fragment = (pool: Pool, page: Page, size: number): Steps =>
  step('pool->frag_users++', (w) => {
    const it = w.pool(pool)
    it.frag_users += 1
    fragmentHandedOut(w, page)
    it.frag_offset += align(size)
  })
