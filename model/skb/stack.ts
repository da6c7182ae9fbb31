/**
 * The network stack as a holder of pages: an skb with one page_pool fragment, or an xdp_frame, waits
 * somewhere and is freed later, or never (net/core/skbuff.c, net/core/dev.c, net/ipv4/ip_fragment.c).
 */
import { NONE, type List } from '../../engine/layout.ts'
import { call, local, loop, step, type Steps } from '../../engine/step.ts'
import type { PagePool } from '../pool/page-pool.ts'
import type { Holder } from '../scope.ts'
import { contexts, in_softirq } from '../world/context.ts'
import { stored, taken } from '../world/ledger.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/lock.ts'
import { put_page } from '../world/page.ts'
import type { Page, World } from '../world/world.ts'

export const queueOf = (w: World, holder: Holder): List<'page'> => {
  if (holder === 'defrag') return w.stack.defrag
  if (holder === 'redirect') return w.stack.redirect
  return holder === 'defer' ? w.stack.defer_list : w.stack.socket
}
/** The packet is handed to the stack, which holds its page from now on. */
export function enqueue(w: World, holder: Holder, page: Page): void {
  stored(w, page, 'stack')
  queueOf(w, holder).push(page)
}
/** The packet leaves the queue: its page is in the hands of whoever frees it. */
export function dequeue(w: World, holder: Holder, page: Page): void {
  taken(w, page, 'stack')
  queueOf(w, holder).remove(page)
}

/**
 * napi_pp_put_page(): a page with the signature goes back to page->pp, any other to the allocator.
 * Straight into the cache only in softirq, on the CPU that owns the pool's NAPI.
 */
export function* napi_pp_put_page(this: PagePool, page: Page, napi_safe: boolean): Steps {
  const magic = yield* step('page->pp_magic == PP_SIGNATURE', (w: World) => w.page(page).pp_magic)
  if (!magic) {
    yield* call(put_page, page)
    return
  }
  const pool = yield* step('pp = page->pp', (w: World) => w.page(page).pp)
  const direct =
    napi_safe &&
    this.skb_recycles_directly &&
    (yield* step('napi->list_owner == smp_processor_id()', (w: World) => {
      const here = contexts[w.current]!.cpu === 0 && in_softirq(w)
      return here && w.pool(pool).napi && w.driver.napi_scheduled
    }))
  yield* call(this.page_pool_put_page, pool, page, direct)
}

/** tcp_recvmsg() and friends: the reader frees the skb in process context. */
export function* consume_skb(this: PagePool, page: Page): Steps {
  yield* call(napi_pp_put_page, page, false)
}
/** ip_expire(): the fragment queue's timer drops the fragments, in softirq. */
export function* ip_expire(this: PagePool, page: Page): Steps {
  yield* call(napi_pp_put_page, page, false)
}
/** xdp_return_frame(): TX completion of the device the frame was redirected to. Trusts page->pp. */
export function* xdp_return_frame(this: PagePool, page: Page): Steps {
  const pool = yield* step('pp = page->pp', (w: World) => w.page(page).pp)
  yield* call(this.page_pool_put_page, pool, page, false)
}
/** skb_attempt_defer_free(): the skb is left to the CPU that allocated it. */
export function* skb_attempt_defer_free(page: Page): Steps {
  yield* call(spin_lock_bh, 'softnet.defer_lock', NONE)
  yield* step('sd->defer_list = skb', (w: World) => enqueue(w, 'defer', page))
  yield* call(spin_unlock_bh, 'softnet.defer_lock', NONE)
}
/** skb_defer_free_flush(), from net_rx_action(): the whole list is taken, then freed one by one. */
export function* skb_defer_free_flush(this: PagePool): Steps {
  yield* call(spin_lock, 'softnet.defer_lock', NONE)
  yield* step('skb = sd->defer_list', (w: World) => {
    for (const page of w.stack.defer_list.toArray()) {
      dequeue(w, 'defer', page)
      w.stack.flushing.push(page)
    }
  })
  yield* call(spin_unlock, 'softnet.defer_lock', NONE)
  yield* loop(napi_consume_skb)
}
/** The newest skb comes first: the list was pushed to at its head. */
function* napi_consume_skb(this: PagePool): Steps<boolean> {
  const page = yield* local('next = skb->next', (w: World) => w.stack.flushing.pop())
  if (page === NONE) return false
  yield* call(napi_pp_put_page, page, true)
  return true
}
