/** The state of the model in the words of the recordings. */
import { indexOf, NONE } from '../engine/state/layout.ts'
import { BIAS_MAX } from '../model/world/memory/fragments.ts'
import { POOL_STATS } from '../model/world/statistics.ts'
import { mappings, type Device } from '../model/world/io/dma.ts'
import { truth } from '../model/ledger/truth.ts'
import { distance } from '../model/world/memory/in-flight.ts'
import { staleSlots } from '../model/world/io/ptr-ring.ts'
import type { Page, Pool, World } from '../model/world/world.ts'
import type { KernelId } from './recording.ts'
import { struct_device } from '../model/world/io/devices.ts'

export type PoolState = Readonly<Record<string, unknown>>
export type PageState = readonly (number | string | null)[]
export interface State {
  readonly pools: ReadonlyMap<string, PoolState>
  readonly pages: readonly PageState[]
  readonly dev: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly xdp: { ida: number[]; ht: number[]; next: number; rcu: number }
}
/** What only the one who runs the model knows. */
export interface Names {
  readonly kernel: KernelId
  readonly pools: ReadonlyMap<string, Pool>
  readonly devices: ReadonlySet<Device>
  readonly poolName: (pool: Pool) => string
  /** Milliseconds until release_dw runs; -1: it is not queued. */
  readonly retry: (pool: Pool) => number
  /** The number of the mapping whose address stands in the page; 0 is none. */
  readonly mapping: (page: Page) => number
  readonly freed: ReadonlySet<Page>
}

export const isAlive = (w: World, pool: Pool): boolean => truth(w).pool(pool).life === 'allocated'
export const liveMappings = (w: World): number => {
  let live = 0
  for (const page of truth(w).page.all) if (page.mapped) live += 1
  return live
}

export function stateOf(w: World, names: Names): State {
  const pools = new Map<string, PoolState>()
  for (const [name, pool] of names.pools) pools.set(name, poolState(w, pool, names))
  const where = places(w, names)
  const pages = w.page.refs.map((page) => pageState(w, page, where.get(page), names))
  const { mem } = w
  return {
    pools,
    pages,
    dev: Object.fromEntries(
      [...names.devices].map((dev) => [`d${dev}`, deviceState(w, dev)] as const),
    ),
    xdp: {
      ida: mem.mem_id_pool.toArray().map((id) => id + 1),
      ht: mem.mem_id_ht.toArray().map((id) => id + 1),
      next: mem.mem_id_next,
      rcu: mem.rcu_pending.toArray().length,
    },
  }
}

function deviceState(w: World, dev: Device): Record<string, number> {
  const { refcount, dma_ready, released } = struct_device(w, dev)
  return {
    ref: refcount,
    bound: Number(dma_ready),
    alive: Number(!released),
    mapped: mappings(w, dev),
  }
}
interface Tracked {
  readonly dma_mapped?: { readonly all: readonly { page: Page }[] }
}
function poolState(w: World, pool: Pool, names: Names): PoolState {
  const it = w.pool<Tracked>(pool)
  const hold = it.pages_state_hold_cnt
  const rel = it.pages_state_release_cnt
  if (!isAlive(w, pool)) return { alive: 0, hold, rel }
  return {
    alive: 1,
    hold,
    rel,
    infl: distance(hold, rel, 32),
    cache: it.alloc_cache.toArray().map(indexOf),
    ring: it.ring.toArray().map(indexOf),
    rsz: [it.ring_size, it.ring_batch],
    stale: staleSlots(it),
    frag:
      it.frag_page === NONE ? [NONE, 0, 0] : [indexOf(it.frag_page), it.frag_users, it.frag_offset],
    users: it.user_cnt,
    dcnt: it.destroy_cnt,
    nid: it.nid,
    retry: names.retry(pool),
    xid: it.xdp_mem_id,
    st: POOL_STATS.map((stat) => it.stats[stat]),
    ...(names.kernel === 'linux-6.1'
      ? {}
      : {
          dmamap: Number(it.dma_map),
          tracked: it.dma_mapped?.all.filter(({ page }) => page !== NONE).length ?? 0,
          sync: Number(it.dma_sync),
          id: it.id,
          cpuid: it.cpuid,
        }),
  }
}

/** In which containers each page is: the pools in their order, cache, ring, then page being cut. */
function places(w: World, names: Names): ReadonlyMap<Page, string> {
  const where = new Map<Page, string>()
  const add = (page: Page, place: string): void => {
    const before = where.get(page)
    where.set(page, before === undefined ? place : `${before}+${place}`)
  }
  for (const [name, pool] of names.pools) {
    if (!isAlive(w, pool)) continue
    const it = w.pool(pool)
    for (const page of it.alloc_cache.toArray()) add(page, `cache:${name}`)
    for (const page of it.ring.toArray()) add(page, `ring:${name}`)
    if (it.frag_page !== NONE) add(it.frag_page, `frag:${name}`)
  }
  return where
}

function pageState(w: World, page: Page, where: string | undefined, names: Names): PageState {
  const it = w.page(page)
  return [
    it.refcount,
    owner(w, it.pp, names),
    Number(it.pp_magic),
    Number(truth(w).page(page).mapped),
    names.mapping(page),
    it.dma_index,
    it.nid,
    it.pp_ref_count > BIAS_MAX / 2 ? `B${it.pp_ref_count - BIAS_MAX}` : it.pp_ref_count,
    where ?? (names.freed.has(page) ? 'free' : 'user'),
  ]
}
function owner(w: World, pool: Pool, names: Names): string | null {
  if (pool === NONE) return null
  return isAlive(w, pool) ? names.poolName(pool) : 'DEAD'
}
