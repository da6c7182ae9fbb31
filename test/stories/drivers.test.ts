/**
 * Driver bugs and their repairs, each a file that brings functions or events of its own, held against the rules
 * in the smallest world that shows it. The lengths are of shortest traces: where one changes, look at the trace.
 */
import { describe, expect, it } from 'vitest'
import { BreadthFirstSearch, type SearchResult } from '../../engine/search/breadth-first.ts'
import type { Design } from '../../model/design.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { properties } from '../../properties/index.ts'
import { rulesFor } from '../../verify/rules.ts'
import * as direct from './drivers/direct-outside-napi.ts'
import { destroyedOnce, destroyedTwice, destroyedTwiceInUse } from './drivers/destroyed-twice.ts'
import { deliveredTwice, doublePut, putOnce } from './drivers/double-put.ts'
import { probeLosesAll, probeLosesRing, probeUndoes } from './drivers/failed-probe.ts'
import { freePage, recycleDirect } from './drivers/free-page.ts'
import * as irqs from './drivers/interrupts-off.ts'
import { lateNapi, napiFirst } from './drivers/late-napi.ts'
import * as late from './drivers/late-recycling.ts'
import { dropRecycles, missingPut } from './drivers/missing-put.ts'
import { mtuAllocatesFirst, mtuFreesFirst, mtuUnderDma } from './drivers/mtu-change.ts'
import {
  putAfterDestroy,
  putAfterDestroyWaited,
  putBeforeDestroy,
} from './drivers/put-after-destroy.ts'
import { refillAfterReceive, refillBeforeReceive } from './drivers/refill-after-receive.ts'
import { refillByNapi, refillWorker } from './drivers/refill-worker.ts'
import { ringEmptied, ringKept } from './drivers/ring-kept.ts'

const { small, fragments } = scopes
const failing: Scope = { ...small, name: 'failing', faults: 1 }
const quiet: Scope = { ...small, name: 'quiet', holders: [] }
const failingQuiet: Scope = { ...quiet, name: 'failing-quiet', faults: 1 }
/** A page for the device while another is in the stack. */
const failingTwoPages: Scope = { ...failing, name: 'failing-two-pages', pages: 2 }
const mtu: Scope = { ...failingQuiet, name: 'mtu', pools: 2, descriptors: true }
const restart: Scope = { ...failingQuiet, name: 'restart', pools: 2, napiLinks: true }
const irqsOff: Scope = { ...small, name: 'irqs-off', irqs: true }
const completion: Scope = { ...irqsOff, name: 'completion', holders: ['defrag'] }
const completionLater: Scope = {
  ...irqsOff,
  name: 'completion-later',
  holders: ['defrag', 'defer'],
}

function search(design: Design, scope: Scope, until: readonly string[] = []): SearchResult {
  const machine = machineOf(design, scope)
  return new BreadthFirstSearch(machine, rulesFor(machine, design, properties)).run({
    states: 500_000,
    until,
  })
}
type Broken = Readonly<Record<string, readonly [length: number, detail: string]>>
/** What breaks is what the story says; for these rules, how, and after how many steps at least. */
function expectBroken(design: Design, scope: Scope, expected: Broken): void {
  const { complete, found } = search(design, scope)
  expect(complete).toBe(true)
  expect([...found.keys()].filter((rule) => !(rule in design.breaks))).toEqual([])
  expect(told(found, Object.keys(expected))).toEqual(expected)
}
const told = (found: SearchResult['found'], rules: readonly string[]): Broken =>
  Object.fromEntries(
    rules.flatMap((rule) => {
      const it = found.get(rule)
      return it === undefined ? [] : [[rule, [it.trace.length, it.detail] as const]]
    }),
  )
/** Everywhere, and worth something. */
function expectKept(design: Design, scope: Scope, ...rules: readonly string[]): void {
  const { complete, found, exercised } = search(design, scope)
  expect(complete).toBe(true)
  expect([...found.keys()].filter((rule) => !(rule in design.breaks))).toEqual([])
  expect(rules.filter((rule) => found.has(rule))).toEqual([])
  expect(rules.filter((rule) => !exercised.has(rule))).toEqual([])
}

describe('a page that is put, or passed on, twice', () => {
  it('before: lies in two places', () => {
    expectBroken(doublePut, quiet, {
      'page-in-one-place': [45, 'page 0 is put into the ring while it is in the alloc cache'],
    })
    expectBroken(deliveredTwice, small, {
      'page-in-one-place': [23, 'page 0 is put into the stack while it is in the stack'],
    })
    expectBroken(deliveredTwice, fragments, {
      'page-in-one-place': [
        27,
        'a fragment of page 0 is put into the stack; of 1 that are out none is in hand',
      ],
    })
  })
  it('before, of a page that is cut: takes the fragment of somebody else', () => {
    const rules = ['no-page-freed-twice', 'page-in-one-place']
    expect(told(search(doublePut, fragments, rules).found, rules)).toEqual({
      'no-page-freed-twice': [31, 'a fragment of page 0 is given back that nobody has'],
      'page-in-one-place': [
        38,
        'a fragment of page 0 is put into the stack; of 0 that are out none is in hand',
      ],
    })
  })
  it('after: does not', () => {
    expectKept(putOnce, small, 'page-in-one-place', 'no-page-freed-twice')
    expectKept(putOnce, fragments, 'page-in-one-place', 'no-page-freed-twice')
  })
})

describe('mvpp2: a refill that fails after the packet was passed up', () => {
  it('before: posts the page that is in the stack', () =>
    expectBroken(refillAfterReceive, failingTwoPages, {
      'page-in-one-place': [28, 'page 0 is put into the RX ring while it is in the stack'],
    }))
  it('after: the packet is dropped', () =>
    expectKept(refillBeforeReceive, failingTwoPages, 'page-in-one-place'))
})

describe('CVE-2026-23453, icssg: XDP_DROP', () => {
  it('before: keeps the page', () =>
    expectBroken(missingPut, quiet, {
      'nothing-left-at-rest': [73, "page 0 in nobody's hands, the pool at rest"],
    }))
  it('after: recycles it', () => expectKept(dropRecycles, quiet, 'nothing-left-at-rest'))
})

describe('direct recycling outside NAPI', () => {
  it('before: after page_pool_destroy() the page stays in the cache', () =>
    expectBroken(direct.directAfterDestroy, quiet, {
      'nothing-left-at-rest': [77, 'page 0 in the alloc cache, the pool at rest'],
    }))
  it('after: it goes into the ring, and the release work finds it', () =>
    expectKept(direct.ringAfterDestroy, quiet, 'nothing-left-at-rest'))
  it('before: a worker meets NAPI in the cache', () =>
    expectBroken(direct.directFromWork, quiet, {
      'alloc-cache-has-one-user': [33, 'alloc.cache is used by two contexts at once'],
    }))
  it('after: the ring is there for all', () =>
    expectKept(direct.ringFromWork, quiet, 'alloc-cache-has-one-user'))
})

describe('napi_disable() after page_pool_destroy()', () => {
  it('before: NAPI uses the pool that is destroyed', () =>
    expectBroken(lateNapi, quiet, {
      'alloc-cache-has-one-user': [27, 'alloc.cache is used by two contexts at once'],
      'no-use-of-freed-pool': [31, 'struct page_pool is read or written after it was freed'],
      'nothing-left-at-rest': [59, 'page 0 in the alloc cache, page 0 mapped at rest'],
    }))
  it('after: it has stopped', () =>
    expectKept(
      napiFirst,
      small,
      'alloc-cache-has-one-user',
      'no-use-of-freed-pool',
      'nothing-left-at-rest',
    ))
})

describe('the RX ring is put after page_pool_destroy()', () => {
  it('before: the pool is freed while the last put goes on in it', () =>
    expectBroken(putAfterDestroy, quiet, {
      'no-use-of-freed-pool': [67, 'struct page_pool is read or written after it was freed'],
    }))
  it('after: it is put before', () => {
    // Where packets are out, the pool of deferred-release has the same fault of its own.
    const { complete, found } = search(putBeforeDestroy, quiet)
    expect(complete).toBe(true)
    expect([...found.keys()]).toEqual([])
  })
  it('on 6.12: breaks nothing, the pool waits for its pages and for who returns them', () =>
    expectKept(
      putAfterDestroyWaited,
      small,
      'no-use-of-freed-pool',
      'no-mapping-outlives-its-driver',
      'nothing-left-at-rest',
    ))
})

describe('page_pool_destroy() twice', () => {
  it('before: the count of users goes below zero, in memory that may be freed', () =>
    expectBroken(destroyedTwice, small, {
      'no-use-of-freed-pool': [32, 'struct page_pool is read or written after it was freed'],
    }))
  it('before, with pages out: the pool is there, and has no user left', () =>
    expectBroken(destroyedTwiceInUse, quiet, {
      'no-use-of-freed-pool': [52, 'pool->user_cnt underflows: page_pool_destroy() by no user'],
    }))
  it('after: once', () => expectKept(destroyedOnce, small, 'no-use-of-freed-pool'))
})

describe('the RX ring at remove()', () => {
  it('before: keeps its pages', () =>
    expectBroken(ringKept, quiet, {
      'nothing-left-at-rest': [70, 'page 0 in the RX ring, the pool at rest'],
    }))
  it('after: is emptied', () => expectKept(ringEmptied, quiet, 'nothing-left-at-rest'))
})

describe('a probe that fails when the RX ring is filled', () => {
  it('before: leaves everything', () =>
    expectBroken(probeLosesAll, failingQuiet, {
      'no-mapping-outlives-its-driver': [
        20,
        'the probe failed with pending DMA allocations [count=1]',
      ],
      'nothing-left-at-rest': [20, 'page 0 in the RX ring, page 0 mapped, the pool at rest'],
    }))
  it('before: destroys the pool, and leaves the ring', () =>
    expectBroken(probeLosesRing, failingQuiet, {
      'nothing-left-at-rest': [60, 'page 0 in the RX ring, the pool at rest'],
    }))
  it('after: undoes both, and may be tried again', () =>
    expectKept(probeUndoes, failing, 'no-mapping-outlives-its-driver', 'nothing-left-at-rest'))
})

describe('97f5e03a4a27, bnxt: no memory for the skb', () => {
  it('before: __free_page() of a page that the pool has mapped, and counts', () =>
    expectBroken(freePage, failing, {
      'no-page-freed-with-signature': [25, 'page 0 is freed with PP_SIGNATURE still in it'],
      'no-page-freed-while-mapped': [25, 'page 0 is freed with a live DMA mapping'],
      'nothing-left-at-rest': [75, 'the pool at rest'],
    }))
  it('after: page_pool_recycle_direct()', () =>
    expectKept(
      recycleDirect,
      failing,
      'no-page-freed-with-signature',
      'no-page-freed-while-mapped',
      'nothing-left-at-rest',
    ))
})

describe('173d9d060c92, octeontx2: a delayed work', () => {
  it('before: allocates beside NAPI', () =>
    expectBroken(refillWorker, quiet, {
      'alloc-cache-has-one-user': [21, 'alloc.cache is used by two contexts at once'],
    }))
  it('after: schedules NAPI', () => expectKept(refillByNapi, quiet, 'alloc-cache-has-one-user'))
})

describe('CVE-2026-31644, lan966x: an MTU change without memory for it', () => {
  it('before: starts DMA with pages that were freed, and loses the pool that was half made', () =>
    expectBroken(mtuFreesFirst, mtu, {
      'page-in-one-place': [
        48,
        'RX DMA starts with page 0 in a descriptor while it is in the ring',
      ],
      'nothing-left-at-rest': [46, 'the pool at rest'],
    }))
  it('before, where nobody stops DMA: frees what the device writes to', () =>
    expectBroken(mtuUnderDma, mtu, {
      'page-in-one-place': [41, 'page 0 is put into the ring while a descriptor names it'],
    }))
  it('after: frees the old pages when it has the new', () =>
    expectKept(mtuAllocatesFirst, mtu, 'page-in-one-place', 'nothing-left-at-rest'))
})

describe('64fdaa94bfe0, a queue restart that fails', () => {
  const rule = 'napi-and-its-pool-agree'
  it('before: destroys the new pool under the NAPI it knows', () =>
    expectBroken(late.stopFailsLinkedEarly, restart, {
      [rule]: [13, 'a pool that knows its NAPI is destroyed while that NAPI is enabled'],
    }))
  it('before: goes back to a pool that has forgotten its NAPI', () =>
    expectBroken(late.startFailsLinkedEarly, restart, {
      [rule]: [20, 'NAPI is enabled, and the pool it polls does not know it'],
    }))
  it('after: a pool is told of its NAPI when nothing can fail any more', () => {
    expectKept(late.stopFailsLinkedLate, restart, rule)
    expectKept(late.startFailsLinkedLate, restart, rule)
  })
})

describe('packets freed with hard interrupts off', () => {
  const rule = 'no-return-with-interrupts-off'
  const detail = '__page_pool_put_page() while hard interrupts are disabled'
  it('before: a126061c80d5, tun changes the length of its rings', () =>
    expectBroken(irqs.resizeWithIrqsOff, irqsOff, { [rule]: [29, detail] }))
  it('after: with bottom halves off', () => expectKept(irqs.resizeWithBhOff, irqsOff, rule))
  it('before: CVE-2026-31563, macb completes what was sent', () =>
    expectBroken(irqs.completionWithIrqsOff, completion, { [rule]: [31, detail] }))
  it('after: leaves it to a softirq', () =>
    expectKept(irqs.completionLeavesSkb, completionLater, rule))
})
