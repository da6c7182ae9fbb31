/** One line that does not fit, and where it stands. */

export interface Place {
  readonly line: number
  /** Seconds of the capture's clock; null where it has none. */
  readonly time: number | null
  readonly cpu: number | null
}

/**
 * What does not hold: `sum` hold - release is not what is printed; `negative` more released than held;
 * `counter` a number of hold, release or cnt that cannot stand there; `page` a page released that is not
 * held; `taken` a page held by others and never released; `after destroy` a page allocated after the
 * first attempt; `after free` an event of a freed pool; `freed in flight`; `id` mem ids; `node`; `pfn`;
 * `time` a shutdown's seconds and attempts.
 */
export type Check =
  | 'sum'
  | 'negative'
  | 'counter'
  | 'page'
  | 'taken'
  | 'after destroy'
  | 'after free'
  | 'freed in flight'
  | 'id'
  | 'node'
  | 'pfn'
  | 'time'

export interface Finding {
  readonly check: Check
  readonly at: Place
  readonly says: string
  readonly allowed: string
  /** Up to 6 events before the line, and the line: `number: text`. */
  readonly window: readonly string[]
}
