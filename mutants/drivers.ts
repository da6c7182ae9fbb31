/** What drivers and the stack owe the pool: users counted, pages put once, nothing kept. */
import { answer, around, before, drop, twice, withArguments } from '../engine/mutation/mutate.ts'
import { NONE } from '../engine/state/layout.ts'
import { step, type Steps } from '../engine/step.ts'
import { nextOfRing, postToRing } from '../model/drivers/nic.ts'
import { enqueue } from '../model/skb/stack.ts'
import { local_irq_disable } from '../model/world/sync/context.ts'
import type { Pool, World } from '../model/world/world.ts'
import type { Holder } from '../model/scope/bounds.ts'
import type { Mutant } from './mutant.ts'

const shared = { design: 'linux-6.12', scopes: ['two-ports'] } as const
const owned = { design: 'linux-6.12', scopes: ['small'] } as const
const stale = { violates: 'no-use-of-freed-pool' } as const
const twoPlaces = { violates: 'page-in-one-place' } as const
const USERS = 'refcount_dec_and_test(&pool->user_cnt)'

export const drivers: readonly Mutant[] = [
  {
    ...shared,
    id: 'first-port-destroys',
    says: 'user_cnt is not asked',
    change: () => answer('page_pool_destroy', USERS, () => true),
    expected: stale,
  },
  {
    ...shared,
    id: 'second-port-uncounted',
    says: 'the second port takes no user',
    change: () =>
      around('nic_open', 'refcount_inc(&pool->user_cnt)', function* (): Steps {
        yield* step('the other port is open', (w: World) => {
          w.driver.other_port = 'open'
        })
      }),
    expected: { violates: 'no-use-of-freed-pool' },
  },
  {
    ...shared,
    id: 'last-port-keeps',
    says: 'user_cnt never gets to 0',
    change: () => answer('page_pool_destroy', USERS, () => false),
    expected: { violates: 'nothing-left-at-rest' },
  },
  {
    ...shared,
    id: 'user-count-split',
    says: 'user_cnt--, then if (!user_cnt)',
    change: () =>
      around('page_pool_destroy', USERS, function* (action, _, [pool]): Steps<unknown> {
        yield action as never
        return yield* step('pool->user_cnt == 0', (w: World) => {
          return w.pool(pool as Pool).user_cnt === 0
        })
      }),
    expected: stale,
  },
  {
    ...owned,
    id: 'xdp-drop-twice',
    says: 'XDP_DROP puts the page twice',
    change: () => twice('nic_xdp_drop', 'page_pool_put_page'),
    expected: twoPlaces,
  },
  {
    ...owned,
    id: 'xdp-drop-lost',
    says: 'XDP_DROP forgets the page',
    change: () => drop('nic_xdp_drop', 'page_pool_put_page'),
    expected: { violates: 'nothing-left-at-rest' },
  },
  {
    ...owned,
    id: 'received-and-posted',
    says: 'the packet goes up, its page stays',
    change: () =>
      around('nic_receive', 'napi_gro_receive(skb)', function* (_, __, [holder]): Steps {
        yield* step('napi_gro_receive(skb)', (w: World) => {
          const page = nextOfRing(w)
          if (page === NONE) return
          enqueue(w, holder as Holder, page)
          postToRing(w, page)
        })
      }),
    expected: twoPlaces,
  },
  {
    id: 'restart-never-told',
    says: 'the old pool keeps its NAPI',
    design: 'linux-6.12',
    change: () => drop('ndo_queue_stop', 'page_pool_disable_direct_recycling'),
    expected: { violates: 'napi-and-its-pool-agree' },
    scopes: ['restart-links'],
  },
  {
    id: 'restart-forgets-new',
    says: 'the new pool is told instead',
    design: 'linux-6.12',
    change: () =>
      withArguments('ndo_queue_stop', 'page_pool_disable_direct_recycling', () => [1 as Pool]),
    expected: { violates: 'napi-and-its-pool-agree' },
    scopes: ['restart-links'],
  },
  {
    id: 'skb-freed-irqs-off',
    says: 'the reader disables interrupts',
    design: 'linux-6.12',
    change: () =>
      before('consume_skb', 'napi_pp_put_page', function* (): Steps {
        yield* step('local_irq_disable()', local_irq_disable)
      }),
    expected: { violates: 'no-return-with-interrupts-off' },
    scopes: ['interrupts'],
  },
]
