/**
 * The calibration model `pp-shutdown`: a deliberately simple page_pool shutdown, used only to measure
 * explorers against each other (three independent tools agreed on its counts). It is written in the
 * same words as the real model and knows nothing of it.
 */
import {
  array,
  counter,
  flag,
  indexOf,
  layout,
  NONE,
  oneOf,
  record,
  ref,
  uint,
  type Layout,
  type Ref,
  type View,
} from '../../engine/state/layout.ts'
import { Machine, type Start } from '../../engine/program/machine.ts'
import { again, call, choose, step, type Steps } from '../../engine/step.ts'
import type { Report } from '../../engine/system.ts'

export interface Size {
  readonly pages: number
  readonly returners: number
  readonly ring: number
  /** Width of the counters in bits. */
  readonly bits: number
  readonly variant: 'defer' | 'xarray'
}
export const sizes = {
  S: { pages: 3, returners: 2, ring: 2, bits: 3, variant: 'xarray' },
  M: { pages: 3, returners: 2, ring: 2, bits: 6, variant: 'xarray' },
  L: { pages: 4, returners: 2, ring: 2, bits: 5, variant: 'xarray' },
  XL: { pages: 4, returners: 2, ring: 2, bits: 8, variant: 'xarray' },
} as const satisfies Record<string, Size>

const CACHE = 2
const fields = (size: Size) => ({
  page: array('page', size.pages, {
    own: oneOf('free', 'cache', 'ring', 'driver', 'skb', 'hand'),
    hand: ref('returner', size.returners),
    map: flag(),
  }),
  returner: array('returner', size.returners, { pc: uint(255) }),
  destroyer: record({ pc: uint(255) }),
  pool: record({
    hold: counter(size.bits),
    release: counter(size.bits),
    disconnected: flag(),
    destroying: flag(),
    freed: flag(),
    returned: flag(),
    bound: flag(),
  }),
})
type State = View<ReturnType<typeof fields>>
type Page = Ref<'page'>

class World {
  readonly page: State['page']
  readonly pool: State['pool']
  readonly size: Size
  readonly report: (kind: string) => void
  constructor(size: Size, state: State, out: (report: Report) => void) {
    this.size = size
    this.page = state.page
    this.pool = state.pool
    this.report = (kind) => out({ kind, detail: kind, fatal: true })
  }
  count(own: 'cache' | 'ring'): number {
    let count = 0
    for (const page of this.page.all) if (page.own === own) count += 1
    return count
  }
  inflight(): number {
    const modulus = 1 << this.size.bits
    const difference = (this.pool.hold - this.pool.release) & (modulus - 1)
    return difference >= modulus / 2 ? difference - modulus : difference
  }
}

class PpShutdown {
  private readonly size: Size
  constructor(size: Size) {
    this.size = size
  }

  *put(page: Page): Steps {
    if (yield* call(this.recycle, page)) return
    yield* step('unmap', (w: World) => {
      this.touch(w)
      this.unmap(w, page)
    })
    yield* step('count', (w: World) => {
      this.touch(w)
      w.pool.release += 1
      if (w.inflight() < 0) w.report('negative in-flight')
    })
    yield* step('putPage', (w: World) => {
      this.free(w, page)
    })
  }
  *recycle(page: Page): Steps<boolean> {
    const destroying = yield* step('readFlag', (w: World) => {
      this.touch(w)
      return w.pool.destroying
    })
    if (destroying) return false
    return yield* step('ringPut', (w: World) => {
      this.touch(w)
      if (w.count('ring') >= w.size.ring) return false
      w.page(page).own = 'ring'
      w.page(page).hand = NONE
      return true
    })
  }

  *destroy(): Steps {
    yield* step('setFlag', (w: World) => {
      w.pool.destroying = true
    })
    for (;;) {
      yield* again('emptyCache')
      if (!(yield* this.each('emptyCache', 'cache'))) break
    }
    while (this.size.variant === 'xarray') {
      yield* again('walk')
      if (!(yield* this.walk())) break
    }
    for (;;) {
      yield* again('release')
      if (!(yield* this.release())) return
    }
  }
  *each(label: string, own: 'cache' | 'ring'): Steps<boolean> {
    return yield* choose(
      label,
      (w: World) => {
        const pages = w.page.refs.filter((page) => w.page(page).own === own)
        return pages.length === 0 ? LAST : pages
      },
      (w: World, page) => {
        if (page === NONE) return false
        this.unmap(w, page)
        w.pool.release += 1
        this.free(w, page)
        return true
      },
    )
  }
  *walk(): Steps<boolean> {
    return yield* choose(
      'walk',
      (w: World) => {
        const pages = w.page.refs.filter((page) => w.page(page).map)
        return pages.length === 0 ? LAST : pages
      },
      (w: World, page) => {
        if (page === NONE) return false
        if (!w.pool.bound) w.report('unmap after unbind')
        w.page(page).map = false
        return true
      },
    )
  }
  *release(): Steps<boolean> {
    for (;;) {
      yield* again('scrub')
      if (!(yield* this.each('scrub', 'ring'))) break
    }
    const left = yield* step('check', (w: World) => {
      const inflight = w.inflight()
      if (inflight < 0) w.report('negative in-flight')
      w.pool.returned = true
      if (inflight === 0) w.pool.freed = true
      return inflight !== 0
    })
    if (!left) return false
    yield* step('retry', () => {})
    return true
  }

  private touch(w: World): void {
    if (w.pool.freed) w.report('use of the freed pool')
  }
  private free(w: World, page: Page): void {
    w.page(page).own = 'free'
    w.page(page).hand = NONE
  }
  private unmap(w: World, page: Page): void {
    const it = w.page(page)
    if (this.size.variant === 'defer' && !it.map) w.report('double unmap')
    else if (it.map && !w.pool.bound) w.report('unmap after unbind')
    it.map = false
  }
}
const LAST = [NONE] as const
function* instant(): Steps {}

/** The allocating side, the stack and the driver core: single atomic events. */
function events(declared: Declared, design: PpShutdown): Start<World>[] {
  const pages = declared.members('page')
  const returners = declared.members('returner')
  const environment = returners.length + 1
  const event = (
    name: string,
    args: readonly number[],
    it: Pick<Start<World>, 'guard' | 'effect'>,
  ) =>
    ({
      context: environment,
      name,
      sort: 'work',
      args,
      says: args.map(indexOf).join(),
      fn: instant,
      ...it,
    }) as const
  const own = (w: World, page: Page, from: string): boolean =>
    !w.pool.disconnected && w.page(page).own === from
  const perPage = pages.map((page): Start<World>[] => [
    event('allocCache', [page], {
      guard: (w) => own(w, page, 'cache'),
      effect: (w) => {
        w.page(page).own = 'driver'
      },
    }),
    event('refill', [page], {
      guard: (w) => own(w, page, 'ring') && w.count('cache') === 0,
      effect: (w) => {
        w.page(page).own = 'cache'
      },
    }),
    event('allocSlow', [page], {
      guard: (w) => own(w, page, 'free') && w.count('cache') + w.count('ring') === 0,
      effect: (w) => {
        w.page(page).own = 'driver'
        w.page(page).map = true
        w.pool.hold += 1
      },
    }),
    event('xmit', [page], {
      guard: (w) => own(w, page, 'driver'),
      effect: (w) => {
        w.page(page).own = 'skb'
      },
    }),
    event('recycle', [page], {
      guard: (w) => own(w, page, 'driver') && w.count('cache') < CACHE,
      effect: (w) => {
        w.page(page).own = 'cache'
      },
    }),
    ...returners.map((returner): Start<World> => ({
      context: indexOf(returner),
      name: 'pick',
      sort: 'end',
      args: [page],
      says: `${indexOf(page)}`,
      guard: (w) => {
        const { own } = w.page(page)
        return own === 'skb' || (own === 'driver' && w.pool.disconnected)
      },
      effect: (w) => {
        w.page(page).own = 'hand'
        w.page(page).hand = returner
      },
      fn: design.put as Start<World>['fn'],
    })),
  ])
  return [
    ...perPage.flat(),
    {
      context: returners.length,
      name: 'disconnect',
      sort: 'end',
      args: [],
      guard: (w) => !w.pool.disconnected,
      effect: (w) => {
        w.pool.disconnected = true
      },
      fn: design.destroy as Start<World>['fn'],
    },
    event('unbind', [], {
      guard: (w) => w.pool.returned && w.pool.bound,
      effect: (w) => {
        w.pool.bound = false
      },
    }),
  ]
}

export type Interchangeable = 'page' | 'returner'
type Declared = Layout<ReturnType<typeof fields>>

/** @param interchangeable of `page` and `returner`, which members a symmetry may exchange. */
export function ppShutdown(
  size: Size,
  interchangeable: readonly Interchangeable[] = [],
): Machine<ReturnType<typeof fields>, World> {
  const declared = layout(fields(size), interchangeable)
  const design = new PpShutdown(size)
  return new Machine({
    layout: declared,
    world: (view, report) => new World(size, view, report),
    initial: (w) => {
      w.pool.bound = true
    },
    contexts: [
      ...Array.from({ length: size.returners }, (_, c) => `returner ${c}`),
      'destroyer',
      'environment',
    ],
    control: (context) => {
      if (context > size.returners) return undefined
      return context === size.returners ? '.destroyer.pc' : `.returner[${context}].pc`
    },
    mayRun: () => true,
    mayStart: () => true,
    starts: events(declared, design),
    self: design,
  })
}
