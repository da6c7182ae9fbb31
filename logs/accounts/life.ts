/** One pool from its first event to its last: a `struct page_pool` address may have many lives. */
import type { HeldPage } from '../holders/outstanding.ts'
import { placeOf, type Where } from '../text/where.ts'
import { Numbers } from './numbers.ts'
import type { Check } from '../report/finding.ts'

/** The last events of the pool, as text. */
export type Window = () => readonly string[]

/** A page that was held and not yet released. */
export interface Holding extends HeldPage {
  readonly life: Life
  readonly hashed: boolean
  stack: string
  /** The same pool held the same page before, and no release was seen in between. */
  older: Holding | undefined
  /** Where somebody held this page while this pool still counts it. */
  taken: (Where & { readonly pool: string; readonly window: readonly string[] }) | undefined
}

/** Something no behaviour of the model explains. */
export interface Contradiction {
  readonly check: Check
  readonly where: Where
  readonly says: string
  /** What the model would have allowed in this place. */
  readonly allowed: string
  /** Events of this pool up to the line. */
  readonly window: readonly string[]
  /** If events were lost between there and here, this may have another cause. Undefined: certain in any case. */
  readonly since: Where | undefined
  /** Certain only if all other numbers of this counter were seen: else text may be garbled where lines are missing. */
  readonly of?: 'hold' | 'release'
  /** The number may have lost its last digits; `at the end`: if it is the last line. */
  readonly cut?: 'somewhere' | 'at the end' | undefined
}

/** Successive release attempts that found the same number in flight. */
export interface Run {
  readonly inflight: number
  times: number
  from: Where
}

export interface Attempts {
  /** How many were seen. */
  count: number
  first: Where | undefined
  last: Where | undefined
  /** Unwrapped: the counters as the last attempt read them; NaN before the first. */
  hold: number
  release: number
  inflight: number
  /** destroy_cnt of the last one; NaN: not printed. */
  cnt: number
  /** destroy_cnt, as printed by each attempt. */
  readonly cnts: Numbers
  readonly runs: Run[]
}

/** Numbers of one counter in the order of the lines: enough to see one that stands in another's place. */
export interface Tail {
  before: number
  number: number
  where: Where | undefined
}
export interface Outlier {
  readonly number: number
  /** What should have stood there. */
  readonly due: number
  readonly where: Where
  readonly window: readonly string[]
}

export type Ending = 'freed' | 'freed by force' | 'freed unseen'

const MOST_CONTRADICTIONS = 16
/** How many runs of attempts are kept word by word. */
export const MOST_RUNS = 64
/** Releases without a hold that are kept to be matched with a hold printed later. */
export const MOST_ORPHANS = 1024

export class Life {
  readonly pool: string
  readonly first: Where
  last: Where
  /** The greatest time of its events. */
  latest = -Infinity
  /** Where the pool that was at this address before was freed. */
  readonly after: Where | undefined
  readonly holds = new Numbers()
  readonly releases = new Numbers()
  /** Hold and release events seen, with or without a number. */
  held = 0
  released = 0
  holdTop: Where | undefined
  releaseTop: Where | undefined
  readonly holdTail: Tail = { before: 0, number: NaN, where: undefined }
  readonly releaseTail: Tail = { before: 0, number: NaN, where: undefined }
  readonly outliers: Outlier[] = []
  readonly releaseOutliers: Outlier[] = []
  readonly cntTail: Tail = { before: 0, number: NaN, where: undefined }
  readonly cntOutliers: Outlier[] = []
  readonly pages = new Map<number, Holding>()
  readonly orphans = new Map<number, Where & { readonly window: readonly string[] }>()
  /** Pages that others held while this pool counted them. */
  taken = 0
  /** Releases of pages that were held before the capture began. */
  earlier = 0
  readonly attempts: Attempts = {
    count: 0,
    first: undefined,
    last: undefined,
    hold: NaN,
    release: NaN,
    inflight: NaN,
    cnt: NaN,
    cnts: new Numbers(),
    runs: [],
  }
  /** A mem id, and whether its mem_connect and mem_disconnect were seen. */
  readonly ids = new Map<number, { connected: boolean; disconnected: Where | undefined }>()
  nid: (Where & { readonly nid: number }) | undefined
  ended: { readonly how: Ending; readonly where: Where } | undefined
  /** Its attempts show that the clock of the capture counts seconds. */
  inSeconds = false
  /** How often hold or cnt ran back. */
  stepsBack = 0
  /** 5.3, 5.4: in flight was 0 when last asked. */
  drained = false
  readonly contradictions: Contradiction[] = []
  readonly doubts: string[] = []

  constructor(pool: string, first: Where, after?: Where) {
    this.after = after
    this.pool = pool
    this.first = first
    this.last = first
  }
  contradict(it: Contradiction): void {
    if (this.contradictions.length < MOST_CONTRADICTIONS) this.contradictions.push(it)
  }
  /** An event of this pool stands here. */
  touch(where: Where): void {
    if (where.line > this.last.line) this.last = placeOf(where)
    if (where.time > this.latest) this.latest = where.time
  }
}
