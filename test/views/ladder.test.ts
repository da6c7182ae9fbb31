/** What a reader is told of a counterexample: outcomes, reports, frames, names, and what it needs. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { designs } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { scopes } from '../../model/scope/named.ts'
import { contexts } from '../../model/world/sync/context.ts'
import { properties } from '../../properties/index.ts'
import { read } from '../../verify/store.ts'
import { behaviourOf, type Behaviour } from '../../verify/behaviour/behaviour.ts'
import { ladder } from '../../views/ladder.ts'
import { truthWords } from '../../verify/behaviour/names.ts'
import { stepList } from '../../views/step-list.ts'
import { story } from '../../views/story.ts'

const folder = fileURLToPath(new URL('../../counterexamples', import.meta.url))
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1, -'.json'.length))
  .sort()
  // One of every property: further ways to break the same, and other worlds, are told alike.
  .filter((file) => !basename(file).includes('.'))
  .filter((file) => file.split('/').length === 2 || file.startsWith('linux-6.12/'))

function told(file: string): { behaviour: Behaviour; text: string; steps: string } {
  const it = read(join(folder, `${file}.json`))
  const design = designs.find(({ id }) => id === it.design)!
  const behaviour = behaviourOf(design, properties, it)
  return { behaviour, text: story(design, behaviour), steps: stepList(behaviour) }
}
/** As it would be on one line: how it is wrapped decides nothing. */
const flat = (text: string): string => text.replaceAll(/\s+/g, '')
const says = (text: string, what: string): boolean => flat(text).includes(flat(what))
const lineOf = (text: string, what: string): string =>
  text.split('\n').find((line) => line.includes(what)) ?? `no line has "${what}"`
const indentOf = (text: string, what: string): number => lineOf(text, what).search(/\S/)

describe.each(files)('the ladder of %s', (file) => {
  it('fits a mail, shows every report on the way and the whole path to the violation', () => {
    const { behaviour, text, steps } = told(file)
    const { moments, noReturn, counterexample } = behaviour
    expect(text.split('\n').filter((line) => line.length > 72)).toEqual([])
    for (const report of moments.flatMap(({ reports }) => reports))
      expect(says(text, report), report).toBe(true)
    const last = moments.at(-1)!
    const path = last.stack.map(({ fn }) => fn).toReversed()
    if (path.length > 0) expect(says(text, `in ${path.join(' <- ')}`), path.join()).toBe(true)
    expect(says(text, last.name.step === 'start' ? last.name.fn : last.name.step)).toBe(true)
    expect(says(text, `*** ${counterexample.property}: ${counterexample.detail}`)).toBe(true)
    const shown = noReturn !== moments.length - 1
    expect(text.includes(' point of no return ')).toBe(shown)
    expect(/Point of no return: step \d+ of \d+/.test(text)).toBe(shown)
    expect(steps).not.toMatch(/\btask\[\d|(?:lock|cache): (?:.* -> )?\d/)
    expect(text).toMatch(/^why {5}(?!the same\.?$)/m)
    expect(text).toMatch(/^needs {3}/m)
  })
})
it('most ladders are no longer than a page', () => {
  const lengths = files
    .filter((_, i) => i % 4 === 0)
    .map((file) => ladder(told(file).behaviour).split('\n\n')[0]!.split('\n').length - 2)
    .toSorted((a, b) => a - b)
  expect(lengths[lengths.length >> 1]).toBeLessThanOrEqual(38)
})

describe('an outcome is told with the step', () => {
  const lost = told('xarray-tracking/no-page-freed-while-mapped')
  it('of a cmpxchg: who won and who lost', () => {
    expect(says(lost.text, 'xa_cmpxchg(&pool->dma_mapped, id, page, NULL) -> won')).toBe(true)
    expect(says(lost.text, 'xa_cmpxchg(&pool->dma_mapped, id, page, NULL) -> lost')).toBe(true)
  })
  it('of a comparison that fails: what was compared', () => {
    expect(lost.text).toContain('page_ref_count(page) == 1 -> no, 2')
  })
  it('of a test: what the C expression says, and not what the model made of it', () => {
    expect(lost.steps).toContain('if (!pool->dma_map) -> no')
    expect(lost.steps).toContain('if (!pool->destroy_cnt++ && pool->dma_map) -> yes')
  })
  it('of a read: the value, a page or a pool by its name, and nothing as NULL', () => {
    expect(lost.steps).toContain('pp = page->pp -> pool 0')
    expect(lost.steps).toContain('xa_find(&pool->dma_mapped) -> page 0')
    expect(lost.steps).toContain('page = rq->ring[i] -> NULL')
    expect(lost.steps).toContain('pool->alloc.count -> 0')
    const { text } = told('destroy-count-only/nothing-left-at-rest')
    expect(text).toContain('atomic_read(&pool->destroy_cnt) -> 1')
  })
  it('of a node: the one that was compared with the preferred one', () => {
    const { text } = told('numa-refill-merged/no-allocation-fails-with-pages')
    expect(text).toContain('page_to_nid(page) == pref_nid -> no, node 0')
  })
  it('of a call that ran to its end: what it returned', () => {
    const { text } = told('linux-6.12/no-unmap-after-unbind')
    expect(text).toContain('page_pool_inflight() -> 1')
  })
  it('of a step that returns nothing: none', () => {
    expect(lineOf(lost.steps, 'page->pp_magic = 0')).toMatch(/= 0$/)
  })
})

describe('what the violation is about is never folded away', () => {
  it('the first of two unmaps, the last put, and who saw the xarray empty', () => {
    const mapped = told('xarray-tracking/no-page-freed-while-mapped').text
    expect(mapped).toContain('*** put_page(page)')
    expect(mapped.indexOf('-> won')).toBeLessThan(mapped.indexOf('-> lost'))
    expect(told('page-scan-destroy-lock/no-sync-of-an-unmapped-page').text).toContain(
      'dma_unmap_page_attrs(pool->p.dev)',
    )
    expect(told('linux-6.12/no-use-of-freed-device').text).toContain(
      'xa_empty(&pool->dma_mapped) -> yes',
    )
  })
  it('an event that overtakes a context is opened, however whole it ran', () => {
    const { text } = told('deferred-release/late-unlink/nothing-left-at-rest')
    expect(text).toContain('WRITE_ONCE(pool->p.napi, NULL)')
  })
})

describe('frames', () => {
  it('that are open end in a brace, those that ran to their end do not', () => {
    const { text } = told('deferred-release/no-unmap-after-unbind')
    expect(text).toContain('device_release_driver() {')
    expect(text).toMatch(/ page_pool_destroy\(\)$/m)
  })
  it('are indented under their callers, at any depth', () => {
    const { text } = told('xarray-tracking/no-page-freed-while-mapped')
    const path = 'pci_stop_and_remove_bus_device device_release_driver nic_remove page_pool_destroy'
    const depths = [...path.split(' '), 'page_pool_release', 'page_pool_scrub', 'unmap_tracked']
    const indents = depths.map((fn) => indentOf(text, ` ${fn}() {`))
    expect(indents).toEqual(indents.map((_, i) => indents[0]! + i))
  })
  it('are named again where a context goes on after a switch', () => {
    const { text } = told('linux-6.12/no-use-of-freed-device')
    expect(text).toContain(
      '[task] ... page_pool_release_page_dma() > __page_pool_unmap_netmem_dma()',
    )
  })
  it('of the driver core are those of dd.c and core.c', () => {
    const { text } = told('deferred-release/no-dma-after-iommu-release')
    const release = indentOf(text, 'device_release_driver() {')
    expect(indentOf(text, 'device_unbind_cleanup()')).toBe(release + 1)
    expect(indentOf(text, 'device_del() {')).toBe(release)
    const pending = told('linux-6.12/no-use-of-freed-device').text
    const inner = indentOf(pending, 'device_release_driver() {')
    expect(indentOf(pending, 'BUS_NOTIFY_UNBOUND_DRIVER')).toBe(inner + 1)
    expect(indentOf(pending, 'put_device(dev)')).toBe(inner)
  })
})

describe('the list of steps', () => {
  it('names contexts where a lock, a cache or a grace period has one', () => {
    const { steps } = told('linux-6.12/queue-restart/nothing-left-at-rest')
    expect(steps).toContain('pool[0].consumer_lock: NULL -> CPU 1 rtnl')
    expect(steps).toContain('truth: pool 0, who is inside alloc.cache: NULL -> CPU 0 softirq')
    expect(steps).toContain('CPU 1 rtnl: grace period waits for: none -> CPU 0 softirq')
  })
  it('has words for whatever the ledger keeps of a page, a pool or an allocator', () => {
    for (const scope of [scopes.corner, scopes.numa, scopes.fragments, scopes['queue-restart']]) {
      const { slots } = machineOf(designs[0]!, scope).layout
      const fields = slots
        .filter(({ path }) => path.startsWith('.ledger.') && !path.includes('.seen.'))
        .map(({ path }) => path.slice(path.lastIndexOf('.') + 1))
      expect(fields.filter((field) => !(field in truthWords))).toEqual([])
    }
  })
  it('numbers no context', () => {
    const { steps } = told('deferred-release/no-lock-in-freed-memory')
    for (const [i] of contexts.entries()) expect(steps).not.toContain(`lock: NULL -> ${i}`)
  })
})

describe('below the ladder', () => {
  const needs = (file: string): string => flat(told(file).text.split('\nneeds')[1]!)
  it('a trace that needs no race says so, and one that does says who stands where', () => {
    expect(needs('deferred-release/no-unmap-after-unbind')).toContain(flat('no race'))
    expect(needs('linux-6.12/no-unmap-after-unbind')).toContain(
      flat('CPU 0 task to stand in __page_pool_unmap_netmem_dma() while CPU 1 rtnl runs'),
    )
  })
  it('CONFIG_PREEMPT is needed only where the trace fails without it', () => {
    expect(needs('linux-6.12/one-reference/no-use-of-freed-device')).toMatch(
      /^.*[^o]CONFIG_PREEMPT:without/,
    )
    expect(needs('linux-6.12/no-unmap-after-unbind')).toContain(flat('no CONFIG_PREEMPT'))
  })
  it('a softirq that has to run beside rtnl is named', () => {
    expect(needs('deferred-release/no-lock-in-freed-memory')).toContain(flat('on a CPU of its own'))
  })
  it('failures, second references, other users of a page and delayed work are named', () => {
    expect(needs('mem-id-insert-leak/no-mem-id-leaked')).toContain(
      flat('an injected failure: rhashtable_insert_slow(mem_id_ht) -> fails'),
    )
    expect(needs('xarray-tracking/no-mapping-unmapped-twice')).toMatch(
      /splice\(\)takesapagereference,sothat.*somebodyelseallocatesapage/,
    )
    expect(needs('linux-6.12/percpu-pool/nothing-left-at-rest')).toContain(flat('release_dw runs'))
  })
  it('the reason is that of the world, and one that goes on from another brings it along', () => {
    const world = told('linux-6.12/one-reference/no-use-of-freed-device').text
    expect(says(world, 'why a returner has seen dma_sync and is preempted')).toBe(true)
    const same = told('deferred-release/no-lock-in-freed-memory').text
    expect(says(same, 'That is: page_pool_recycle_in_ring() goes on in the ring')).toBe(true)
  })
  it('a point of no return that is the last step is not told', () => {
    expect(told('xarray-tracking/no-page-freed-while-mapped').text).not.toContain('no return')
  })
})
