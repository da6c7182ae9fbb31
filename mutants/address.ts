/** Who won the cmpxchg, with what address, and who waits for them. */
import { after, around, before, chain, drop, type Mutation } from '../engine/mutation/mutate.ts'
import { merge, swap } from '../engine/mutation/mutate-order.ts'
import { NONE, indexOf } from '../engine/state/layout.ts'
import { call, step, type Steps } from '../engine/step.ts'
import { XarrayTracking } from '../model/shutdown/xarray-tracking.ts'
import { dma_unmap_page } from '../model/world/io/dma.ts'
import { synchronize_rcu } from '../model/world/sync/rcu.ts'
import type { Page, Pool, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const shipped = { design: 'linux-6.12', scopes: ['shared'] } as const
const waits = { design: 'xarray-tracking-waits', scopes: ['shared'] } as const
const lateUnmap = { violates: 'no-unmap-after-unbind' } as const
const UNMAP = '__page_pool_unmap_netmem_dma'
const ADDRESS = 'dma = page_pool_get_dma_addr(page)'
const CMPXCHG = 'xa_cmpxchg(&pool->dma_mapped, id, page, NULL)'
const UNMAPPED = 'dma_unmap_page_attrs(pool->p.dev, dma)'
const WAIT = 'before_defer'

interface Tracked {
  readonly dma_mapped: { readonly all: readonly { readonly page: Page }[] }
}

/** Whoever takes a page out of the xarray has unmapped it by then. */
export const winnerUnmapsAtOnce = (): Mutation => merge(UNMAP, CMPXCHG, UNMAPPED)
/** As merged in 2025: the winner looks up what to unmap. */
const addressReadLate = (): Mutation =>
  around(UNMAP, UNMAPPED, function* (_, __, [pool, page]): Steps {
    const dma = yield* step(ADDRESS, (w: World) => w.page(page as Page).dma_addr)
    yield* step(UNMAPPED, (w: World) => {
      if (dma) dma_unmap_page(w, page as Page, true, w.pool(pool as Pool).dev)
      else w.report('unmap-of-unmapped', `address 0, read from page ${indexOf(page as Page)}`)
    })
  })

export const address: readonly Mutant[] = [
  {
    ...shipped,
    id: 'address-read-late',
    says: 'dma_addr is read after the cmpxchg',
    change: addressReadLate,
    expected: { violates: 'no-mapping-unmapped-twice' },
  },
  {
    ...shipped,
    id: 'address-read-late-2',
    says: 'the same: the true mapping stays',
    change: addressReadLate,
    expected: { violates: 'nothing-left-at-rest' },
  },
  {
    ...shipped,
    id: 'scrub-clears',
    says: 'destroy clears the index of the page',
    change: () =>
      after('unmap_tracked_page', UNMAP, function* (action): Steps {
        const [, page] = (action as unknown as { args: readonly Page[] }).args
        yield* call(XarrayTracking.prototype.netmem_set_dma_index, page!, 0)
      }),
    expected: { violates: 'no-use-of-freed-page' },
  },
  {
    ...shipped,
    id: 'id-unasked',
    says: 'destroy unmaps what it meets',
    change: () => drop(UNMAP, CMPXCHG, true),
    expected: { violates: 'no-mapping-unmapped-twice' },
  },
  {
    id: 'winner-unmaps-softirq',
    says: 'cmpxchg and unmap, one step',
    design: 'linux-6.12',
    change: winnerUnmapsAtOnce,
    expected: { loses: 'no-unmap-after-unbind' },
    scopes: ['softirq-returners'],
  },
  {
    ...waits,
    id: 'winner-no-read-lock',
    says: 'cmpxchg and unmap in no read section',
    change: () => chain(drop(UNMAP, 'rcu_read_lock'), drop(UNMAP, 'rcu_read_unlock')),
    expected: lateUnmap,
  },
  {
    ...waits,
    id: 'winner-unlock-early',
    says: 'rcu_read_unlock() before the unmap',
    change: () => swap(UNMAP, UNMAPPED, 'rcu_read_unlock'),
    expected: lateUnmap,
  },
  {
    ...waits,
    id: 'winner-not-awaited',
    says: 'destroy does not wait for the winner',
    change: () => drop(WAIT, 'synchronize_rcu'),
    expected: lateUnmap,
    scopes: ['coherent-device'],
  },
  {
    ...waits,
    id: 'waits-if-tracked',
    says: 'it waits if something is tracked',
    change: () =>
      around(WAIT, 'synchronize_rcu', function* (action, _, [pool]): Steps<unknown> {
        const none = yield* step('xa_empty(&pool->dma_mapped)', (w: World) => {
          const { all } = w.pool<Tracked>(pool as Pool).dma_mapped
          return all.every(({ page }) => page === NONE)
        })
        return none ? undefined : yield action as never
      }),
    expected: lateUnmap,
  },
  {
    ...waits,
    id: 'waits-before-release',
    says: 'the wait comes before the scrub',
    change: () =>
      chain(
        drop(WAIT, 'synchronize_rcu'),
        before('page_pool_destroy', 'page_pool_release', function* (): Steps {
          yield* synchronize_rcu()
        }),
      ),
    expected: lateUnmap,
  },
  {
    id: 'no-index-no-unmap',
    says: 'without an index nothing is unmapped',
    design: 'linux-6.12',
    change: () => drop('page_pool_release_page_dma', UNMAP),
    expected: { violates: 'no-page-freed-while-mapped' },
    scopes: ['no-index-bits'],
  },
]
