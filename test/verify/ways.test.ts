/** A known violation does not hide a new one: what verify says of a design that got worse. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { call, step, type Steps } from '../../engine/step.ts'
import { NONE } from '../../engine/state/layout.ts'
import { linux612, Linux612 } from '../../model/kernels/linux-6-12.ts'
import type { Design } from '../../model/design.ts'
import { xarrayTracking, XarrayTracking } from '../../model/shutdown/xarray-tracking.ts'
import { parseScope } from '../../model/scope/parse.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import type { Pool, World } from '../../model/world/world.ts'
import { properties } from '../../properties/index.ts'
import { verifyDesign } from '../../verify/verify-design.ts'
import { covers, isDeclared, waysGone } from '../../verify/ways.ts'
import { unexpected } from '../../views/unexpected.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let stores = 0
/** Where the winner of the cmpxchg is not waited for, and where there can be a hole in the xarray. */
const onePage = parseScope('small,extraReferences=true')
const twoPages = parseScope('small,pages=2,rxSlots=2')

/** The walk of the scrub ends at the first empty slot instead of the end. */
const endsAtHole = (Of: typeof XarrayTracking | typeof Linux612) =>
  class extends (Of as typeof XarrayTracking) {
    override *unmap_slot(pool: Pool, slot: number): Steps<boolean> {
      const page = yield* step('xa_find(&pool->dma_mapped)', (w: World) => {
        const { dma_mapped } = w.pool(pool) as unknown as {
          dma_mapped: (slot: number) => { page: number }
        }
        return dma_mapped(slot).page
      })
      if (page === NONE) return false
      yield* call(this.unmap_tracked_page, pool, page)
      return true
    }
  }

function verdictsOn(design: Design, scope: Scope, breaks = design.breaks) {
  const { worlds: _, ...rest } = design
  const alone: Design = {
    ...rest,
    breaks,
    scopes: { searched: [scope] },
  }
  const store = join(folder, String((stores += 1)))
  const options = {
    seed: 1,
    runs: 0,
    commands: 0,
    milliseconds: 600_000,
    store,
    search: [],
  }
  const wanted = properties.filter(({ id }) => id === 'no-mapping-outlives-its-driver')
  const [verdict] = verifyDesign(alone, wanted, options)
  return { verdict: verdict!, said: unexpected(verdict!, alone) }
}

describe.each([
  { design: xarrayTracking, Of: XarrayTracking },
  { design: linux612, Of: Linux612 },
])('$design.id', ({ design, Of }) => {
  it('breaks no-mapping-outlives-its-driver in the one way it declares', () => {
    const { verdict, said } = verdictsOn(design, onePage)
    expect(verdict.ways.map(({ isDeclared }) => isDeclared)).toEqual([true])
    expect(verdict.gone).toEqual([])
    expect(verdict.expected).toBe(true)
    expect(said).toEqual([])
  })
  it('is unexpected when the walk ends at the first hole, though the property is broken as before', () => {
    const worse: Design = {
      ...design,
      functions: (scope) => new (endsAtHole(Of))(scope),
    }
    const { verdict, said } = verdictsOn(worse, twoPages)
    expect(verdict.outcome).toBe('violated')
    expect(verdict.expected).toBe(false)
    expect(said).toEqual([
      expect.stringContaining(
        'in a way that is not declared: "BUS_NOTIFY_UNBOUND_DRIVER in device_release_driver"',
      ),
    ])
  })
  it('is unexpected when a declared way is gone', () => {
    const declared = design.breaks['no-mapping-outlives-its-driver'] as Record<string, string>
    const { verdict, said } = verdictsOn(design, onePage, {
      'no-mapping-outlives-its-driver': { ...declared, 'kfree in page_pool_destroy': 'a test' },
    })
    expect(verdict.gone).toEqual(['kfree in page_pool_destroy'])
    expect(said.join('\n')).toContain('by "kfree in page_pool_destroy", and nothing was found')
  })
})

describe('a declared way', () => {
  it('accounts for what needs more interruptions, and not for what needs fewer or others', () => {
    expect(covers('put_page in f amid g', 'put_page in f amid g and h')).toBe(true)
    expect(covers('put_page in f', 'put_page in f amid g')).toBe(true)
    expect(covers('put_page in f amid g', 'put_page in f')).toBe(false)
    expect(covers('put_page in f amid g', 'put_page in f amid h')).toBe(false)
    expect(covers('put_page in f', 'put_page in g')).toBe(false)
  })
  it('that is only a reason stands for any', () => {
    expect(isDeclared('any', 'put_page in f')).toBe(true)
    expect(waysGone('any', [])).toEqual([])
  })
})
