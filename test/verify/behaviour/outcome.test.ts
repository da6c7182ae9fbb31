/** What came out of a step, for labels that no design has. */
import { describe, expect, it } from 'vitest'
import { NONE, type Slot, type SlotValue } from '../../../engine/state/layout.ts'
import type { Value } from '../../../engine/step.ts'
import { scopes } from '../../../model/scope/named.ts'
import { pfn_to_page } from '../../../model/world/memory/page.ts'
import { outcomeOf } from '../../../verify/behaviour/outcome.ts'

type Of = readonly [path: string, value: SlotValue, domain?: string]
const slotAt = (path: string, domain?: string): Slot => ({
  path,
  word: 0,
  shift: 0,
  mask: 1,
  within: [],
  decode: String,
  ...(domain === undefined ? {} : { domain }),
})
const outcome = (step: string, returned: Value, reads: readonly Of[] = [], choice?: Value) =>
  outcomeOf(
    {
      name: { context: 'CPU 0 task', fn: 'f', step, ...(choice === undefined ? {} : { choice }) },
      returned,
      reads: reads.map(([path, value, domain]) => ({ slot: slotAt(path, domain), value })),
    },
    scopes.corner,
  )

describe('the outcome of', () => {
  it('a step that returns nothing is none', () => {
    expect(outcome('page->lru = 0', undefined)).toBeUndefined()
  })
  it('a comparison is yes or no, and what was read when it is no', () => {
    expect(outcome('skb->users == 1', true, [['.skb[0].users', 1]])).toBe('yes')
    expect(outcome('skb->users == 1', false, [['.skb[0].users', 3]])).toBe('no, 3')
    expect(outcome('skb->users != 1', false, [['.skb[0].users', 1]])).toBe('no, 1')
  })
  it('a comparison of two things says which of them is meant, or neither', () => {
    const both = [
      ['.a.head', 1],
      ['.a.tail', 2],
    ] as const
    expect(outcome('r->head == r->tail', false, both)).toBe('no, 1')
    expect(outcome('r->first == r->last', false, both)).toBe('no')
  })
  it('a pointer arrow is no comparison', () => {
    expect(outcome('dev->driver', true)).toBe('yes')
  })
  it('a cmpxchg or a trylock is won or lost', () => {
    expect(outcome('try_cmpxchg(&p, &old, new)', true)).toBe('won')
    expect(outcome('spin_trylock(&lock)', false)).toBe('lost')
  })
  it('a read of a flag is the number it stands for, or whether it is set', () => {
    expect(outcome('READ_ONCE(pool->busy)', true, [['.pool[0].busy', 2]])).toBe('2')
    expect(outcome('READ_ONCE(pool->napi)', false, [['.pool[0].napi', false]])).toBe('not set')
  })
  it('what the ledger or a context keeps is never taken for what was read', () => {
    const reads = [
      ['.ledger.page[0].users', 7],
      ['.task[1].users', 8],
    ] as const
    expect(outcome('page->users == 1', false, reads)).toBe('no')
  })
  it('a reference is a name, no reference NULL, and a number a number', () => {
    expect(outcome('page = r->queue[0]', pfn_to_page(2))).toBe('page 2')
    expect(outcome('pp = page->pp', 1, [['.page[0].pp', 1, 'pool']])).toBe('pool 1')
    expect(outcome('owner', 3, [['.lock', 3, 'context']])).toBe('CPU 1 rtnl')
    expect(outcome('pp = page->pp', NONE, [['.page[0].pp', null, 'pool']])).toBe('NULL')
    expect(outcome('r->queue[r->head]', NONE, [['.pool[0].ring.length', 0]])).toBe('NULL')
    expect(outcome('READ_ONCE(pool->hold_cnt)', NONE, [['.pool[0].hold_cnt', 4]])).toBe('-1')
    expect(outcome('pool->alloc.count', 4, [['.pool[0].alloc_cache.length', 4]])).toBe('4')
  })
  it('a choice is what was chosen', () => {
    expect(outcome('kzalloc(x)', true, [], 'fails')).toBe('fails')
    expect(outcome('alloc_pages_node()', NONE, [], NONE)).toBe('NULL')
  })
})
