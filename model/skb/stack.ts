/**
 * The network stack as a holder of pages: an skb with one page_pool fragment, or an xdp_frame, waits
 * somewhere and is freed later, or never (net/core/skbuff.c, net/core/dev.c, net/ipv4/ip_fragment.c).
 */
import { list, NONE, record, type List, type View } from '../../engine/state/layout.ts'
import { again, local, step, type Steps } from '../step.ts'
import type { Kernel, Stack } from '../kernel.ts'
import type { Holder, Scope } from '../scope/bounds.ts'
import { smp_processor_id } from '../world/sync/context.ts'
import { cpuTouches } from '../ledger/descriptors.ts'
import { stored, taken } from '../ledger/pages.ts'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../world/sync/lock.ts'
import { lock } from '../world/sync/locks.ts'
import { napi_list_owner } from '../world/napi.ts'
import { put_page } from '../world/memory/page.ts'
import type { Page, Pool, World } from '../world/world.ts'

/** Packets that may wait somewhere at once: a page that is cut is in two of them. */
const packets = (s: Scope) => (s.frags && !s.wideCounts ? 2 * s.pages : s.pages)
const queue = (s: Scope, capacity: number) => list('page', s.pages, capacity)
const heldBy = (s: Scope, holder: Holder) => queue(s, s.holders.includes(holder) ? packets(s) : 0)
const stackFields = (s: Scope) => ({
  socket: queue(s, packets(s)),
  defrag: heldBy(s, 'defrag'),
  redirect: heldBy(s, 'redirect'),
  defer_list: heldBy(s, 'defer'),
  defer_lock: lock(),
  /** What skb_defer_free_flush() has taken off the list and not freed yet. */
  flushing: heldBy(s, 'defer'),
  bulk: heldBy(s, 'bulk'),
  /** xdp_frame_bulk: frames gathered and not yet returned. */
  bq: heldBy(s, 'bulk'),
  /** Extra page references held elsewhere (a pipe after splice, the copy of a tap). */
  pipe: queue(s, s.extraReferences ? s.pages : 0),
})
export const stackState = (s: Scope) => ({ stack: record(stackFields(s)) })
declare module '../world/world.ts' {
  interface Parts {
    readonly stack: View<ReturnType<typeof stackFields>>
  }
}

export const queueOf = (w: World, holder: Holder): List<'page'> =>
  w.stack[holder === 'defer' ? 'defer_list' : holder]
/** The packet is handed to the stack, which holds its page from now on. */
export function enqueue(w: World, holder: Holder, page: Page): void {
  stored(w, page, 'stack')
  cpuTouches(w, page)
  queueOf(w, holder).push(page)
}
/** The packet leaves the queue: its page is in the hands of whoever frees it. */
export function dequeue(w: World, holder: Holder, page: Page): void {
  taken(w, page, 'stack')
  queueOf(w, holder).remove(page)
}

/** Straight into the cache only on the CPU that owns the pool's NAPI: two loads, and nothing between them. */
function* pp_napi_is_here(pool: Pool): Steps<boolean> {
  const napi = yield* step('napi = READ_ONCE(pp->p.napi)', (w) => w.pool(pool).napi)
  if (!napi) return false
  return yield* step('READ_ONCE(napi->list_owner) == smp_processor_id()', (w) => {
    return napi_list_owner(w) === smp_processor_id(w)
  })
}

/** What returns pages: a driver or a story may bring its own form of any of these. */
export const stack = {
  /** napi_pp_put_page(): a page with the signature goes back to page->pp, any other to the allocator. */
  *napi_pp_put_page(this: Kernel, page: Page, napi_safe: boolean): Steps {
    const magic = yield* step('page->pp_magic == PP_SIGNATURE', (w) => w.page(page).pp_magic)
    if (!magic) {
      yield* put_page(page)
      return
    }
    const pool = yield* step('pp = page->pp', (w) => w.page(page).pp)
    const direct = napi_safe && this.skb_recycles_directly && (yield* pp_napi_is_here(pool))
    yield* this.page_pool_put_page(pool, page, direct)
  },
  /**
   * The reader frees the skb in process context: udp_recvmsg() of 6.12, AF_PACKET and raw sockets, close() of a
   * socket with an skb that was spliced in part. (TCP of 6.12 frees with bottom halves off, or defers.)
   */
  *consume_skb(this: Kernel, page: Page): Steps {
    yield* this.napi_pp_put_page(page, false)
  },
  /** ip_expire(): the fragment queue's timer drops the fragments, in softirq. */
  *ip_expire(this: Kernel, page: Page): Steps {
    yield* this.napi_pp_put_page(page, false)
  },
  /** xdp_return_frame(): TX completion of the device the frame was redirected to. Trusts page->pp. */
  *xdp_return_frame(this: Kernel, page: Page): Steps {
    const pool = yield* step('pp = page->pp', (w) => w.page(page).pp)
    yield* this.page_pool_put_page(pool, page, false)
  },
  /**
   * xdp_flush_frame_bulk(): the frames gathered in bq->q go back at once. The pool is found by the id of
   * the frames, which stays registered while they are out: read here from the first of them.
   */
  *xdp_flush_frame_bulk(this: Kernel): Steps {
    const pages: Page[] = []
    for (let i = 0; i < 2 * this.scope.pages; i += 1) {
      const page = yield* local('bq->q[i]', (w) => w.stack.bq.shift())
      if (page === NONE) break
      pages.push(page)
    }
    const [first] = pages
    if (first === undefined) return
    const pool = yield* step('bq->xa->page_pool', (w) => w.page(first).pp)
    yield* this.page_pool_put_page_bulk(pool, ...pages)
  },
  /**
   * skb_attempt_defer_free(): the skb is left to the CPU that allocated it. The reader was on another one
   * when it asked, and may have been moved here since.
   */
  *skb_attempt_defer_free(this: Kernel, page: Page): Steps {
    yield* spin_lock_bh('softnet.defer_lock', NONE)
    yield* step('sd->defer_list = skb', (w) => enqueue(w, 'defer', page))
    yield* spin_unlock_bh('softnet.defer_lock', NONE)
  },
  /** skb_defer_free_flush(), from net_rx_action(): the whole list is taken, then freed one by one. */
  *skb_defer_free_flush(this: Kernel): Steps {
    yield* spin_lock('softnet.defer_lock', NONE)
    yield* step('skb = sd->defer_list', (w) => {
      for (const page of w.stack.defer_list.toArray()) {
        dequeue(w, 'defer', page)
        w.stack.flushing.push(page)
      }
    })
    yield* spin_unlock('softnet.defer_lock', NONE)
    for (;;) {
      yield* again('while (skb != NULL)')
      // The newest skb comes first: the list was pushed to at its head.
      const page = yield* local('next = skb->next', (w) => w.stack.flushing.pop())
      if (page === NONE) return
      yield* this.napi_consume_skb(page)
    }
  },
  *napi_consume_skb(this: Kernel, page: Page): Steps {
    yield* this.napi_pp_put_page(page, true)
  },
} satisfies Stack
