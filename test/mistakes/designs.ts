/**
 * Designs with one mistake each, of the kinds that compile. None of them can be judged; what is said of each
 * stands in mistakes.test.ts.
 */
import { array, NONE, ref, type Fields } from '../../engine/state/layout.ts'
import { again, choose, step, when, type Steps } from '../../model/step.ts'
import { DeferredRelease } from '../../model/shutdown/deferred-release.ts'
import { pool } from '../../model/families.ts'
import type { Design } from '../../model/design.ts'
import { put_device } from '../../model/world/io/device.ts'
import { spin_lock_bh, spin_unlock_bh } from '../../model/world/sync/lock.ts'
import { rcu_read_lock, synchronize_rcu } from '../../model/world/sync/rcu.ts'
import type { Page, Pool, World } from '../../model/world/world.ts'

type Made = (scope: ConstructorParameters<typeof DeferredRelease>[0]) => object
const design = (id: string, made: Made, more: Partial<Design> = {}): Design => ({
  id,
  title: id,
  source: 'a test',
  family: pool,
  fields: () => ({}),
  functions: made,
  breaks: {
    'no-unmap-after-unbind': 'as deferred release does',
    'no-sync-after-unbind': 'as deferred release does',
    'no-mapping-outlives-its-driver': 'as deferred release does',
    'no-lock-in-freed-memory': 'as deferred release does',
    'no-use-of-freed-pool': 'as deferred release does',
    'no-dma-after-iommu-release': 'as deferred release does',
  },
  ...more,
})
/** What destroy does between finding pages in flight and deferring the release. */
type BeforeDefer = (this: DeferredRelease, pool: Pool) => Steps
const beforeDefer = (id: string, fn: BeforeDefer, more: Partial<Design> = {}): Design =>
  design(
    id,
    (scope) =>
      new (class extends DeferredRelease {
        override *before_defer(pool: Pool): Steps {
          yield* fn.call(this, pool)
        }
      })(scope),
    more,
  )

class SeenLater extends DeferredRelease {
  override *page_pool_release(pool: Pool): Steps<number> {
    const kept = { seen: 0 }
    yield* step('peek', (w) => {
      const { ring } = w.pool(pool)
      Object.assign(kept, { seen: ring.length })
    })
    if (kept.seen > 0) yield* step('put_device() too often', (w) => put_device(w, 0))
    return yield* super.page_pool_release(pool)
  }
}
class Remembers extends DeferredRelease {
  private seen = 0;
  override *before_defer(pool: Pool): Steps {
    yield* step('peek', (w) => {
      this.seen = w.pool(pool).ring.length
    })
  }
  seenSoFar(): number {
    return this.seen
  }
}
class RememberedList extends DeferredRelease {
  private readonly late: Page[] = [];
  override *page_pool_return_page(pool: Pool, page: Page): Steps {
    yield* step('late', () => void this.late.push(page))
    yield* super.page_pool_return_page(pool, page)
  }
}
class Untaken extends DeferredRelease {
  override *page_pool_init(pool: Pool, linked: boolean): Steps<number> {
    step('get_device(pool->p.dev)', () => {})
    return yield* super.page_pool_init(pool, linked)
  }
}
class UntakenCall extends DeferredRelease {
  override *page_pool_release(pool: Pool): Steps<number> {
    spin_lock_bh('pool.producer_lock', pool)
    return yield* super.page_pool_release(pool)
  }
}
class UntakenMethod extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    this.page_pool_scrub(pool)
  }
}
class UntakenSuper extends DeferredRelease {
  override *page_pool_scrub(pool: Pool): Steps {
    super.page_pool_scrub(pool)
  }
}
class UntakenMechanism extends DeferredRelease {
  override *page_pool_release(pool: Pool): Steps<number> {
    spin_lock_bh('pool.producer_lock', pool)
    const inflight = yield* super.page_pool_release(pool)
    spin_unlock_bh('pool.producer_lock', pool)
    return inflight
  }
}
class Throws extends DeferredRelease {
  override *page_pool_dma_sync_for_device(pool: Pool, page: Page, size: number): Steps {
    yield* step('BUG_ON(!dev->driver)', (w) => {
      if (w.dev.driver !== 'bound') throw new Error('the driver is gone')
    })
    yield* super.page_pool_dma_sync_for_device(pool, page, size)
  }
}
class ThrowsBetween extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    const inflight = yield* step('inflight', (w) => w.pool(pool).ring.length)
    if (inflight === 0) throw new Error('nobody should get here')
  }
}
class Descends extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    yield* this.before_defer(pool)
  }
}
class DescendsWithin extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    yield* descends()
    yield* this.page_pool_scrub(pool)
  }
}
function* descends(): Steps {
  yield* descends()
}
class Forever extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    while (yield* step('inflight', (w) => w.pool(pool).user_cnt === 0));
  }
}
/** As JavaScript has it: the compiler is told to look away. */
// oxlint-disable-next-line typescript/no-explicit-any -- mistakes that need no compiler to be made
const loosely = (it: unknown): any => it

export const mistakes: readonly Design[] = [
  design('captured', (scope) => new SeenLater(scope)),
  beforeDefer('captured-plainly', function* (pool): Steps {
    let seen = 0
    yield* step('peek', (w) => {
      seen = w.pool(pool).ring.length
    })
    if (seen > 0) yield* step('never believed', () => {})
  }),
  beforeDefer('captured-list', function* (pool): Steps {
    const late: number[] = []
    yield* step('peek', (w) => {
      if (w.pool(pool).ring.length > 0) late.push(1)
    })
    if (late.length > 0) yield* step('never believed', () => {})
  }),
  design('remembers', (scope) => new Remembers(scope)),
  design('remembers-in-a-list', (scope) => new RememberedList(scope)),
  design('untaken', (scope) => new Untaken(scope)),
  design('untaken-call', (scope) => new UntakenCall(scope)),
  design('untaken-method', (scope) => new UntakenMethod(scope)),
  design('untaken-super', (scope) => new UntakenSuper(scope)),
  design('untaken-mechanism', (scope) => new UntakenMechanism(scope)),
  beforeDefer('untaken-when', function* (): Steps {
    when('wait', (w) => w.dev.driver === 'bound')
  }),
  beforeDefer('untaken-choose', function* (): Steps {
    choose('which', [1, 2])
  }),
  beforeDefer('untaken-again', function* (): Steps {
    again('while (pool->alloc.count)')
  }),
  beforeDefer('untaken-in-a-step', function* (pool): Steps {
    yield* step('all at once', () => {
      this.page_pool_scrub(pool)
    })
  }),
  beforeDefer('untaken-and-returned', function* (pool): Steps {
    yield* step('all at once', () => loosely(this).page_pool_scrub(pool))
  }),
  beforeDefer('yields-without-a-star', function* (): Steps {
    yield loosely(step('half taken', () => {}))
  }),
  beforeDefer('random', function* (): Steps {
    yield* step('flip a coin', () => Math.random() < 0.5)
  }),
  beforeDefer('clock', function* (): Steps {
    yield* step(`t ${Date.now()}`, () => {})
  }),
  beforeDefer('new-date', function* (): Steps {
    yield* step('stamp', () => new Date().getTime() % 2)
  }),
  beforeDefer('hrtime', function* (): Steps {
    yield* step('stamp', () => Number(process.hrtime.bigint() % 2n))
  }),
  beforeDefer('clock-in-a-guard', function* (): Steps {
    yield* when('later', () => performance.now() > 0)
  }),
  beforeDefer('no-such-lock', function* (pool): Steps {
    yield* spin_lock_bh('pool.my_lock', pool)
    yield* spin_unlock_bh('pool.my_lock', pool)
  }),
  beforeDefer('no-lock-at-all', function* (pool): Steps {
    yield* spin_lock_bh('pool.user_cnt', pool)
  }),
  beforeDefer('no-such-field', function* (pool): Steps {
    yield* step('read', (w) => w.pool<{ shutdown: boolean }>(pool).shutdown)
  }),
  beforeDefer('no-such-field-written', function* (pool): Steps {
    yield* step('write', (w) => {
      w.pool<{ shutdown: boolean }>(pool).shutdown = true
    })
  }),
  beforeDefer('field-of-the-world', function* (): Steps {
    yield* step('write', (w) => {
      loosely(w).shutdown = true
    })
  }),
  beforeDefer('field-left-out', function* (pool): Steps {
    yield* step('pool->p.order = 3', (w) => {
      w.pool(pool).order = 3
    })
  }),
  beforeDefer('page-by-number', function* (pool): Steps {
    for (let n = 0; n < this.scope.pages; n += 1)
      yield* step('page_count(page)', (w) => w.page(n).refcount > w.pool(pool).user_cnt)
  }),
  beforeDefer(
    'slot-by-page',
    function* (pool): Steps {
      yield* step('slot', (w) => {
        const { slots } = w.pool<{ slots: (n: number) => { page: Page } }>(pool)
        slots(w.page.refs[0]!).page = NONE
      })
    },
    {
      fields: ({ pages }): Fields => ({
        slots: array('slot', pages, { page: ref('page', pages) }),
      }),
    },
  ),
  beforeDefer(
    'number-stored-as-page',
    function* (pool): Steps {
      yield* step('slot', (w) => {
        w.pool<{ slots: (n: number) => { page: Page } }>(pool).slots(0).page = 0
      })
    },
    {
      fields: ({ pages }): Fields => ({
        slots: array('slot', pages, { page: ref('page', pages) }),
      }),
    },
  ),
  beforeDefer(
    'slot-below-zero',
    function* (pool): Steps {
      yield* step('slot', (w) => {
        w.pool<{ slots: (n: number) => { page: Page } }>(pool).slots(-1).page = NONE
      })
    },
    {
      fields: ({ pages }): Fields => ({
        slots: array('slot', pages, { page: ref('page', pages) }),
      }),
    },
  ),
  beforeDefer('label-empty', function* (): Steps {
    yield* step('', () => {})
  }),
  beforeDefer('label-twice', function* (pool): Steps {
    yield* step('pool->napi = false', (w) => {
      w.pool(pool).napi = false
    })
    yield* step('pool->napi = false', (w) => {
      w.pool(pool).dma_sync = false
    })
  }),
  beforeDefer('options-twice', function* (): Steps {
    yield* choose('which', ['ok', 'ok'])
  }),
  beforeDefer('world-kept', function* (pool): Steps {
    const kept: World[] = []
    yield* step('keep it', (w) => void Object.assign(kept, [w]))
    kept[0]!.pool(pool).napi = true
  }),
  beforeDefer('world-kept-and-read', function* (pool): Steps {
    const kept: World[] = []
    yield* step('keep it', (w) => void Object.assign(kept, [w]))
    if (kept[0]!.pool(pool).ring.length > 0) yield* step('never believed', () => {})
  }),
  beforeDefer('guard-writes', function* (pool): Steps {
    yield* when('wait', (w) => {
      w.pool(pool).user_cnt = 1
      return true
    })
  }),
  beforeDefer('assigned-in-a-guard', function* (pool): Steps {
    yield* when('pool->dma_sync', (w) => (w.pool(pool).dma_sync = true))
  }),
  beforeDefer('options-write', function* (pool): Steps {
    yield* choose('which', (w) => {
      w.pool(pool).destroy_cnt = 2
      return [1, 2]
    })
  }),
  design('throws', (scope) => new Throws(scope)),
  design('throws-between', (scope) => new ThrowsBetween(scope)),
  design('descends', (scope) => new Descends(scope)),
  design('descends-within', (scope) => new DescendsWithin(scope)),
  design('forever', (scope) => new Forever(scope)),
  beforeDefer('never-unlocked', function* (pool): Steps {
    yield* spin_lock_bh('pool.producer_lock', pool)
    const empty = yield* step('ring empty', (w) => w.pool(pool).ring.length === 0)
    if (empty) return
    yield* spin_unlock_bh('pool.producer_lock', pool)
  }),
  beforeDefer('never-locked', function* (pool): Steps {
    yield* spin_unlock_bh('pool.producer_lock', pool)
  }),
  beforeDefer('too-deep', function* (): Steps {
    for (let n = 0; n < 8; n += 1) yield* rcu_read_lock()
  }),
  beforeDefer('sleeps-under-a-lock', function* (pool): Steps {
    yield* spin_lock_bh('pool.producer_lock', pool)
    yield* synchronize_rcu()
    yield* spin_unlock_bh('pool.producer_lock', pool)
  }),
  beforeDefer('too-few-arguments', function* (pool): Steps {
    yield* loosely(this).page_pool_return_page(pool)
  }),
  beforeDefer('no-such-function', function* (pool): Steps {
    yield* loosely(this).page_pool_retrun_page(pool)
  }),
  beforeDefer('called-too-early', function* (pool): Steps {
    yield* loosely(this.page_pool_release(pool))()
  }),
  beforeDefer('effect-done-too-early', function* (pool): Steps {
    yield* step('napi off', loosely(((p: Pool) => p)(pool)))
  }),
  beforeDefer('step-returns-an-object', function* (pool): Steps {
    yield* step('all of it', (w) => loosely({ n: w.pool(pool).user_cnt }))
  }),
  beforeDefer('step-returns-a-view', function* (pool): Steps {
    const it = yield* step('it = pool', (w) => loosely(w.pool(pool)))
    yield* step('it->napi = NULL', () => {
      loosely(it).napi = false
    })
  }),
  beforeDefer('async-step', function* (pool): Steps {
    yield* step(
      'wait',
      loosely(async (w: World) => w.pool(pool).user_cnt),
    )
  }),
  beforeDefer('async-function', function* (pool): Steps {
    yield* loosely(async function page_pool_wait() {
      return pool
    })()
  }),
  beforeDefer('no-star', function* (pool): Steps {
    yield* loosely(function page_pool_look() {
      return pool
    })()
  }),
  beforeDefer('star-forgotten-at-the-call', function* (pool): Steps {
    const inflight = this.page_pool_release(pool)
    if (loosely(inflight) === 0) return
    yield* step('deferred', () => {})
  }),
  beforeDefer('passes-an-array', function* (pool): Steps {
    yield* loosely(this).page_pool_put_page(pool, [NONE], false)
  }),
  beforeDefer('carries-a-variable', function* (pool): Steps {
    for (let n = 0; n < 3; n += 1) {
      yield* again('for (n = 0; n < 3; n++)')
      yield* step(`round ${n}`, (w) => w.pool(pool).user_cnt)
    }
  }),
  beforeDefer('round-without-a-step', function* (): Steps {
    for (;;) yield* again('for (;;)')
  }),
]

/** As the others, but ended only by force: tried by the command line alone. */
class Spins extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    yield* step('while (inflight)', (w) => {
      while (w.pool(pool).user_cnt === 0);
    })
  }
}
class SpinsBetween extends DeferredRelease {
  override *before_defer(pool: Pool): Steps {
    yield* step('inflight', (w) => w.pool(pool).ring.length)
    for (;;);
  }
}
export const endless: readonly Design[] = [
  design('spins', (scope) => new Spins(scope)),
  design('spins-between', (scope) => new SpinsBetween(scope)),
]
