/** The mechanisms of the world, each asked directly: what they report, what the ledger says. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { indexOf, NONE } from '../../engine/state/layout.ts'
import { distance, count_held } from '../../model/world/memory/in-flight.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { SOFTIRQ0, TASK0 } from '../../model/world/sync/context.ts'
import { get_device, put_device } from '../../model/world/io/device.ts'
import {
  dma_debug_unbound,
  dma_map_page,
  dma_sync_for_device,
  dma_unmap_page,
} from '../../model/world/io/dma.ts'
import { countedReleased, inFlight } from '../../model/ledger/counts.ts'
import { stored, taken } from '../../model/ledger/pages.ts'
import { poolFreed } from '../../model/ledger/pools.ts'
import { truth } from '../../model/ledger/truth.ts'
import {
  allocateElsewhere,
  auditPageWrites,
  freePages,
  get_page,
  pfn_to_page,
  put_page,
  take_page,
} from '../../model/world/memory/page.ts'
import type { ReportKind } from '../../model/world/reports.ts'
import type { World } from '../../model/world/world.ts'
import { anyWorld, POOL, type AnyWorld } from '../support/any-world.ts'
import { seed } from '../support/seed.ts'
import { thread } from '../support/thread.ts'

const PAGE = pfn_to_page(0)
const OTHER = pfn_to_page(1)
let world: AnyWorld
let w: World
const start = (scope: Scope): void => {
  world = anyWorld(scope)
  w = world.w
}
beforeEach(() => start(scopes.random))

const kinds = (): readonly string[] => world.kinds()
const nothing: readonly ReportKind[] = []
const only = (kind: ReportKind): readonly ReportKind[] => [kind]
const put = (page: number): void => thread(w, TASK0, put_page(page)).finish()
const counts = (page: number): void => thread(w, SOFTIRQ0, count_held(POOL, page)).finish()

describe('the DMA API', () => {
  beforeEach(() => {
    take_page(w, PAGE, POOL)
    dma_map_page(w, PAGE)
  })
  it('says nothing of a mapping that is undone while the driver is bound', () => {
    dma_sync_for_device(w, PAGE, 0, 4096)
    dma_unmap_page(w, PAGE)
    expect(kinds()).toEqual(nothing)
  })
  it('reports an unmap and a sync after the driver was unbound', () => {
    w.dev.dma_ready = false
    dma_sync_for_device(w, PAGE, 0, 4096)
    dma_unmap_page(w, PAGE)
    expect(kinds()).toEqual(['sync-after-unbind', 'unmap-after-unbind'])
  })
  it('reports any use of a device that was freed', () => {
    put_device(w)
    dma_unmap_page(w, PAGE)
    expect(kinds()).toEqual(only('use-of-freed-device'))
    get_device(w)
    expect(kinds()).toEqual(['use-of-freed-device', 'use-of-freed-device'])
    put_device(w)
    expect(kinds()).toContain('device-reference-underflow')
  })
  it('reports a page that is unmapped twice, and one that is synced unmapped', () => {
    dma_unmap_page(w, PAGE)
    dma_unmap_page(w, PAGE)
    dma_sync_for_device(w, PAGE, 0, 4096)
    expect(kinds()).toEqual(['unmap-of-unmapped', 'sync-of-unmapped'])
  })
  it('counts what is left mapped when the driver is gone', () => {
    dma_debug_unbound(w)
    expect(kinds()).toEqual(only('mapping-outlives-driver'))
    expect(world.details()[0]).toContain('[count=1]')
    dma_unmap_page(w, PAGE)
    world.forget()
    dma_debug_unbound(w)
    expect(kinds()).toEqual(nothing)
  })
})

describe('the page allocator', () => {
  it('reports a page that is put twice', () => {
    take_page(w, PAGE, POOL)
    put(PAGE)
    expect(kinds()).toEqual(nothing)
    put(PAGE)
    expect(kinds()).toEqual(only('page-freed-twice'))
  })
  it('reports a page that is put while somebody else owns it, and leaves it to them', () => {
    take_page(w, PAGE, POOL)
    put(PAGE)
    allocateElsewhere(w, PAGE)
    put(PAGE)
    expect(kinds()).toEqual(only('page-freed-twice'))
    expect(world.details()[0]).toContain('somebody else')
    expect(w.page(PAGE).refcount).toBe(1)
    expect(truth(w).page(PAGE).place).toBe('somebody else')
  })
  it('keeps a page while others count_held a reference to it', () => {
    take_page(w, PAGE, POOL)
    get_page(w, PAGE)
    put(PAGE)
    expect(truth(w).page(PAGE)).toMatchObject({ place: 'pipe', of: NONE })
    put(PAGE)
    expect(truth(w).page(PAGE).place).toBe('page allocator')
    expect(kinds()).toEqual(nothing)
  })
  it('reports a page that is freed with a live mapping', () => {
    take_page(w, PAGE, POOL)
    dma_map_page(w, PAGE)
    put(PAGE)
    expect(kinds()).toEqual(only('freed-while-mapped'))
  })
  it('reports a page that is freed and was never counted as released', () => {
    take_page(w, PAGE, POOL)
    counts(PAGE)
    put(PAGE)
    expect(kinds()).toEqual(only('inflight-wrong'))
  })
  it('reports a page that is freed while it lies in a container', () => {
    take_page(w, PAGE, POOL)
    stored(w, PAGE, 'ring')
    put(PAGE)
    expect(kinds()).toEqual(only('two-places'))
  })
  it('offers every page that is free', () => {
    expect(freePages(w).map(indexOf)).toEqual([0, 1, 2, 3])
    take_page(w, PAGE, POOL)
    take_page(w, pfn_to_page(2), POOL)
    expect(freePages(w).map(indexOf)).toEqual([1, 3])
    put(PAGE)
    expect(freePages(w).map(indexOf)).toEqual([0, 1, 3])
  })
  it('reports who writes to a struct page that is free or in use by somebody else', () => {
    take_page(w, PAGE, POOL)
    take_page(w, OTHER, POOL)
    put(OTHER)
    w.touched = 0
    auditPageWrites(w, () => true)
    expect(kinds(), 'the first is fatal, nothing is believed after it').toEqual(
      only('use-of-freed-page'),
    )
    expect(world.details().join()).not.toContain('page 0')
    world.forget()
    allocateElsewhere(w, OTHER)
    auditPageWrites(w, (page) => page === OTHER)
    expect(kinds(), 'the allocation itself writes').toEqual(nothing)
    w.touched = 0
    auditPageWrites(w, (page) => page === OTHER)
    expect(kinds()).toEqual(only('use-of-freed-page'))
  })
})

describe('the ledger', () => {
  it('reports a page that is put into two places, or taken from where it is not', () => {
    take_page(w, PAGE, POOL)
    stored(w, PAGE, 'alloc cache')
    expect(kinds()).toEqual(nothing)
    stored(w, PAGE, 'ring')
    expect(kinds()).toEqual(only('two-places'))
    taken(w, PAGE, 'alloc cache')
    expect(kinds()).toEqual(['two-places', 'two-places'])
  })
  it('reports a pool that is freed while a page is out', () => {
    take_page(w, PAGE, POOL)
    counts(PAGE)
    expect(inFlight(w, POOL)).toBe(1)
    poolFreed(w, POOL)
    expect(kinds()).toEqual(only('pool-freed-in-flight'))
  })
  it('reports a page that is counted twice, as held or as released', () => {
    take_page(w, PAGE, POOL)
    counts(PAGE)
    counts(PAGE)
    expect(kinds()).toEqual(only('inflight-wrong'))
    countedReleased(w, PAGE)
    countedReleased(w, PAGE)
    expect(kinds()).toEqual(['inflight-wrong', 'inflight-wrong'])
  })
  it('reports a freed pool that is used by a step, and lets a guard look', () => {
    poolFreed(w, POOL)
    w.firing = false
    void w.pool(POOL).dma_map
    expect(kinds()).toEqual(nothing)
    w.firing = true
    void w.pool(POOL).dma_map
    expect(kinds()).toEqual(only('use-of-freed-pool'))
    void w.pool(NONE)
    expect(kinds().at(-1)).toBe('null-pool')
  })
})

describe('the in-flight count', () => {
  it.each([32, 3])('is the signed distance of two counters of %i bits', (bits) => {
    const half = 2 ** (bits - 1)
    const modulus = 2 ** bits
    expect(distance(0, 0, bits)).toBe(0)
    expect(distance(half - 1, 0, bits)).toBe(half - 1)
    expect(distance(half, 0, bits)).toBe(-half)
    expect(distance(modulus - 1, 0, bits)).toBe(-1)
    expect(distance(0, 1, bits)).toBe(-1)
    expect(distance(0, modulus - 1, bits)).toBe(1)
    expect(distance(1, modulus - 1, bits)).toBe(2)
    expect(distance(half, half - 1, bits)).toBe(1)
    expect(distance(modulus, 0, bits)).toBe(0)
  })
  it('is right from every start, as long as fewer than half of all values are out', () => {
    const widths = fc.integer({ min: 2, max: 32 })
    const cases = widths.chain((bits) =>
      fc.tuple(
        fc.constant(bits),
        fc.nat({ max: 2 ** bits - 1 }),
        fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }),
      ),
    )
    fc.assert(
      fc.property(cases, ([bits, released, out]) => {
        const held = (released + out + 2 ** bits) % 2 ** bits
        expect(distance(held, released, bits)).toBe(out)
      }),
      { seed },
    )
  })
  it.each([
    { bits: 32, scope: scopes.random },
    { bits: 3, scope: scopes.corner },
  ])('survives a count_held counter of $bits bits that wraps', ({ bits, scope }) => {
    start(scope)
    const last = 2 ** bits - 1
    w.pool(POOL).pages_state_hold_cnt = last
    w.pool(POOL).pages_state_release_cnt = last
    take_page(w, PAGE, POOL)
    counts(PAGE)
    const { pages_state_hold_cnt, pages_state_release_cnt } = w.pool(POOL)
    expect(pages_state_hold_cnt).toBe(0)
    expect(distance(pages_state_hold_cnt, pages_state_release_cnt, bits)).toBe(1)
    expect(truth(w).seen.counter_wrapped).toBe(true)
  })
})
