/** A label is a statement of the kernel, and a trace is believed because of it: what it names, its step touches. */
import { expect, it } from 'vitest'
import { VisitedSet } from '../../engine/state/visited-set.ts'
import { designs, type Design } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { namedScopes, parseScope } from '../../model/scope/parse.ts'
import type { Scope } from '../../model/scope/bounds.ts'

const byId = (id: string): Design => designs.find((it) => it.id === id)!
/** Together they have every step of the model that searches take. */
const looked: readonly (readonly [string, Scope])[] = [
  ['deferred-release', parseScope('corner,holders=socket+defrag+defer+redirect')],
  ['page-scan-destroy-lock', namedScopes.get('small')!],
  ['destroy-count-only', namedScopes.get('small')!],
  ['linux-6.12', parseScope('corner,holders=socket+defer')],
  ['linux-6.12', namedScopes.get('queue-restart')!],
  ['linux-6.12', namedScopes.get('bulk-return')!],
  ['linux-6.12', namedScopes.get('fragments')!],
  ['linux-6.12', namedScopes.get('percpu-pool')!],
  ['xarray-tracking', namedScopes.get('small')!],
  ['numa-check-on-put', namedScopes.get('corner-numa')!],
  ['numa-refill-v3', namedScopes.get('corner-numa')!],
  ['mem-id-insert-fixed', namedScopes.get('corner')!],
]
const STATES = 15_000
/** A step is looked at so often: what it touches depends on the state. */
const OFTEN = 40

/** What the state calls otherwise than the kernel, and why. */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  // A list of pages stands for an array and its count, or its indices.
  count: ['alloc_cache'],
  cache: ['alloc_cache'],
  queue: ['ring'],
  consumer_head: ['ring'],
  producer: ['ring'],
  next: ['flushing'],
  q: ['bq'],
  ring: ['rx_ring'],
  // rq->page_pool; the pool of a frame is read from its page, as __xdp_return() does since 5.14.
  page_pool: ['pool', 'pp'],
  // A pointer to a function: what it sets up.
  dma_configure: ['dma_ready'],
  // The head of an allocator: what its callback waits for.
  rcu: ['gp_wait'],
  // The driver's NAPI is a flag in its structure, and is owned by CPU 0 while it is scheduled.
  napi: ['napi_enabled'],
  list_owner: ['napi_scheduled'],
  // mem.id, and the table it is looked up in.
  id: ['mem_id', 'mem_id_ht'],
}
/** Labels that name what their step does not touch, each with its reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  'if (r->producer >= r->size) r->producer = 0':
    'a list has no index to wrap; the step is there because it reads the pool once more',
  'napi_assert_will_not_race(pool->p.napi)': 'the step before has read the pointer',
  'page_pool_put_page(xa->page_pool)': 'an allocator of its family stands for its pool',
}

const CHAIN = /[a-z_]\w*(?:(?:->|\.)[a-z_]\w*)+/g
const fieldsIn = (label: string): string[] =>
  [...label.matchAll(CHAIN)].map(([chain]) => chain.split(/->|\./).at(-1)!)
const nameIn = (path: string): string[] => path.split(/[.[\]]+/).filter((it) => it !== '')

const done = new Map<string, Map<string, Set<string>>>()
function touchedBy(design: Design, scope: Scope): Map<string, Set<string>> {
  const key = `${design.id} ${scope.name}`
  const found = done.get(key) ?? looksAt(design, scope)
  done.set(key, found)
  return found
}
function looksAt(design: Design, scope: Scope): Map<string, Set<string>> {
  const machine = machineOf(design, scope)
  const { slots } = machine.layout
  const touched = new Map<string, Set<string>>()
  const seen = new Map<string, number>()
  const known = new VisitedSet(machine.words.length)
  machine.reset()
  known.intern(machine.words)
  for (let state = 0; state < known.size && known.size < STATES; state += 1) {
    known.load(state, machine.words)
    for (const move of machine.moves.slice(0, machine.enabled())) {
      known.load(state, machine.words)
      const { step } = machine.name(move)
      const times = (seen.get(step) ?? 0) + 1
      seen.set(step, times)
      if (step !== 'start' && times <= OFTEN) {
        const { read, written } = machine.observe(move)
        const names = touched.get(step) ?? new Set<string>()
        touched.set(step, names)
        for (const { word, shift, mask, path } of slots)
          if (((read[word]! | written[word]!) >>> shift) & mask)
            for (const name of nameIn(path)) names.add(name)
      } else machine.fire(move)
      if (!machine.reports.some(({ fatal }) => fatal)) known.intern(machine.words)
    }
  }
  return touched
}

it.each(looked)('of %s: every variable that a label names is touched by its step', (id, scope) => {
  const touched = touchedBy(byId(id), scope)
  const lies = [...touched].flatMap(([label, names]) =>
    fieldsIn(label)
      .filter((field) => !names.has(field) && !(CALLED[field] ?? []).some((it) => names.has(it)))
      .filter(() => !(label in ALLOWED))
      .map((field) => `${label}: ${field} (touches ${[...names].join(', ')})`),
  )
  expect(touched.size).toBeGreaterThan(5)
  expect(lies).toEqual([])
})
it('no reason is left over', () => {
  const labels = new Set(looked.flatMap(([id, scope]) => [...touchedBy(byId(id), scope).keys()]))
  expect(Object.keys(ALLOWED).filter((label) => !labels.has(label))).toEqual([])
})
