/**
 * Bugs of the allocation side and of drivers that used it wrongly, retold as calls: the kernel before
 * the fix shows the bug, the kernel as it is does not, or the misuse shows as it does there.
 */
import { describe, expect, it } from 'vitest'
import { answer, drop, effect } from '../../engine/mutation/mutate.ts'
import type { Page, World } from '../../model/world/world.ts'
import { poolAtEnd, said, told } from './told.ts'

describe('d5394610b1ba, "page_pool: Don\'t recycle non-reusable pages" (2019)', () => {
  const moved = [
    'create p0 size=8',
    'bulk_max 2',
    'alloc p0 n=2',
    'put p0 0,1 ring',
    'set_node 1',
    'alloc p0',
  ]
  it('before: pages of the old node are served again and again', () => {
    const story = told('linux-6.12', moved, () =>
      drop('refill', 'page_to_nid(page) == pref_nid', true),
    )
    expect(story.at(-1)!.ret).toBe(1)
    expect(poolAtEnd(story)).toMatchObject({ cache: [0], ring: [] })
  })
  it('after: a page of the old node is released, and one of the new node is served', () => {
    const story = told('linux-6.12', moved)
    expect(story.at(-1)!.ev).toContain('newpage 2 nid=1')
    expect(poolAtEnd(story)).toMatchObject({ rel: 1, ring: [1] })
  })
})

describe('one remote page at the head of the ring', () => {
  it('costs a release and a bulk allocation for every empty cache, while local pages wait', () => {
    const story = told('linux-6.12', [
      'create p0 size=8 nid=0',
      'bulk_max 1',
      'alloc_nid 1',
      'alloc p0 n=2',
      'alloc_nid -1',
      'alloc p0',
      'put p0 0,2,1 ring',
      'alloc p0',
    ])
    expect(story.at(-1)!.ev.slice(0, 4)).toEqual([
      'release p0 0 1',
      'put_page 0 ref=0',
      'free 0',
      'bulk_request 64',
    ])
    expect(poolAtEnd(story)).toMatchObject({ ring: [2, 1] })
  })
})

describe('"page_pool: mask the page->signature before the checking" (2021)', () => {
  const pressure = [
    'create p0 size=4 flags=dma',
    'bulk_max 1',
    'pfmemalloc 1',
    'alloc p0',
    'skb_free 0',
    'destroy p0',
    'tick 1000',
  ]
  const unmasked = () =>
    effect<World>('napi_pp_put_page', 'page->pp_magic == PP_SIGNATURE', (w, own, _, [page]) => {
      return own() === true && !w.page(page as Page).pfmemalloc
    })
  it('before: the page is freed while mapped and never counted, the pool never gets empty', () => {
    const story = told('linux-6.1', pressure, unmasked)
    expect(said(story)).toContain('free-while-mapped pg0 m1')
    expect(poolAtEnd(story)).toMatchObject({ alive: 1, infl: 1, retry: 1000 })
  })
  it('after: it is released, not recycled, and the pool is freed', () => {
    const story = told('linux-6.1', pressure)
    expect(said(story)).toEqual([])
    expect(poolAtEnd(story)).toEqual({ alive: 0, hold: 1, rel: 1 })
  })
})

describe('43130d02baa1, "page_pool: avoid infinite loop to schedule delayed worker" (2025)', () => {
  const twice = [
    'create p0 size=4',
    'bulk_max 1',
    'alloc p0',
    'put p0 0 direct',
    'put p0 0 direct',
    'destroy p0',
    'tick 10000',
  ]
  const forEver = () =>
    answer('page_pool_release_retry', 'page_pool_release', (inflight) =>
      Math.abs(inflight as number),
    )
  it('before: a page put twice keeps the work going for ever, with a warning each second', () => {
    const story = told('linux-6.12', twice, forEver)
    expect(story.at(-1)!.ret).toBe(10)
    expect(story.at(-1)!.log).toHaveLength(10)
  })
  it('after: the work runs once more, and the pool is leaked', () => {
    const story = told('linux-6.12', twice)
    expect(story.at(-1)!.ret).toBe(1)
    expect(poolAtEnd(story)).toMatchObject({ alive: 1, infl: -1, retry: -1 })
  })
})

describe('"page_pool: disable direct recycling based on pool->cpuid on destroy" (2024)', () => {
  const percpu = [
    'create p0 size=4 cpuid=0',
    'bulk_max 1',
    'alloc p0',
    'destroy p0',
    'put p0 0',
    'tick 5000',
  ]
  it('before: a late page goes into the cache nobody empties any more', () => {
    const story = told('linux-6.12', percpu, () =>
      drop('page_pool_disable_direct_recycling', 'WRITE_ONCE(pool->cpuid, -1)'),
    )
    expect(poolAtEnd(story)).toMatchObject({ alive: 1, cache: [0], retry: 1000 })
  })
  it('after: it goes into the ring, and the next second frees the pool', () => {
    expect(poolAtEnd(told('linux-6.12', percpu))).toEqual({ alive: 0, hold: 1, rel: 1 })
  })
})

describe('"xdp: fix leak of IDA cyclic id if rhashtable_insert_slow fails" (2019)', () => {
  const failing = [
    'create p0',
    'reg q0',
    'fail rhash',
    'reg_mem q0 p0',
    'unreg q0',
    'destroy p0',
    'end',
  ]
  it('before: the id is taken for good', () => {
    const story = told('linux-6.1', failing, () =>
      drop('enter_allocator', 'ida_simple_remove(&mem_id_pool, mem->id)'),
    )
    expect(story.at(-1)!.ret).toMatchObject({ pools: 0, ida: 1 })
  })
  it('after: it is given back', () => {
    expect(told('linux-6.1', failing).at(-1)!.ret).toMatchObject({ pools: 0, ida: 0 })
  })
})

describe('cpsw: one pool for two RX queues (2019)', () => {
  it('has a user for each, and both ids go when the last user is gone', () => {
    const story = told('linux-6.12', [
      'create p0',
      'reg q0',
      'reg_mem q0 p0',
      'reg q1',
      'reg_mem q1 p0',
      'unreg q0',
      'destroy p0',
      'unreg q1',
      'rcu',
    ])
    expect(story.map(({ state }) => state.xdp.ht.length)).toEqual([0, 0, 1, 1, 2, 2, 2, 0, 0])
    expect(story[4]!.state.pools.get('p0')).toMatchObject({ users: 3, xid: 2 })
    expect(story.at(-1)!.ret).toBe(2)
  })
})

describe('drivers that got it wrong', () => {
  it('97f5e03a4a27, bnxt (2023): __free_page() on a page of the pool leaks mapping and count', () => {
    const story = told('linux-6.12', [
      'create p0 size=4 flags=dma',
      'bulk_max 1',
      'alloc p0',
      'putref 0',
      'destroy p0',
      'tick 61000',
    ])
    expect(said(story)).toEqual([
      'BUG: Bad page state page 0: page_pool leak',
      'free-while-mapped pg0 m1',
      'warn: page_pool_release_retry() stalled pool shutdown: id 1, 1 inflight 60 sec',
    ])
  })
  it('fec (2023): page_pool_release_page() at stop leaves a page that nobody frees', () => {
    const story = told('linux-6.1', [
      'create p0 size=4 flags=dma',
      'bulk_max 1',
      'alloc p0',
      'release_page p0 0',
      'destroy p0',
      'end',
    ])
    expect(story.at(-1)!.ret).toMatchObject({ pools: 0, mappings: 0, pages: 1 })
  })
  it('ef9369e9c308, mlx5 (2023): fragments released twice put a page into the ring twice', () => {
    const story = told('linux-6.12', [
      'create p0 size=4',
      'bulk_max 1',
      'alloc p0',
      'fragment 0 2',
      'put p0 0',
      'put p0 0',
      'put p0 0',
    ])
    expect(poolAtEnd(story)).toMatchObject({ ring: [0, 0], hold: 1, rel: 0 })
  })
  it('a fragment that is not put back keeps its page, and its page the pool', () => {
    const story = told('linux-6.12', [
      'create p0 size=4',
      'bulk_max 1',
      'frag p0 1024',
      'frag p0 1024',
      'put p0 0',
      'destroy p0',
      'tick 61000',
    ])
    expect(poolAtEnd(story)).toMatchObject({ alive: 1, infl: 1 })
    expect(story.at(-1)!.state.pages[0]).toContain(1)
  })
  it('page_pool_recycle_direct() outside NAPI: 6.1 does not believe it, 6.12 does', () => {
    const outside = [
      'create p0 size=4',
      'bulk_max 1',
      'alloc p0',
      'ctx process',
      'recycle_direct p0 0',
    ]
    expect(poolAtEnd(told('linux-6.1', outside))).toMatchObject({ cache: [], ring: [0] })
    expect(poolAtEnd(told('linux-6.12', outside))).toMatchObject({ cache: [0], ring: [] })
  })
})
