/** Who has a page: put too early, put twice, recycled although shared, lost on the way. */
import {
  after,
  answer,
  drop,
  negate,
  twice,
  waits,
  withArguments,
} from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { RTNL } from '../model/world/sync/context.ts'
import type { Page, World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const lost = { violates: 'nothing-left-at-rest' } as const
const twoPlaces = { violates: 'page-in-one-place' } as const

export const pages: readonly Mutant[] = [
  {
    ...deferred,
    id: 'clear-after-put',
    says: 'put_page(), then pp_magic = 0',
    change: () => swap('page_pool_return_page', 'page_pool_clear_pp_info', 'put_page'),
    expected: { violates: 'no-use-of-freed-page' },
  },
  {
    ...deferred,
    id: 'clear-lost',
    says: 'pp_magic and pp are never cleared',
    change: () => drop('page_pool_return_page', 'page_pool_clear_pp_info'),
    expected: { violates: 'no-page-freed-with-signature' },
    scopes: ['small'],
  },
  {
    ...deferred,
    id: 'put-twice',
    says: 'put_page() twice',
    change: () => twice('page_pool_return_page', 'put_page'),
    expected: { violates: 'no-page-freed-twice' },
  },
  {
    ...deferred,
    id: 'put-lost',
    says: 'put_page() is forgotten',
    change: () => drop('page_pool_return_page', 'put_page'),
    expected: lost,
  },
  {
    ...deferred,
    id: 'pool-page-as-any',
    says: 'put_page() on a page with signature',
    change: () => negate('napi_pp_put_page', 'page->pp_magic == PP_SIGNATURE'),
    expected: { violates: 'no-page-freed-while-mapped' },
  },
  {
    ...deferred,
    id: 'skb-freed-twice',
    says: 'recvmsg() frees the skb twice',
    change: () => twice('consume_skb', 'napi_pp_put_page'),
    expected: twoPlaces,
  },
  {
    ...deferred,
    id: 'shared-page-recycled',
    says: 'page_ref_count() is not asked',
    change: () => drop('__page_pool_put_page', 'page_ref_count(page) == 1', true),
    expected: twoPlaces,
    scopes: ['shared'],
  },
  {
    ...deferred,
    id: 'ref-test-inverted',
    says: 'page_ref_count() != 1 is recycled',
    change: () => negate('__page_pool_put_page', 'page_ref_count(page) == 1'),
    expected: twoPlaces,
    scopes: ['shared'],
  },
  {
    ...deferred,
    id: 'ring-full-unasked',
    says: 'produced into a full ring',
    change: () => drop('__ptr_ring_produce', 'r->queue[r->producer] taken?', false),
    expected: lost,
    scopes: ['two'],
  },
  {
    ...deferred,
    id: 'ring-full-ignored',
    says: 'what does not fit is dropped',
    change: () => answer('page_pool_put_unrefed_page', 'page_pool_recycle_in_ring', () => true),
    expected: lost,
    scopes: ['two'],
  },
  {
    ...deferred,
    id: 'recycled-and-put',
    says: 'recycled in the ring, put as well',
    change: () => negate('page_pool_put_unrefed_page', 'page_pool_recycle_in_ring'),
    expected: twoPlaces,
  },
  {
    ...deferred,
    id: 'cache-full-unasked',
    says: 'recycled into a full cache',
    change: () =>
      drop('page_pool_recycle_in_cache', 'pool->alloc.count == PP_ALLOC_CACHE_SIZE', false),
    expected: { violates: 'no-other-report' },
    scopes: ['two'],
  },
  {
    ...deferred,
    id: 'ring-read-not-taken',
    says: 'the consumer leaves the slot filled',
    change: () => drop('__ptr_ring_consume', 'r->queue[r->consumer_head++] = NULL'),
    expected: twoPlaces,
  },
  {
    ...deferred,
    id: 'direct-always',
    says: 'a reader recycles into the cache',
    change: () =>
      withArguments('napi_pp_put_page', 'page_pool_put_page', ([pool, page]) => [pool, page, true]),
    expected: { violates: 'alloc-cache-has-one-user' },
    scopes: ['two'],
  },
  {
    ...deferred,
    id: 'napi-owner-unasked',
    says: 'any softirq recycles into the cache',
    change: () =>
      drop('napi_pp_put_page', 'READ_ONCE(napi->list_owner) == smp_processor_id()', true),
    expected: { violates: 'alloc-cache-has-one-user' },
    scopes: ['defer-list'],
  },
  {
    ...deferred,
    id: 'flush-loses',
    says: 'the flush frees none of its skbs',
    change: () => drop('napi_consume_skb', 'napi_pp_put_page'),
    expected: lost,
    scopes: ['defer-list'],
  },
  {
    ...deferred,
    id: 'skb-never-freed',
    says: 'recvmsg() forgets the skb',
    change: () => drop('consume_skb', 'napi_pp_put_page'),
    expected: lost,
  },
  {
    ...deferred,
    id: 'pipe-put-twice',
    says: 'the pipe puts the page twice',
    change: () => twice('put_extra_reference', 'put_page(page)'),
    expected: { violates: 'no-page-freed-twice' },
    scopes: ['shared'],
  },
  {
    ...deferred,
    id: 'read-after-put',
    says: 'put_page(), then pp_magic is read',
    change: () =>
      after('page_pool_return_page', 'put_page', function* (action): Steps {
        const [page] = (action as unknown as { args: readonly Page[] }).args
        yield* step('page->pp_magic', (w: World) => w.page(page!).pp_magic)
      }),
    expected: { violates: 'no-read-of-freed-page' },
  },
  {
    id: 'scrub-holds-page',
    says: 'no page is freed while destroy reads',
    design: 'linux-6.12',
    change: () =>
      waits(
        'put_page',
        'put_page(page)',
        (w: World) => w.current === RTNL || w.task(RTNL).pc === 0,
      ),
    expected: { loses: 'no-read-of-freed-page' },
    scopes: ['shared'],
  },
]
