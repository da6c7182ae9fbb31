/** The two counters: not raised, raised twice, compared in the wrong way. */
import { around, chain, drop, effect, twice, type Mutation } from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { distance } from '../model/world/memory/in-flight.ts'
import { looksAtInFlight, reliedOn } from '../model/ledger/counts.ts'
import type { World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const wrong = { violates: 'in-flight-equals-ledger' } as const
const ALLOC = '__page_pool_alloc_pages_slow'
const HOLD = 'pool->pages_state_hold_cnt++'
const RELEASE = 'atomic_inc(&pool->pages_state_release_cnt)'
const PUSH = 'pool->alloc.cache[pool->alloc.count++] = page'
const RELEASED = 'atomic_read(&pool->pages_state_release_cnt)'
const HELD = 'READ_ONCE(pool->pages_state_hold_cnt)'

/** What the kernel makes of the two numbers. */
const compared = (how: (held: number, released: number, bits: number) => number): Mutation =>
  effect('page_pool_inflight', HELD, (w: World, _, given) => {
    const inflight = how(w.pool(0).pages_state_hold_cnt, given[0] as number, w.scope.counterBits)
    reliedOn(w, 0, inflight)
    return inflight
  })

export const accounting: readonly Mutant[] = [
  {
    ...deferred,
    id: 'hold-lost',
    says: 'hold_cnt is not raised',
    change: () => drop(ALLOC, HOLD),
    expected: wrong,
  },
  {
    ...deferred,
    id: 'hold-twice',
    says: 'hold_cnt is raised twice',
    change: () => twice(ALLOC, HOLD),
    expected: wrong,
  },
  {
    ...deferred,
    id: 'release-lost',
    says: 'release_cnt is not raised',
    change: () => drop('page_pool_return_page', RELEASE),
    expected: wrong,
  },
  {
    ...deferred,
    id: 'release-twice',
    says: 'release_cnt is raised twice',
    change: () => twice('page_pool_return_page', RELEASE),
    expected: wrong,
  },
  {
    ...deferred,
    id: 'release-not-atomic',
    says: 'release_cnt is read, then written',
    change: () =>
      around('page_pool_return_page', RELEASE, function* (action): Steps {
        const before = yield* step('cnt = pool->pages_state_release_cnt', (w: World) => {
          return w.pool(0).pages_state_release_cnt
        })
        const { effect } = action as unknown as { effect: (w: World, choice: undefined) => void }
        yield* step('pool->pages_state_release_cnt = cnt + 1', (w: World) => {
          effect(w, undefined)
          w.pool(0).pages_state_release_cnt = before + 1
        })
      }),
    expected: wrong,
    scopes: ['two-holders'],
  },
  {
    ...deferred,
    id: 'counters-exchanged',
    says: 'release - hold',
    change: () => compared((held, released, bits) => distance(released, held, bits)),
    expected: { violates: 'in-flight-never-negative' },
  },
  {
    ...deferred,
    id: 'inflight-plus-one',
    says: 'hold - release + 1',
    change: () => compared((held, released, bits) => distance(held, released, bits) + 1),
    expected: wrong,
  },
  {
    ...deferred,
    id: 'inflight-not-serial',
    says: 'hold - release, never wrapped',
    change: () => compared((held, released) => held - released),
    expected: wrong,
    scopes: ['shared'],
  },
  {
    ...deferred,
    id: 'inflight-32-bit-wrap',
    says: 'the same with counters of 32 bits',
    change: () => compared((held, released) => held - released),
    expected: { violates: 'in-flight-never-negative' },
    scopes: ['wrap'],
  },
  {
    ...deferred,
    id: 'inflight-unsigned',
    says: '(u32)(hold - release)',
    change: () => compared((held, released, bits) => (held - released + 2 ** bits) % 2 ** bits),
    expected: {
      nothing:
        'The sign differs only when more is released than was held, or more than half the range is out; neither happens in a design that counts right.',
    },
    scopes: ['small', 'shared', 'two'],
  },
  {
    ...deferred,
    id: 'inflight-hold-first',
    says: 'hold_cnt is read before release_cnt',
    change: () => exchanged(),
    expected: {
      nothing:
        'Only page_pool_release() asks, and NAPI is disabled by then: hold_cnt no longer moves, so the order cannot show. It shows to who reads the count of a live pool (page_pool_get_stats()), which nobody does here.',
    },
    scopes: ['small', 'shared', 'two'],
  },
  {
    design: 'producer-barrier',
    id: 'count-before-unmap',
    says: 'counted as released, then unmapped',
    change: () => swap('page_pool_return_page', 'page_pool_release_page_dma', RELEASE),
    expected: { violates: 'no-use-of-freed-pool' },
    scopes: ['shared'],
  },
  {
    ...deferred,
    id: 'hold-before-cache',
    says: 'hold_cnt++ before the page is cached',
    change: () =>
      chain(
        // What it says of the room that is left is asked by a refill only.
        effect(ALLOC, PUSH, (_: World, original) => {
          original()
        }),
        swap(ALLOC, PUSH, HOLD),
      ),
    expected: {
      nothing: 'Both belong to NAPI, and nobody reads the count before NAPI is disabled.',
    },
    scopes: ['small', 'shared', 'two'],
  },
]

/** hold_cnt where release_cnt was read, and the other way round. */
function exchanged(): Mutation {
  return chain(
    effect('page_pool_inflight', RELEASED, (w: World) => w.pool(0).pages_state_hold_cnt),
    effect('page_pool_inflight', HELD, (w: World, _, given) => {
      looksAtInFlight(w, 0)
      const { pages_state_release_cnt } = w.pool(0)
      const inflight = distance(given[0] as number, pages_state_release_cnt, w.scope.counterBits)
      reliedOn(w, 0, inflight)
      return inflight
    }),
  )
}
