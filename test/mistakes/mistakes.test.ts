/** What authors of designs get wrong is said, with function, step, file and line, and never made a verdict of. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Misuse } from '../../engine/authoring/misuse.ts'
import { BreadthFirstSearch } from '../../engine/search/breadth-first.ts'
import type { Design } from '../../model/design.ts'
import { deferredRelease } from '../../model/shutdown/deferred-release.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import { counter } from '../../engine/state/layout.ts'
import { step, type Steps } from '../../engine/step.ts'
import { properties } from '../../properties/index.ts'
import { rulesFor } from '../../verify/rules.ts'
import { mistakes } from './designs.ts'

const source = readFileSync(new URL('designs.ts', import.meta.url), 'utf8').split('\n')
const search = (design: Design) => {
  const machine = machineOf(design, scopes.small)
  return new BreadthFirstSearch(machine, rulesFor(machine, design, properties)).run({
    states: 100_000,
  })
}
const design = (id: string): Design => mistakes.find((it) => it.id === id)!
const tried: string[] = []

/** The paragraph that is said of a design instead of a verdict. */
function said(id: string): string {
  tried.push(id)
  try {
    search(design(id))
  } catch (error) {
    expect(error).toBeInstanceOf(Misuse)
    const { message } = error as Error
    expect(message).toMatch(new RegExp(`^${id}: `))
    expect(message).not.toMatch(/\n|engine:|layout:/)
    return message
  }
  throw new Error(`${id} was searched, and nothing was said.`)
}
/** The line of the text that it points at holds this. */
function expectLine(message: string, holds: string): void {
  const lines = [...message.matchAll(/mistakes\/designs\.ts:(\d+)/g)].map(([, n]) => Number(n))
  expect(lines.map((n) => source[n - 1]).join('\n')).toContain(holds)
}

describe('refused, with function, step and line, is', () => {
  it.each([
    // What a step leaves in a variable.
    [
      'captured',
      'page_pool_release is not deterministic.*step "peek" returned undefined',
      "step('peek'",
    ],
    ['captured-plainly', 'step "peek" .*writes to seen, which lies outside', "step('peek'"],
    ['captured-list', 'step "peek" .*writes to late, which lies outside', "step('peek'"],
    ['remembers', 'step "peek" .*writes to this.seen', "step('peek'"],
    ['remembers-in-a-list', 'step "late" .*writes to this.late', "step('late'"],
    // What is made and not taken.
    ['untaken', "makes step\\('get_device.*not take it.*Write yield\\*", "step('get_device"],
    ['untaken-call', 'calls spin_lock_bh\\(.*Write yield\\*', ''],
    ['untaken-method', 'makes page_pool_scrub\\(\\).*Write yield\\*', 'this.page_pool_scrub'],
    ['untaken-super', 'makes page_pool_scrub\\(\\).*Write yield\\*', 'super.page_pool_scrub'],
    ['untaken-mechanism', 'page_pool_release\\(\\) calls spin_lock_bh\\(.*Write yield\\*', ''],
    ['untaken-when', "makes when\\('wait'\\).*Write yield\\*", "when('wait'"],
    ['untaken-choose', "makes choose\\('which'\\).*Write yield\\*", "choose('which'"],
    ['untaken-again', "makes again\\('while.*Write yield\\*", "again('while"],
    [
      'untaken-in-a-step',
      'step "all at once" .*makes page_pool_scrub\\(\\), and a step',
      'this.page_pool_scrub',
    ],
    [
      'untaken-and-returned',
      'step "all at once" .*makes page_pool_scrub\\(\\), and a step',
      'page_pool_scrub',
    ],
    ['yields-without-a-star', 'yields a step or a call with yield.*Write yield\\*', 'half taken'],
    [
      'star-forgotten-at-the-call',
      'makes page_pool_release\\(\\).*Write yield\\*',
      'page_pool_release',
    ],
    // What does not do the same again.
    ['random', 'step "flip a coin" .*Math.random\\(\\).*choose\\(\\)', 'Math.random'],
    ['clock', 'before_defer\\(\\) before its first step .*Date.now\\(\\)', 'Date.now'],
    ['new-date', 'step "stamp" .*new Date\\(\\)', 'new Date'],
    ['hrtime', 'step "stamp" .*process.hrtime.bigint\\(\\)', 'hrtime'],
    ['clock-in-a-guard', 'step "later" .*performance.now\\(\\)', 'performance.now'],
    // What there is not.
    [
      'no-such-lock',
      'no lock "pool.my_lock".*pool.producer_lock.*called by|called by.*no lock',
      "'pool.my_lock'",
    ],
    ['no-lock-at-all', 'no lock "pool.user_cnt"', "'pool.user_cnt'"],
    ['no-such-field', 'pool has no field "shutdown", which is read', 'shutdown'],
    ['no-such-field-written', 'pool has no field "shutdown", which is written', 'shutdown'],
    ['field-of-the-world', 'the state has no field "shutdown", which is written', 'shutdown'],
    [
      'field-left-out',
      'pool.order = 3: this scope does without that field, it always reads 0',
      'order',
    ],
    ['no-such-function', 'is not iterable.*under the name it has', 'retrun'],
    // Labels and options.
    ['label-empty', 'step\\(\\) has an empty label', "step(''"],
    [
      'label-twice',
      'two different steps "pool->napi = false", one right after',
      "step('pool->napi",
    ],
    ['options-twice', 'step "which" .*offers ok, ok: one of them twice', ''],
    // The world outside steps.
    ['world-kept', 'writes to the world after "keep it", outside a step', "step('keep it'"],
    ['world-kept-and-read', 'reads the world after "keep it", outside a step', "step('keep it'"],
    ['guard-writes', 'the guard of .*step "wait".*writes to the world', "when('wait'"],
    [
      'assigned-in-a-guard',
      'the guard of .*step "pool->dma_sync".*writes to the world',
      'dma_sync = true',
    ],
    [
      'options-write',
      'the list of options of .*step "which".*writes to the world',
      "choose('which'",
    ],
    // Functions.
    ['descends', 'before_defer\\(\\) is 101 calls deep.*without end', 'before_defer'],
    ['descends-within', 'calls itself without end', ''],
    ['forever', 'took more than 2000 steps without returning.*again\\(\\)', 'inflight'],
    [
      'too-few-arguments',
      'page_pool_return_page\\(\\) is called with 1 of its 2',
      'page_pool_return_page',
    ],
    ['called-too-early', 'is not iterable', 'page_pool_release'],
    [
      'effect-done-too-early',
      "step\\('napi off'\\) is given something that is no function",
      'napi off',
    ],
    ['step-returns-an-object', 'returned an object', 'all of it'],
    ['step-returns-a-view', 'returned an object', 'it = pool'],
    ['async-step', 'returned a promise', 'step('],
    ['async-function', 'is not (?:a function or its return value is not )?iterable.*not async', ''],
    ['no-star', 'is not (?:a function or its return value is not )?iterable.*with an asterisk', ''],
    ['passes-an-array', 'is called with an object.*\\.\\.\\.list', ''],
    ['carries-a-variable', 'carries something from one round to the next', ''],
    ['round-without-a-step', 'has a round without a step', ''],
  ])('%s', (id, says, line) => {
    const message = said(id)
    expect(message).toMatch(new RegExp(says))
    if (line !== '') expectLine(message, line)
  })
})

describe('a path ends with a violation that names function, step and line when', () => {
  it.each([
    ['a step throws', 'throws', 'step "BUG_ON.*driver is gone', 'throw new Error'],
    [
      'a function throws between two steps',
      'throws-between',
      'after "inflight".*nobody',
      'throw new Error',
    ],
    [
      'a page is asked for by number',
      'page-by-number',
      'page\\(0\\): there is no such element.*pfn_to_page\\(0\\) is page number 0',
      'w.page(n)',
    ],
    [
      'a slot is asked for by a page',
      'slot-by-page',
      'a reference to number 0.*the number of a slot.*indexOf',
      'slots(',
    ],
    [
      'a number is stored as a page',
      'number-stored-as-page',
      'pool.slots.page cannot hold 0: it is a reference to a page.*pfn_to_page\\(0\\)',
      'page = 0',
    ],
    [
      'an index is below zero',
      'slot-below-zero',
      'slots\\(-1\\): there is no such element',
      'slots(-1)',
    ],
    [
      'a read section is nested too deep',
      'too-deep',
      'task.rcu_nesting cannot hold 4: it goes from 0 to 3',
      'rcu_read_lock',
    ],
  ])('%s', (_, id, says, line) => {
    tried.push(id)
    const { found, complete } = search(design(id))
    const { detail, trace } = found.get('no-other-report')!
    expect(detail).toMatch(new RegExp(`^${id}: .*${says}`))
    expect(trace.length).toBeGreaterThan(0)
    expect(complete).toBe(true)
    if (line !== '') expectLine(detail, line)
  })
})

describe('a property is broken when', () => {
  it.each([
    ['a return is left out after a lock', 'never-unlocked', 'locks-are-balanced'],
    ['a lock is given back that was not taken', 'never-locked', 'locks-are-balanced'],
    ['a lock is held over a sleep', 'sleeps-under-a-lock', 'no-sleeping-while-atomic'],
  ])('%s', (_, id, property) => {
    tried.push(id)
    expect([...search(design(id)).found.keys()]).toContain(property)
  })
})

it('every mistake that is written down is tried', () => {
  expect(mistakes.map(({ id }) => id).filter((id) => !tried.includes(id))).toEqual([])
})

describe('what a design declares', () => {
  function* nothing(): Steps {
    yield* step('nothing', () => {})
  }
  it('is refused when it brings a function under a misspelt name', () => {
    const wrong = { ...deferredRelease, brings: { functions: { nic_remvoe: nothing } as never } }
    expect(() => machineOf(wrong, scopes.small)).toThrow(
      'deferred-release: "brings" has a function nic_remvoe(), and nobody calls it: nic_remove()',
    )
  })
  it('is refused when a field has the name of one that is there', () => {
    const wrong = { ...deferredRelease, fields: () => ({ user_cnt: counter(2) }) }
    expect(() => machineOf(wrong, scopes.small)).toThrow(
      'deferred-release: "fields" declares user_cnt, which struct page_pool has already',
    )
  })
  it('is refused when an event is of a context there is not', () => {
    const event = {
      context: 17,
      name: 'tick',
      sort: 'work',
      args: [],
      guard: () => true,
      fn: nothing,
    } as const
    const wrong = { ...deferredRelease, brings: { functions: {}, events: () => [event] } }
    expect(() => machineOf(wrong, scopes.small)).toThrow(
      'the event "tick" is of context 17, and there is none',
    )
  })
})
