/** Mappings: not undone, undone twice or too late, taken for granted. */
import {
  answer,
  around,
  before,
  chain,
  drop,
  effect,
  negate,
  nth,
  twice,
  type Mutation,
} from '../engine/mutation/mutate.ts'
import { step, type Steps } from '../engine/step.ts'
import { put_page } from '../model/world/memory/page.ts'
import { NONE } from '../engine/state/layout.ts'
import type { Page, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const tracked = { design: 'xarray-tracking', scopes: ['small'] } as const
const freedMapped = { violates: 'no-page-freed-while-mapped' } as const
const RELEASE_DMA = 'page_pool_release_page_dma'
const CMPXCHG = 'xa_cmpxchg(&pool->dma_mapped, id, page, NULL)'
const unmap = 'dma_unmap_page_attrs(pool->p.dev)'

interface Tracked {
  readonly dma_mapped: (slot: number) => { page: Page }
}

export const dma: readonly Mutant[] = [
  {
    ...deferred,
    id: 'unmap-lost',
    says: 'a returned page is not unmapped',
    change: () => drop(RELEASE_DMA, unmap),
    expected: freedMapped,
  },
  {
    ...deferred,
    id: 'unmap-twice',
    says: 'a returned page is unmapped twice',
    change: () => twice(RELEASE_DMA, unmap),
    expected: { violates: 'no-mapping-unmapped-twice' },
  },
  {
    ...deferred,
    id: 'unmap-flag-inverted',
    says: 'if (pool->dma_map) return',
    change: () => negate(RELEASE_DMA, 'if (!pool->dma_map)'),
    expected: freedMapped,
  },
  {
    ...deferred,
    id: 'put-before-unmap',
    says: 'put_page() before the unmap',
    change: () =>
      chain(
        drop('page_pool_return_page', 'put_page'),
        around('page_pool_return_page', RELEASE_DMA, function* (action): Steps<unknown> {
          const [, page] = (action as unknown as { args: readonly Page[] }).args
          yield* put_page(page!)
          return yield action as never
        }),
      ),
    expected: freedMapped,
  },
  {
    ...deferred,
    id: 'map-failure-ignored',
    says: 'a page that cannot be mapped is used',
    change: () => answer('__page_pool_alloc_pages_slow', 'page_pool_dma_map', () => true),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['fault'],
  },
  {
    ...deferred,
    id: 'map-failure-leaks',
    says: 'a page that cannot be mapped is lost',
    change: () => drop('__page_pool_alloc_pages_slow', 'put_page'),
    expected: { violates: 'nothing-left-at-rest' },
    scopes: ['fault'],
  },
  {
    ...deferred,
    id: 'sync-never',
    says: 'recycling never syncs',
    change: () => drop('page_pool_dma_sync_for_device', 'dma_sync_single_range_for_device()'),
    expected: { loses: 'no-sync-after-unbind' },
  },
  {
    ...tracked,
    id: 'xa-failure-no-unmap',
    says: 'xa_alloc() fails, the mapping stays',
    change: () => drop('page_pool_dma_map', 'dma_unmap_page_attrs(pool->p.dev, dma)'),
    expected: freedMapped,
    scopes: ['fault'],
  },
  {
    ...tracked,
    id: 'xa-failure-ignored',
    says: 'xa_alloc() fails, the page is used',
    change: () =>
      answer('page_pool_register_dma_index', 'xa_alloc(&pool->dma_mapped, &id, page)', () => false),
    expected: freedMapped,
    scopes: ['fault'],
  },
  {
    ...tracked,
    id: 'dma-addr-unset',
    says: 'the DMA address is not stored',
    change: () => drop('page_pool_dma_map', 'page_pool_set_dma_addr(page, dma)'),
    expected: { violates: 'no-mapping-unmapped-twice' },
  },
  {
    ...tracked,
    id: 'dma-index-unset',
    says: 'the index of the page is not stored',
    change: () => drop('page_pool_register_dma_index', 'netmem_set_dma_index(netmem, id)'),
    expected: freedMapped,
  },
  {
    ...tracked,
    id: 'untracked-at-destroy',
    says: 'destroy unmaps no tracked page',
    change: () => drop('page_pool_scrub', 'unmap_tracked'),
    expected: { violates: 'no-mapping-outlives-its-driver' },
  },
  {
    ...tracked,
    id: 'first-id-skipped',
    says: 'the walk begins at the second id',
    change: () => drop('unmap_tracked', nth('unmap_slot', 1), true),
    expected: { violates: 'no-mapping-outlives-its-driver' },
  },
  {
    ...tracked,
    id: 'unmapped-on-retry',
    says: 'if (pool->destroy_cnt++) unmap',
    // Every pool maps its pages here.
    change: () => negate('page_pool_scrub', 'if (!pool->destroy_cnt++ && pool->dma_map)'),
    expected: { violates: 'no-unmap-after-unbind' },
  },
  {
    ...tracked,
    id: 'cmpxchg-split',
    says: 'xa_load(), then xa_store(NULL)',
    change: () => around(RELEASE_DMA, CMPXCHG, (_, given) => loadThenStore(given[1] as number)),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['shared'],
  },
  {
    ...tracked,
    id: 'cmpxchg-not-asked',
    says: 'the loser of xa_cmpxchg() unmaps too',
    change: () => answer(RELEASE_DMA, CMPXCHG, () => true),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['shared'],
  },
  {
    ...tracked,
    id: 'xa-entry-late',
    says: 'the entry is erased after the unmap',
    change: () =>
      chain(
        entryKept(),
        before(RELEASE_DMA, 'netmem_set_dma_index', (_, given) => store(given[1] as number)),
      ),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['shared'],
  },
  {
    ...tracked,
    id: 'xa-entry-kept',
    says: 'the entry is compared, never erased',
    change: () => entryKept(),
    expected: { violates: 'no-read-of-freed-page' },
  },
  {
    ...tracked,
    id: 'dma-index-kept',
    says: 'the dma index stays in pp_magic',
    change: () => drop(RELEASE_DMA, 'netmem_set_dma_index'),
    expected: { loses: 'no-page-freed-with-signature' },
    scopes: ['shared'],
  },
  {
    ...tracked,
    id: 'dma-addr-kept',
    says: 'dma_addr is not cleared',
    change: () => drop(RELEASE_DMA, 'page_pool_set_dma_addr(page, 0)'),
    expected: {
      nothing: 'dma_addr is read only by the winner of xa_cmpxchg(), and each mapping has one.',
    },
    scopes: ['small', 'shared'],
  },
]
function* loadThenStore(id: number): Steps<boolean> {
  const mine = yield* step('xa_load(&pool->dma_mapped, id)', (w: World) => {
    return w.pool<Tracked>(0).dma_mapped(id - 1).page !== NONE
  })
  if (!mine) return false
  yield* store(id)
  return true
}

function* store(id: number): Steps {
  yield* step('xa_store(&pool->dma_mapped, id, NULL)', (w: World) => {
    w.pool<Tracked>(0).dma_mapped(id - 1).page = NONE
  })
}
/** The winner is told so, and the entry stays. */
const entryKept = (): Mutation =>
  effect(RELEASE_DMA, CMPXCHG, (w: World, original, given) => {
    const slot = w.pool<Tracked>(0).dma_mapped((given[1] as number) - 1)
    const { page } = slot
    const won = original()
    slot.page = page
    return won
  })
