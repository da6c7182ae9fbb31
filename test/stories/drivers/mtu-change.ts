/**
 * lan966x_fdma_reload(): a new MTU needs new RX pages. The old ones were freed first; where there was no memory
 * for the new, DMA was started again with descriptors that named the old (CVE-2026-31644). The pool that was half
 * made was lost with the pointer to it (73e940c4249d).
 */
import { NONE } from '../../../engine/state/layout.ts'
import { again, functions, step, type Steps } from '../../../model/step.ts'
import type { Driver } from '../../../model/drivers/driver.ts'
import {
  clearDescriptors,
  nextOfRing,
  nic,
  startRxDma,
  stillNamed,
  stopRxDma,
} from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { RTNL } from '../../../model/world/sync/context.ts'
import { fails } from '../../../model/world/fault.ts'
import type { Page, Pool, World } from '../../../model/world/world.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source =
  'CVE-2026-31644 ("net: lan966x: fix use-after-free and leak in lan966x_fdma_reload()", 2026) and 73e940c4249d'
const OLD: Pool = 0
const NEW: Pool = 1

const reloads = (lan966x_fdma_reload: (this: Kernel) => Steps): Partial<Driver> => ({
  functions: {
    /** Its pools have no NAPI: nothing is recycled directly but by the poll itself. */
    *nic_probe(this: Kernel): Steps<boolean> {
      if ((yield* this.page_pool_create(OLD, false)) < 0) return false
      yield* this.nic_open()
      return true
    },
    *nic_open(this: Kernel): Steps {
      yield* step('lan966x_fdma_rx_start(rx)', startRxDma)
      yield* nic.nic_open.call(this)
    },
    *nic_stop(this: Kernel): Steps {
      yield* nic.nic_stop.call(this)
      yield* step('lan966x_fdma_rx_disable(rx)', stopRxDma)
    },
  },
  events: () => [
    {
      context: RTNL,
      name: 'the MTU is changed',
      sort: 'work',
      args: [],
      guard: (w) => w.dev.driver === 'bound' && w.driver.pool === OLD,
      fn: lan966x_fdma_reload,
    },
  ],
})

/** lan966x_fdma_rx_free_pages(), and what it takes off the ring. */
const freeing = (take: (w: World) => Page) =>
  functions({
    *lan966x_fdma_rx_free_pages(this: Kernel): Steps {
      for (;;) {
        yield* again('for (i = 0; i < fdma->n_dcbs; ++i)')
        const page = yield* step('page = rx->page[i][j]', take)
        if (page === NONE) return
        yield* this.page_pool_put_page(OLD, page, false)
      }
    },
  }).lan966x_fdma_rx_free_pages
const free_still_named = freeing(stillNamed)
const free_unnamed = freeing(nextOfRing)

const { use_new, lan966x_fdma_rx_stays, frees_first, allocates_first } = functions({
  /** Another pool, and descriptors that name its pages. */
  *use_new(this: Kernel): Steps {
    yield* step('fdma_dcbs_init(fdma)', clearDescriptors)
    yield* step('rx->page_pool = new', (w) => {
      w.driver.pool = NEW
    })
    yield* this.nic_open()
    yield* this.page_pool_destroy(OLD)
  },

  *lan966x_fdma_rx_stays(this: Kernel): Steps {
    yield* nic.nic_stop.call(this)
    yield* free_still_named()
    if ((yield* this.page_pool_create(NEW, false)) < 0) yield* nic.nic_open.call(this)
    else yield* use_new()
  },

  *frees_first(this: Kernel): Steps {
    yield* this.nic_stop()
    yield* free_still_named()
    const lost =
      (yield* this.page_pool_create(NEW, false)) < 0 || (yield* fails('fdma_alloc_coherent()'))
    if (lost) yield* this.nic_open()
    else yield* use_new()
  },

  *allocates_first(this: Kernel): Steps {
    yield* this.nic_stop()
    const err = yield* this.page_pool_create(NEW, false)
    if (err < 0) return yield* this.nic_open()
    if (yield* fails('fdma_alloc_coherent()')) {
      yield* this.page_pool_destroy(NEW)
      return yield* this.nic_open()
    }
    yield* free_unnamed()
    yield* use_new()
  },
})

export const mtuUnderDma = onLinux612({
  id: 'mtu-under-dma',
  title: 'an MTU change frees the RX pages, and nobody has stopped DMA',
  source: 'the same without lan966x_fdma_rx_disable()',
  brings: reloads(lan966x_fdma_rx_stays),
  breaks: { 'page-in-one-place': 'the device writes into pages that lie in the pool' },
})
export const mtuFreesFirst = onLinux612({
  id: 'mtu-frees-first',
  title: 'an MTU change frees the RX pages, and starts DMA with them when it finds no others',
  source,
  brings: reloads(frees_first),
  breaks: {
    'page-in-one-place': 'the device writes into pages the pool hands out again',
    'nothing-left-at-rest': 'the new pool is lost on the error path',
  },
})
export const mtuAllocatesFirst = onLinux612({
  id: 'mtu-allocates-first',
  title: 'an MTU change frees the old RX pages when it has the new ones',
  source,
  brings: reloads(allocates_first),
})
