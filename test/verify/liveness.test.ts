/** The promises about the end, on the designs and on designs planted to break each of them. */
import { describe, expect, it } from 'vitest'
import { checkLasso } from '../../engine/liveness/lasso.ts'
import { again, step, when, type Steps } from '../../engine/step.ts'
import type { Design } from '../../model/design.ts'
import { designs } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { distance } from '../../model/world/memory/in-flight.ts'
import { PagePool } from '../../model/pool/page-pool.ts'
import { parseScope } from '../../model/scope/parse.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { SOFTIRQ0 } from '../../model/world/sync/context.ts'
import type { Page, Pool, World } from '../../model/world/world.ts'
import { livenessProperties } from '../../properties/liveness/index.ts'
import { checkLiveness, eventually, type LivenessVerdict } from '../../verify/liveness.ts'
import { lassoText } from '../../views/lasso.ts'
import { tight } from '../support/tight.ts'

const SHUTDOWN = 'shutdown-completes-once-packets-are-released'
const UNBIND = 'unbind-never-waits-for-a-packet'
const QUIET = 'deferred-release-does-not-run-for-ever'
const RELEASED = 'atomic_inc(&pool->pages_state_release_cnt)'
const EMPTIES = 'page_pool_empty_alloc_cache_once'
const COUNT = 'pool->alloc.count'
const ALL = { [SHUTDOWN]: 'holds', [UNBIND]: 'holds', [QUIET]: 'holds' }

const designOf = (id: string): Design => designs.find((design) => design.id === id)!
const outcomes = (verdicts: readonly LivenessVerdict[]): Record<string, string> =>
  Object.fromEntries(verdicts.map(({ property, outcome }) => [property, outcome]))
const verdictOf = (design: Design, scope: Scope, property: string): LivenessVerdict =>
  checkLiveness(design, scope).verdicts.find((it) => it.property === property)!
const functionsOn = (verdict: LivenessVerdict, part: 'stem' | 'loop'): Set<string> =>
  new Set(verdict.lasso![part].map(({ fn }) => fn))

describe.each([scopes.small, tight])('in scope $name', (scope) => {
  it.each([
    ['deferred-release', ALL],
    ['page-scan-destroy-lock', ALL],
    // Destroy and the release work both count the same page: in flight is -1 from then on.
    ['destroy-count-only', { ...ALL, [SHUTDOWN]: 'violated', [QUIET]: 'violated' }],
    ['xarray-tracking', ALL],
  ])('%s', (id, expected) => {
    const { verdicts, complete } = checkLiveness(designOf(id), scope)
    expect(complete).toBe(true)
    expect(outcomes(verdicts)).toEqual(expected)
  })
})

describe('a release counted twice', () => {
  const design = designOf('destroy-count-only')
  it('keeps release_dw running, once it has counted the page a second time', () => {
    const verdict = verdictOf(design, scopes.small, QUIET)
    expect(functionsOn(verdict, 'loop')).toContain('release_dw runs')
    const counted = ({ step }: { readonly step: string }): boolean => step === RELEASED
    expect(verdict.lasso!.loop.filter(counted)).toEqual([])
    expect(verdict.lasso!.stem.filter(counted)).toHaveLength(2)
  })
  it('stops the work and leaks the pool, with the fix of CVE-2025-37859', () => {
    const functions = (scope: Scope): object =>
      Object.assign(design.functions(scope), {
        *page_pool_release_retry(this: PagePool, pool: Pool): Steps {
          const inflight = yield* this.page_pool_release(pool)
          if (inflight <= 0) return
          yield* step('schedule_delayed_work(&pool->release_dw)', (w: World) => {
            w.pool(pool).release_dw = true
          })
        },
      })
    const { verdicts } = checkLiveness({ ...design, functions }, scopes.small)
    expect(outcomes(verdicts)).toEqual({ ...ALL, [SHUTDOWN]: 'violated' })
    expect(verdicts[0]!.lasso!.loop).toEqual([])
  })
})

const planted = (functions: (scope: Scope) => object): Design => ({
  ...designOf('deferred-release'),
  id: 'planted',
  functions,
})
const allBack = (w: World, pool: Pool): boolean => {
  const { pages_state_hold_cnt: held, pages_state_release_cnt: back, ring } = w.pool(pool)
  return distance(held, back, w.scope.counterBits) === ring.length
}
class WaitsForPackets extends PagePool {
  override *before_defer(pool: Pool): Steps {
    yield* when('wait_event(pool->wait, !inflight)', (w: World) => allBack(w, pool))
  }
}
class PollsForPackets extends PagePool {
  override *before_defer(pool: Pool): Steps {
    for (;;) {
      yield* again('while (inflight)')
      if (!(yield* step('msleep(100)', (w: World) => !allBack(w, pool)))) return
    }
  }
}
/** As before "page_pool: disable direct recycling based on pool->cpuid on destroy". */
class KeepsItsCpuid extends PagePool {
  override *page_pool_put_page(pool: Pool, page: Page, allow_direct: boolean): Steps {
    const local = yield* step(
      'pool->cpuid == smp_processor_id()',
      (w: World) => w.current === SOFTIRQ0,
    )
    yield* super.page_pool_put_page(pool, page, allow_direct || local)
  }
}
class ForgetsToCount extends PagePool {
  override *page_pool_return_page(pool: Pool, page: Page): Steps {
    const counts = yield* step('if (pool->p.napi)', (w: World) => w.pool(pool).napi)
    if (counts) yield* super.page_pool_return_page(pool, page)
    else yield* this.page_pool_release_page_dma(pool, page)
  }
}

describe('a destroy that waits until nothing is in flight', () => {
  it('hangs unbind on a packet that nobody reads', () => {
    const waits = planted((scope) => new WaitsForPackets(scope))
    const { verdicts } = checkLiveness(waits, scopes.small)
    expect(outcomes(verdicts)).toMatchObject({ [UNBIND]: 'violated', [SHUTDOWN]: 'holds' })
    const { lasso, owes } = verdicts.find(({ property }) => property === UNBIND)!
    expect(lasso!.loop).toEqual([])
    expect(lasso!.stem.map(({ fn }) => fn)).toContain('NAPI poll: packet to socket')
    expect(owes).toBe('the driver is still being removed')
  })
  it('hangs it as well when it polls', () => {
    const polls = planted((scope) => new PollsForPackets(scope))
    const { lasso } = verdictOf(polls, scopes.small, UNBIND)
    expect(lasso!.loop.map(({ step }) => step)).toEqual(['msleep(100)'])
  })
})

describe('a page that the pool cannot find again', () => {
  const keeps = planted((scope) => new KeepsItsCpuid(scope))
  const scope = parseScope('small,holders=socket+defer')
  it('lies in alloc.cache, and release_dw asks for it for ever', () => {
    expect(outcomes(checkLiveness(keeps, scope).verdicts)).toEqual({
      ...ALL,
      [SHUTDOWN]: 'violated',
      [QUIET]: 'violated',
    })
  })
  it('was recycled there after the cache had been emptied for the last time', () => {
    const verdict = verdictOf(keeps, scope, SHUTDOWN)
    const { stem } = verdict.lasso!
    const emptied = stem.findLastIndex(({ fn, step }) => fn === EMPTIES && step === COUNT)
    const recycled = stem.findLastIndex(({ fn }) => fn === 'page_pool_recycle_in_cache')
    expect(emptied).toBeGreaterThan(0)
    expect(recycled).toBeGreaterThan(emptied)
    expect(functionsOn(verdict, 'loop')).toContain('release_dw runs')
  })
  it('or was never counted', () => {
    const forgets = planted((scope) => new ForgetsToCount(scope))
    const { verdicts } = checkLiveness(forgets, scopes.small)
    expect(outcomes(verdicts)).toMatchObject({ [SHUTDOWN]: 'violated', [UNBIND]: 'holds' })
  })
})

describe('a promise about the end', () => {
  it('is asked of pools only', () => {
    expect(checkLiveness(designOf('mem-id-insert-leak'), scopes.small).verdicts).toEqual([])
  })
  it('is vacuous in a world where its situation does not arise', () => {
    const never = planted((scope) =>
      Object.assign(new PagePool(scope), {
        *page_pool_create(): Steps<Pool> {
          return yield* step('return ERR_PTR(-ENOMEM)', () => -1)
        },
      }),
    )
    expect(new Set(Object.values(outcomes(checkLiveness(never, scopes.small).verdicts)))).toEqual(
      new Set(['vacuous']),
    )
  })
  it('is not decided when the bounds are too small', () => {
    const { complete, ended, verdicts } = checkLiveness(
      designOf('deferred-release'),
      scopes.small,
      { states: 500 },
    )
    expect({ complete, ended }).toEqual({ complete: false, ended: 'states' })
    expect(new Set(Object.values(outcomes(verdicts)))).toEqual(new Set(['unknown']))
  })
  it('names only events that there are', () => {
    const { activities } = machineOf(designOf('deferred-release'), scopes.random)
    const fair = (id: string): string[] => {
      const property = livenessProperties.find((it) => it.id === id)!
      expect(property.fair({ name: 'CPU 0 task', sort: 'step' })).toBe('strong')
      expect(property.fair({ name: 'release_dw runs', sort: 'retry' })).toBe('strong')
      return activities.filter((name) => property.fair({ name, sort: 'end' }) === 'strong')
    }
    expect(fair(SHUTDOWN)).toEqual(activities)
    expect(fair(UNBIND)).toEqual(['napi_complete_done()'])
    expect(fair(QUIET)).toEqual([])
  })
})

describe('a lasso', () => {
  const design = designOf('destroy-count-only')
  const verdict = verdictOf(design, scopes.small, QUIET)
  it('replays on another machine', () => {
    const machine = machineOf(design, scopes.small)
    const property = livenessProperties.find(({ id }) => id === QUIET)!
    expect(checkLasso(machine, eventually(machine, property), verdict.lasso!)).toBeUndefined()
  })
  it('reads as a list of steps with a loop', () => {
    const text = lassoText(verdict)
    const { stem, loop } = verdict.lasso!
    expect(text).toMatch(/^ {3}1 {2}CPU 1 rtnl {5}\| driver is bound \(\d+ steps\)\n/)
    const [, after] = text.split('\nloop:\n')
    const lines = after!.split('\n')
    expect(lines[loop.length]).toBe(`again from step ${stem.length + 1}`)
    const said = lines.slice(loop.length + 2).map((line) => line.trim())
    expect(said.join(' ')).toBe(
      `*** ${QUIET}: release_dw runs again and again, and nothing of the pool is out although every context that has begun something goes on, and delayed work runs when its time has come.`,
    )
  })
  it('that stops says so', () => {
    const waits = planted((scope) => new WaitsForPackets(scope))
    expect(lassoText(verdictOf(waits, scopes.small, UNBIND))).toContain(
      '\nstops: nobody who must go on can\n',
    )
  })
})
