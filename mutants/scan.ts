/** The page scan of destroy: when it runs, what it takes for its own, what it leaves behind. */
import { answer, chain, drop, negate } from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import type { Mutant } from './mutant.ts'

const posted = { design: 'page-scan-destroy-lock', scopes: ['shared'] } as const
const lateUnmap = { violates: 'no-unmap-after-unbind' } as const
const leftMapped = { violates: 'no-mapping-outlives-its-driver' } as const
const COUNT = 'page_count(page)'
const SIGNED = 'page->pp_magic == PP_SIGNATURE'
const OURS = 'page->pp == pool'

export const scan: readonly Mutant[] = [
  {
    ...posted,
    id: 'destroy-cnt-never',
    says: 'destroy_cnt is never raised',
    change: () => drop('page_pool_scrub', 'pool->destroy_cnt++'),
    expected: lateUnmap,
  },
  {
    ...posted,
    id: 'destroy-cnt-inverted',
    says: 'destroy_lock only before destroy',
    change: () => negate('page_pool_return_page', 'READ_ONCE(pool->destroy_cnt)'),
    expected: lateUnmap,
  },
  {
    ...posted,
    id: 'scan-before-wait',
    says: 'scan, then synchronize_rcu()',
    change: () => swap('before_defer', 'synchronize_rcu', 'page_pool_inflight_unmap'),
    expected: { violates: 'no-mapping-unmapped-twice' },
  },
  {
    ...posted,
    id: 'scan-flag-kept',
    says: 'dma_map stays set after the scan',
    change: () => drop('page_pool_inflight_unmap', 'pool->dma_map = false'),
    expected: lateUnmap,
  },
  {
    ...posted,
    id: 'scan-inflight-zero',
    says: 'the scan looks for no page',
    change: () => drop('page_pool_inflight_unmap', 'page_pool_inflight', 0),
    expected: leftMapped,
    scopes: ['small'],
  },
  {
    ...posted,
    id: 'scan-one-short',
    says: 'the scan stops one page early',
    change: () =>
      answer('page_pool_inflight_unmap', 'page_pool_inflight', (n) => (n as number) - 1),
    expected: leftMapped,
    scopes: ['small'],
  },
  {
    ...posted,
    id: 'scan-magic-inverted',
    says: 'the scan takes unsigned pages',
    change: () => negate('scan_page', SIGNED),
    expected: leftMapped,
    scopes: ['small'],
  },
  {
    ...posted,
    id: 'scan-any-count',
    says: 'the scan does not ask page_count()',
    change: () => drop('scan_page', COUNT, true),
    expected: { violates: 'no-read-of-freed-page' },
    scopes: ['two'],
  },
  {
    ...posted,
    id: 'scan-any-signature',
    says: 'the scan does not ask pp_magic',
    change: () => drop('scan_page', SIGNED, true),
    expected: {
      nothing:
        'Who has cleared pp_magic and not yet page->pp holds destroy_lock or is waited for, and nothing else is kept in those words here.',
    },
    scopes: ['small', 'two', 'no-sync'],
  },
  {
    ...posted,
    id: 'scan-any-pool',
    says: 'the scan does not ask page->pp',
    change: () => drop('scan_page', OURS, true),
    expected: { nothing: 'These worlds have one pool.' },
    scopes: ['small', 'two', 'no-sync'],
  },
  {
    ...posted,
    id: 'scan-anything',
    says: 'the scan takes every page it meets',
    change: () =>
      chain(
        drop('scan_page', COUNT, true),
        drop('scan_page', SIGNED, true),
        drop('scan_page', OURS, true),
      ),
    expected: { violates: 'no-mapping-unmapped-twice' },
    scopes: ['two'],
  },
]
