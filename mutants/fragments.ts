/** Pages cut in fragments: pp_ref_count says who has the last of them. */
import { answer, around, chain, drop, effect, twice } from '../engine/mutation/mutate.ts'
import { step, type Steps } from '../engine/step.ts'
import { fragmentsGivenUp } from '../model/ledger/fragments.ts'
import type { Page, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const cut = { design: 'linux-6.12', scopes: ['fragments'] } as const
const left = { violates: 'nothing-left-at-rest' } as const
const twoPlaces = { violates: 'page-in-one-place' } as const
const UNREF = 'page_pool_unref_page'
const READ = 'atomic_long_read(&page->pp_ref_count) == nr'
const SUB = 'atomic_long_sub_return(nr, &page->pp_ref_count)'

/** What is taken off the page at its end. */
const drainsOneLess = (fn: string) =>
  answer(fn, 'drain_count = BIAS_MAX - pool->frag_users', (nr) => (nr as number) - 1)

export const fragments: readonly Mutant[] = [
  {
    ...cut,
    id: 'frag-share-kept',
    says: 'destroy keeps the share of the pool',
    change: () => drop('page_pool_free_frag', UNREF, 1),
    expected: left,
  },
  {
    ...cut,
    id: 'frag-share-unput',
    says: 'a page drained last is not returned',
    change: () => drop('page_pool_free_frag', 'page_pool_return_page'),
    expected: left,
  },
  {
    ...cut,
    id: 'frag-share-last',
    says: 'destroy returns the page in any case',
    change: () => answer('page_pool_free_frag', UNREF, () => 0),
    expected: twoPlaces,
  },
  {
    ...cut,
    id: 'frag-share-twice',
    says: 'what was not handed out goes twice',
    change: () => chain(twice('page_pool_drain_frag', UNREF), twice('page_pool_free_frag', UNREF)),
    expected: { violates: 'no-page-freed-twice' },
  },
  {
    ...cut,
    id: 'frag-users-one-more',
    says: 'one user too many is counted',
    change: () =>
      chain(drainsOneLess('page_pool_drain_frag'), drainsOneLess('page_pool_free_frag')),
    expected: left,
  },
  {
    ...cut,
    id: 'frag-last-of-two',
    says: 'the last but one recycles the page',
    change: () =>
      effect(UNREF, READ, (w: World, _, __, [page, nr]) => {
        const it = w.page(page as Page)
        if (it.pp_ref_count > (nr as number) + 1) return false
        fragmentsGivenUp(w, page as Page, nr === 1 ? 'holder' : 'pool')
        return true
      }),
    expected: twoPlaces,
  },
  {
    ...cut,
    id: 'frag-count-unasked',
    says: 'every fragment recycles the page',
    change: () => drop('page_pool_put_page', 'page_pool_is_last_frag', true),
    expected: twoPlaces,
  },
  {
    ...cut,
    id: 'frag-count-split',
    says: 'pp_ref_count is read, then written',
    change: () =>
      around(UNREF, SUB, function* (_, __, args): Steps<number> {
        const [page, nr] = args as readonly [Page, number]
        const before = yield* step('ret = page->pp_ref_count', (w: World) => {
          return w.page(page).pp_ref_count
        })
        return yield* step('page->pp_ref_count = ret - nr', (w: World) => {
          fragmentsGivenUp(w, page, nr === 1 ? 'holder' : 'pool')
          w.page(page).pp_ref_count = before - nr
          return before - nr
        })
      }),
    expected: left,
  },
  {
    ...cut,
    id: 'frag-drained-reused',
    says: 'cut anew while a fragment is out',
    change: () => answer('page_pool_drain_frag', UNREF, () => 0),
    expected: twoPlaces,
  },
]
